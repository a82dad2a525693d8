"""The HTTP shapes of rule sets, models and explanations."""

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
    "DifferencesOut",
    "ExplainIn",
    "Explained",
    "History",
    "Linted",
    "ModelOut",
    "ModelPage",
    "ModelWithCard",
    "Nothing",
    "Page",
    "PublicationOut",
    "PublishIn",
    "RulesetDocument",
    "StoredOut",
    "StoredWithDocument",
]
