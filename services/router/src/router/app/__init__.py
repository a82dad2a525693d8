"""The router, put together: the service, and what the operator's tool uses without one."""

from router.app.service import SETTINGS, create_app, from_environment, migrate
from router.app.tool import (
    backtest,
    backtest_page,
    backtest_problem,
    deciding,
    linted,
    offline,
    replaying,
)
from router.domain import Confusion, LabelScore, measure, suggesting
from router.settings import SERVICE

#: `suggesting` reads texts and suggests by a trained model: what training shares with deciding;
#: `measure` says how good answers are: what evaluating shares with backtests
__all__ = [
    "SERVICE",
    "SETTINGS",
    "Confusion",
    "LabelScore",
    "backtest",
    "backtest_page",
    "backtest_problem",
    "create_app",
    "deciding",
    "from_environment",
    "linted",
    "measure",
    "migrate",
    "offline",
    "replaying",
    "suggesting",
]
