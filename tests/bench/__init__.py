"""Benchmarks: each service beside a yardstick that does the same input and output with no logic."""
