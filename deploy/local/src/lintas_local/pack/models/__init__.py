"""What each file of a city pack may say: one module per file, strict and closed."""
