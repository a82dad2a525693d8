"""Whom the router asks: one file per neighbour."""
