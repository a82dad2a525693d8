"""How facts and figures are stored: one generation of rows per fold of the log."""

from metrics.store import cases, directory, exports, facts, positions, rebuilds, reports, statements

__all__ = [
    "cases",
    "directory",
    "exports",
    "facts",
    "positions",
    "rebuilds",
    "reports",
    "statements",
]
