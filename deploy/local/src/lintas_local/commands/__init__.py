"""One file per command of `lintas`; each translates between the terminal and a room."""
