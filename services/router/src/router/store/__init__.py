"""What the router keeps in its own database, off the hot path."""

from router.store import backtests, corpus, rulesets

__all__ = ["backtests", "corpus", "rulesets"]
