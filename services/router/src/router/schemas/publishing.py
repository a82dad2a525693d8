"""How stored rule sets, models and publications are shown, and what publishing asks."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel

from lintas.web import Strict, Within
from router.domain import Change, Differences, Finding, Publication, StoredModel, StoredRuleset


class PublishIn(Strict):
    """From when it shall apply; as soon as possible unless said."""

    effective_at: Annotated[datetime, Within(years_back=1, days_ahead=366)] | None = None


class Nothing(Strict):
    """An empty object."""


class StoredOut(BaseModel):
    """A stored rule set, without its document."""

    version: str
    state: Literal["draft", "published"]
    #: whether this instance decides by it at this moment
    in_force: bool
    sha256: str
    rules: int
    created_at: datetime
    #: the party that handed it in; another one publishes it
    created_by: str
    #: of its latest publication that was not withdrawn
    number: int | None
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


class PublicationOut(BaseModel):
    """One announcement of a version."""

    version: str
    #: of this version, from 1 on
    number: int
    state: Literal["announced", "begun", "withdrawn"]
    published_at: datetime
    published_by: str
    #: from when it applies, until a later one does
    effective_at: datetime
    withdrawn_at: datetime | None
    withdrawn_by: str | None

    @classmethod
    def of(cls, publication: Publication, now: datetime) -> Self:
        """How `publication` is shown."""
        state: Literal["announced", "begun", "withdrawn"] = "withdrawn"
        if publication.withdrawn_at is None:
            state = "announced" if publication.effective_at > now else "begun"
        return cls(
            version=publication.version,
            number=publication.number,
            state=state,
            published_at=publication.published_at,
            published_by=publication.published_by,
            effective_at=publication.effective_at,
            withdrawn_at=publication.withdrawn_at,
            withdrawn_by=publication.withdrawn_by,
        )


class History(BaseModel):
    """Publications, the latest first."""

    items: list[PublicationOut]


class ChangeOut(BaseModel):
    """One field that differs."""

    #: with dots where it is inside another
    field: str
    removed: list[Any]
    added: list[Any]


class DifferenceOut(BaseModel):
    """One rule, class, subject or place that differs."""

    section: Literal["rules", "classes", "subjects", "places"]
    name: str
    kind: Literal["added", "removed", "changed", "moved"]
    changes: list[ChangeOut]


class DifferencesOut(BaseModel):
    """What turns the rules of one version into those of another."""

    version: str
    against: str
    entries: list[DifferenceOut]
    #: of the rest of the document
    document: list[ChangeOut]

    @classmethod
    def of(cls, found: Differences, *, version: str, against: str) -> Self:
        """How `found` is shown."""
        return cls.model_validate(
            {
                "version": version,
                "against": against,
                "entries": [
                    {
                        "section": one.section,
                        "name": one.name,
                        "kind": one.kind,
                        "changes": [_change(change) for change in one.changes],
                    }
                    for one in found.entries
                ],
                "document": [_change(change) for change in found.document],
            }
        )


class ModelOut(BaseModel):
    """A trained model that was handed in; `version` and `sha256` are how a rule set names it."""

    version: str
    sha256: str
    size_bytes: int
    #: what it can answer
    labels: list[str]
    created_at: datetime
    created_by: str

    @classmethod
    def of(cls, stored: StoredModel) -> Self:
        """How `stored` is shown."""
        return cls.model_validate(_model(stored))


class ModelWithCard(ModelOut):
    """A model with what it was trained on and how good it is."""

    card: dict[str, Any]

    @classmethod
    def whole(cls, stored: StoredModel, card: dict[str, Any]) -> Self:
        """How `stored` is shown in full."""
        return cls.model_validate({**_model(stored), "card": card})


class ModelPage(BaseModel):
    """Models, the latest first."""

    items: list[ModelOut]


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
    latest = stored.publication
    return {
        "version": stored.version,
        "state": "draft" if latest is None else "published",
        "in_force": stored.version == in_force,
        "sha256": stored.sha256,
        "rules": stored.rules,
        "created_at": stored.created_at,
        "created_by": stored.created_by,
        "number": latest and latest.number,
        "published_at": latest and latest.published_at,
        "published_by": latest and latest.published_by,
        "effective_at": latest and latest.effective_at,
    }


def _change(change: Change) -> dict[str, Any]:
    return {
        "field": change.field,
        "removed": list(change.removed),
        "added": list(change.added),
    }


def _model(stored: StoredModel) -> dict[str, Any]:
    return {
        "version": stored.version,
        "sha256": stored.sha256,
        "size_bytes": stored.size,
        "labels": list(stored.labels),
        "created_at": stored.created_at,
        "created_by": stored.created_by,
    }
