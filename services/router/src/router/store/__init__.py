"""What the router keeps in its own database; none of it is on the way from mention to decision."""

from router.store import backtests, corpus, models, publications, rulesets

__all__ = ["backtests", "corpus", "models", "publications", "rulesets"]
