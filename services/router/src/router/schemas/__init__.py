"""The HTTP shapes of rule sets and explanations."""

from router.schemas.explaining import Explained, ExplainIn
from router.schemas.publishing import Advice, Linted, Page, PublishIn, StoredOut, StoredWithDocument
from router.schemas.rulesets import RulesetDocument

__all__ = [
    "Advice",
    "ExplainIn",
    "Explained",
    "Linted",
    "Page",
    "PublishIn",
    "RulesetDocument",
    "StoredOut",
    "StoredWithDocument",
]
