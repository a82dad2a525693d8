"""The HTTP shapes of rule sets and explanations."""

from router.schemas.backtests import (
    BacktestIn,
    BacktestOut,
    FlipOut,
    LoadOut,
    MeasuredOut,
    ResultOut,
)
from router.schemas.explaining import Explained, ExplainIn
from router.schemas.publishing import Advice, Linted, Page, PublishIn, StoredOut, StoredWithDocument
from router.schemas.rulesets import RulesetDocument

__all__ = [
    "Advice",
    "BacktestIn",
    "BacktestOut",
    "ExplainIn",
    "Explained",
    "FlipOut",
    "Linted",
    "LoadOut",
    "MeasuredOut",
    "Page",
    "PublishIn",
    "ResultOut",
    "RulesetDocument",
    "StoredOut",
    "StoredWithDocument",
]
