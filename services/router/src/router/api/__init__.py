"""The router's addresses."""

from router.api.backtests import BacktestDeps, backtest_routes
from router.api.rulesets import MODELS_PATH, Deps, models, publishing, routes

__all__ = [
    "MODELS_PATH",
    "BacktestDeps",
    "Deps",
    "backtest_routes",
    "models",
    "publishing",
    "routes",
]
