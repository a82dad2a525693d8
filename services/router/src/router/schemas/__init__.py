"""The HTTP shapes of rule sets, models and explanations."""

from router.schemas.backtests import (
    BacktestIn,
    BacktestListed,
    BacktestOut,
    BacktestPage,
    FlipOut,
    LoadOut,
    MeasuredOut,
    ResultOut,
)
from router.schemas.corpus import CorpusPage, SettledOut
from router.schemas.explaining import Explained, ExplainIn
from router.schemas.publishing import (
    Advice,
    DifferencesOut,
    History,
    Linted,
    ModelOut,
    ModelPage,
    ModelWithCard,
    Nothing,
    Page,
    PublicationOut,
    PublishIn,
    StoredOut,
    StoredWithDocument,
)
from router.schemas.rulesets import RulesetDocument

__all__ = [
    "Advice",
    "BacktestIn",
    "BacktestListed",
    "BacktestOut",
    "BacktestPage",
    "CorpusPage",
    "DifferencesOut",
    "ExplainIn",
    "Explained",
    "FlipOut",
    "History",
    "Linted",
    "LoadOut",
    "MeasuredOut",
    "ModelOut",
    "ModelPage",
    "ModelWithCard",
    "Nothing",
    "Page",
    "PublicationOut",
    "PublishIn",
    "ResultOut",
    "RulesetDocument",
    "SettledOut",
    "StoredOut",
    "StoredWithDocument",
]
