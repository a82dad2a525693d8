"""Statements over HTTP, for offices and for the public."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field

from agency_gateway.domain.ledger import LedgerEntry, Office, PublishedVersion
from agency_gateway.domain.statement import Statement
from agency_gateway.schemas.shapes import Agency, Code, Sha256, Shown
from lintas.vocabulary.terms import Purpose, StatementKind, StatementState
from lintas.web import Prose, Strict, Text

_Variants = Annotated[dict[Code, Text], Field(max_length=20)]


class WordsIn(Strict):
    """The full text and one variant per channel it may go to."""

    text: Text
    variants: _Variants = Field(default_factory=dict)


class StatementIn(WordsIn):
    """A new statement."""

    kind: StatementKind
    purpose: Purpose
    agency: Agency | None = None
    complaint_ids: Annotated[tuple[UUID, ...], Field(max_length=500)] = ()


class ConfirmIn(Strict):
    """The hash of the words that were read."""

    sha256: Sha256


class PublishIn(Strict):
    """Why it goes out without a late contributor."""

    override_reason: Annotated[str, Prose(2_000)] | None = None


class RetractIn(Strict):
    """Why it no longer stands; shown to the public."""

    reason: Annotated[str, Prose(2_000)]


class ConfirmationOut(Shown):
    """Who approved which hash."""

    person_id: UUID
    agency: str
    sha256: str
    confirmed_at: datetime


class StatementOut(Shown):
    """The newest version of a statement."""

    id: UUID
    kind: StatementKind
    purpose: Purpose
    agency: str
    state: StatementState
    version: int
    complaint_ids: tuple[UUID, ...]
    text: str
    variants: dict[str, str]
    sha256: str
    authors: tuple[UUID, ...]
    confirmation: ConfirmationOut | None
    published_at: datetime | None
    override_reason: str | None
    #: its permanent address
    url: str

    @classmethod
    def of(cls, statement: Statement, public_url: str) -> Self:
        """A statement as its offices see it."""
        given = statement.confirmation
        return cls(
            id=statement.id,
            kind=statement.kind,
            purpose=statement.purpose,
            agency=statement.agency,
            state=statement.state,
            version=statement.version,
            complaint_ids=statement.complaint_ids,
            text=statement.wording.text,
            variants=dict(statement.wording.variants),
            sha256=statement.wording.sha256,
            authors=tuple(sorted(statement.authors)),
            confirmation=ConfirmationOut.model_validate(given) if given else None,
            published_at=statement.published_at,
            override_reason=statement.override_reason,
            url=f"{public_url}/pernyataan/{statement.id}",
        )


class OfficeOut(Shown):
    """An agency as the public knows it."""

    code: str
    name: Mapping[str, str]

    @classmethod
    def of(cls, office: Office) -> Self:
        """An office with its names."""
        return cls(code=office.code, name=dict(office.name))


class PublishedOut(Shown):
    """One line of a statement's history."""

    version: int
    sha256: str
    status: StatementState
    published_at: datetime


class LedgerOut(Shown):
    """A published statement: `sha256` is over the canonical JSON of {text, variants}."""

    id: UUID
    kind: StatementKind
    purpose: Purpose
    agency: OfficeOut
    version: int
    status: StatementState
    text: str
    variants: dict[str, str]
    sha256: str
    confirmed_by: OfficeOut
    confirmed_at: datetime
    published_at: datetime
    corrected_by: int | None
    retracted_at: datetime | None
    retraction_reason: str | None
    versions: tuple[PublishedOut, ...]

    @classmethod
    def of(cls, entry: LedgerEntry, shown: PublishedVersion) -> Self:
        """One version of an entry, with the list of all."""
        return cls(
            id=entry.id,
            kind=entry.kind,
            purpose=entry.purpose,
            agency=OfficeOut.of(entry.office),
            version=shown.version,
            status=shown.state,
            text=shown.text,
            variants=dict(shown.variants),
            sha256=shown.sha256,
            confirmed_by=OfficeOut.of(shown.confirmed_by),
            confirmed_at=shown.confirmed_at,
            published_at=shown.published_at,
            corrected_by=shown.corrected_by,
            retracted_at=shown.retracted_at,
            retraction_reason=shown.retraction_reason,
            versions=tuple(
                PublishedOut(
                    version=one.version,
                    sha256=one.sha256,
                    status=one.state,
                    published_at=one.published_at,
                )
                for one in entry.versions
            ),
        )
