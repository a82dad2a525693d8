"""How stored rule sets are shown, and what publishing asks."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel

from lintas.web import Strict, Within
from router.domain import Finding, StoredRuleset


class PublishIn(Strict):
    """From when it shall apply; as soon as possible unless said."""

    effective_at: Annotated[datetime, Within(years_back=1, days_ahead=366)] | None = None


class StoredOut(BaseModel):
    """A stored rule set, without its document."""

    version: str
    state: Literal["draft", "published"]
    #: whether this instance decides by it at this moment
    in_force: bool
    sha256: str
    rules: int
    created_at: datetime
    created_by: str
    published_at: datetime | None
    published_by: str | None
    effective_at: datetime | None

    @classmethod
    def of(cls, stored: StoredRuleset, *, in_force: str) -> Self:
        """How `stored` is shown; `in_force` is the version decided by now."""
        return cls.model_validate(_shown(stored, in_force))


class StoredWithDocument(StoredOut):
    """A stored rule set with its document."""

    document: dict[str, Any]

    @classmethod
    def whole(cls, stored: StoredRuleset, document: dict[str, Any], *, in_force: str) -> Self:
        """How `stored` is shown in full."""
        return cls.model_validate({**_shown(stored, in_force), "document": document})


class Page(BaseModel):
    """Stored rule sets, the latest first."""

    items: list[StoredOut]


class Advice(BaseModel):
    """What may not do what was meant, though nothing is wrong with it."""

    #: JSON pointer into the document
    pointer: str
    code: str
    expected: str
    rule: str

    @classmethod
    def of(cls, finding: Finding) -> Self:
        """How `finding` is shown."""
        return cls(
            pointer="".join(f"/{step}" for step in finding.path),
            code=finding.code,
            expected=finding.expected,
            rule=finding.rule,
        )


class Linted(BaseModel):
    """The answer to a rule set without a fault."""

    version: str
    rules: int
    #: bytes of the canonical document, which must fit one record
    size_bytes: int
    advice: list[Advice]


def _shown(stored: StoredRuleset, in_force: str) -> dict[str, Any]:
    return {
        "version": stored.version,
        "state": "draft" if stored.published_at is None else "published",
        "in_force": stored.version == in_force,
        "sha256": stored.sha256,
        "rules": stored.rules,
        "created_at": stored.created_at,
        "created_by": stored.created_by,
        "published_at": stored.published_at,
        "published_by": stored.published_by,
        "effective_at": stored.effective_at,
    }
