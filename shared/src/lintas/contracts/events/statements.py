"""`lintas.statements.v1`: official texts, written by the agency-gateway alone."""

from typing import ClassVar

from pydantic import Field
from typing_extensions import override

from lintas.contracts.events.envelope import Event, Sha256
from lintas.vocabulary.ids import AgencyCode, ComplaintId, PersonId, StatementId
from lintas.vocabulary.terms import Purpose, StatementKind


class StatementEvent(Event):
    """A fact about one version of a statement."""

    statement_id: StatementId
    version: int = Field(ge=1)
    kind: StatementKind
    purpose: Purpose
    agency: AgencyCode
    #: which complaints it answers
    complaint_ids: tuple[ComplaintId, ...] = ()
    #: SHA-256 of the canonical JSON of full text and variants; one confirmation covers them all
    sha256: Sha256
    person_id: PersonId | None = None

    @property
    @override
    def key(self) -> str:
        return f"{self.statement_id}:{self.version}:{self.type.split('.')[2]}"

    @property
    @override
    def partition_key(self) -> str:
        return str(self.statement_id)


class StatementDrafted(StatementEvent):
    """Somebody wrote it; its text stays in the gateway until it is confirmed."""

    type: ClassVar[str] = "lintas.statement.drafted.v1"


class StatementWithText(StatementEvent):
    """From confirmation on the text is public knowledge in the making."""

    text: str
    #: channel → the text for it
    variants: dict[str, str] = Field(default_factory=dict)


class StatementConfirmed(StatementWithText):
    """A person who is none of the authors approved exactly this hash."""

    type: ClassVar[str] = "lintas.statement.confirmed.v1"


class StatementPublished(StatementWithText):
    """It stands at its permanent address and may be quoted."""

    type: ClassVar[str] = "lintas.statement.published.v1"


class StatementCorrected(StatementWithText):
    """A new version replaces it; the old one stays readable, marked."""

    type: ClassVar[str] = "lintas.statement.corrected.v1"
    corrects: int = Field(ge=1)


class StatementRetracted(StatementEvent):
    """It no longer stands; its address says so."""

    type: ClassVar[str] = "lintas.statement.retracted.v1"
    reason: str
