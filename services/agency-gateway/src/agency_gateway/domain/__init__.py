"""The rules of a complaint's life. Frozen values and pure functions; no framework."""
