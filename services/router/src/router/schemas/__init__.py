"""The HTTP shapes of rule sets and explanations."""

from router.schemas.explaining import Explained, ExplainIn
from router.schemas.publishing import Linted, Page, PublishIn, StoredOut, StoredWithDocument
from router.schemas.rulesets import RulesetDocument

__all__ = [
    "ExplainIn",
    "Explained",
    "Linted",
    "Page",
    "PublishIn",
    "RulesetDocument",
    "StoredOut",
    "StoredWithDocument",
]
