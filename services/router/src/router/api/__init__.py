"""The router's addresses."""

from router.api.backtests import BacktestDeps, backtest_routes
from router.api.corpus import CorpusDeps, corpus_routes
from router.api.rulesets import (
    MODELS_PATH,
    Deps,
    model_routes,
    publication_routes,
    ruleset_routes,
)

__all__ = [
    "MODELS_PATH",
    "BacktestDeps",
    "CorpusDeps",
    "Deps",
    "backtest_routes",
    "corpus_routes",
    "model_routes",
    "publication_routes",
    "ruleset_routes",
]
