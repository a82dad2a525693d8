"""What happens: folding the log, answering questions, rebuilding."""
