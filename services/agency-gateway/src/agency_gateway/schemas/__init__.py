"""The HTTP shapes: strict models for what comes in, plain ones for what goes out."""
