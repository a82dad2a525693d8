"""What the public sees of a statement: every published version, with its marks."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from lintas.vocabulary.ids import AgencyCode, StatementId
from lintas.vocabulary.terms import Purpose, StatementKind, StatementState


@dataclass(frozen=True, slots=True)
class Office:
    """An agency as the public knows it."""

    code: AgencyCode
    #: language → name
    name: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class PublishedVersion:
    """One version that stood, or stands, at the statement's address."""

    version: int
    #: published | corrected | retracted
    state: StatementState
    text: str
    variants: Mapping[str, str]
    sha256: str
    confirmed_by: Office
    confirmed_at: datetime
    published_at: datetime
    corrected_by: int | None
    retracted_at: datetime | None
    retraction_reason: str | None


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """A statement at its permanent address."""

    id: StatementId
    kind: StatementKind
    purpose: Purpose
    office: Office
    #: in whose time its moments are written
    zone: str
    #: oldest first; never empty
    versions: tuple[PublishedVersion, ...]

    def version(self, number: int | None) -> PublishedVersion | None:
        """A version by its number, or the newest."""
        if number is None:
            return self.versions[-1]
        return next((one for one in self.versions if one.version == number), None)
