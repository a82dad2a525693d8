"""Yardsticks: processes that move the same bytes and write the same rows, and decide nothing."""
