"""The words, identifiers and refusals of Lintas. Standard library only."""
