"""Rules and models held against files of which somebody said what is right."""
