"""The router's addresses."""

from router.api.backtests import BacktestDeps, backtest_routes
from router.api.rulesets import Deps, routes

__all__ = ["BacktestDeps", "Deps", "backtest_routes", "routes"]
