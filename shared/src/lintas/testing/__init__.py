"""In-memory twins that pass the same suites as the real things, and builders of test data."""
