"""The authority on complaints: agencies answer together, confirmed before publishing."""
