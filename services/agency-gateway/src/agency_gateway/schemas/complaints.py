"""Complaints over HTTP."""

from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import Field

from agency_gateway.domain.acts import Order
from agency_gateway.domain.records import ComplaintRecord, HistoryRecord
from agency_gateway.schemas.shapes import Agency, Code, Shown
from lintas.vocabulary.ids import AgencyCode
from lintas.vocabulary.terms import (
    Anonymity,
    AssignmentState,
    ComplaintState,
    Joined,
    MentionClass,
    PrivateWay,
    Role,
    Stakeholder,
    Stance,
    Suspicion,
    Urgency,
)
from lintas.web import Prose, Strict, Text

Remark = Annotated[str, Prose(2_000)]


class ReturnIn(Strict):
    """Not ours, and why; a note says more, and the router reads it when it decides anew."""

    reason: Code
    note: Remark | None = None


class AssignIn(Strict):
    """Which agencies a coordinator wants."""

    lead: Agency | None = None
    contributors: Annotated[tuple[Agency, ...], Field(max_length=20)] = ()
    reason: Code = "coordinator"

    def order(self) -> Order:
        """The same for the rules."""
        lead = AgencyCode(self.lead) if self.lead else None
        return Order(lead, tuple(AgencyCode(code) for code in self.contributors), self.reason)


class RejectIn(Strict):
    """Why the city is not competent, and who is."""

    reason: Code
    pointer: Code | None = None


class ResolveIn(Strict):
    """How it was settled; without a late contributor only with a reason."""

    disposition: Code = "solved"
    override_reason: Remark | None = None


class CloseIn(Strict):
    """How it ended."""

    disposition: Code = "solved"


class ReopenIn(Strict):
    """Why it was not settled."""

    reason: Code


class ContributionIn(Strict):
    """An agency's part of the answer."""

    text: Text


class NoteIn(Strict):
    """An internal remark."""

    text: Text
    shared: bool = False


class DeadlineOut(Shown):
    """A promise with the versions it was computed from."""

    stage: str
    due_at: datetime
    policy: str
    policy_version: str
    calendar: str
    calendar_version: str


class AssignmentOut(Shown):
    """One agency's share."""

    id: UUID
    agency: str
    role: Role
    state: AssignmentState
    round: int
    assigned_at: datetime
    accepted_at: datetime | None
    due_at: datetime | None
    deadlines: tuple[DeadlineOut, ...]


class ContributionOut(Shown):
    """One agency's part of the answer."""

    id: UUID
    agency: str
    person_id: UUID
    text: str
    made_at: datetime


class NoteOut(Shown):
    """An internal remark."""

    id: UUID
    agency: str | None
    author: str
    text: str
    shared: bool
    written_at: datetime


class AttachedOut(Shown):
    """A file that came along."""

    media_type: str
    size_bytes: int
    sha256: Annotated[
        str | None,
        Field(description="its name below `/media/`; null: it came before files could be read"),
    ]


class PrivateReplyOut(Shown):
    """One way in which whoever said it may be answered in private."""

    way: PrivateWay
    until: datetime | None


class SaidOut(Shown):
    """How and where something was said."""

    public: Annotated[
        bool | None, Field(description="false: said in private, so an answer must be private too")
    ]
    joined: Annotated[
        Joined | None,
        Field(
            description="why it is part of this complaint; by `ticket` somebody wrote its number,"
            " who may be another person than the reporter"
        ),
    ]
    suspected: Annotated[
        Suspicion | None, Field(description="a mark of a machine; nobody judged it")
    ]
    hashtags: tuple[str, ...]
    handles: tuple[str, ...]
    place_hints: tuple[str, ...]
    address: str | None
    lat: float | None
    lon: float | None
    media: tuple[AttachedOut, ...]
    reply_in_public: bool | None
    reply_until: datetime | None
    reply_in_private: tuple[PrivateReplyOut, ...]


class MessageOut(Shown):
    """A later mention: of the same reporter, or of whoever wrote the ticket number."""

    mention_id: UUID
    kind: str
    text: str | None
    said: SaidOut | None
    received_at: datetime


class SuggestionOut(Shown):
    """A published statement that may answer the complaint, and why; the router's advice."""

    statement_id: UUID
    version: int
    agency: str
    score: Annotated[float, Field(description="how near the texts are, from 0 to 1")]
    words: Annotated[
        tuple[str, ...], Field(description="what both say, in the words of the statement")
    ]
    text: str


class _CaseOut(Shown):
    id: UUID
    ticket: str
    mention_class: MentionClass
    category: str | None
    channel: str
    account: str
    kecamatan: str | None
    kelurahan: str | None
    urgency: Urgency
    subject: str | None
    stance: Stance
    stakeholder: Stakeholder
    anonymity: Anonymity
    posted_at: datetime | None
    received_at: datetime
    deadlines: tuple[DeadlineOut, ...]


class ComplaintOut(_CaseOut):
    """A complaint as its agencies see it."""

    state: ComplaintState
    version: int
    registered_at: datetime
    round: int
    text: str | None
    said: SaidOut | None
    assignments: tuple[AssignmentOut, ...]
    contributions: tuple[ContributionOut, ...]
    notes: tuple[NoteOut, ...]
    messages: tuple[MessageOut, ...]
    statements: tuple[UUID, ...]
    suggestions: tuple[SuggestionOut, ...]

    @classmethod
    def of(cls, record: ComplaintRecord) -> Self:
        """A complaint with what was written about it."""
        complaint = record.complaint
        return cls(
            **_CaseOut.model_validate(complaint.case).model_dump(),
            state=complaint.state,
            version=record.version,
            registered_at=record.registered_at,
            round=complaint.round,
            text=record.text,
            said=SaidOut.model_validate(record.said) if record.said else None,
            assignments=_many(AssignmentOut, complaint.assignments),
            contributions=_many(ContributionOut, record.contributions),
            notes=_many(NoteOut, record.notes),
            messages=_many(MessageOut, record.messages),
            statements=record.statements,
            suggestions=_many(SuggestionOut, record.suggestions),
        )


class TimelineFact(Shown):
    """One fact of a complaint's life."""

    seq: int
    type: str
    occurred_at: datetime
    recorded_at: datetime
    person_id: UUID | None
    details: dict[str, Any]


class TimelineOut(Shown):
    """What happened, in order."""

    items: tuple[TimelineFact, ...]


class AuditFact(Shown):
    """One link of the hash chain."""

    seq: int
    event_id: UUID
    type: str
    occurred_at: datetime
    recorded_at: datetime
    person_id: UUID | None
    previous_hash: str
    hash: str
    #: the event's JSON body, byte for byte as published
    body: str


class AuditOut(Shown):
    """A complaint's history, every hash computed again."""

    complaint_id: UUID
    verified: bool
    #: the first fact that does not fit
    broken_at: int | None
    items: tuple[AuditFact, ...]

    @classmethod
    def of(
        cls, complaint_id: UUID, facts: tuple[HistoryRecord, ...], broken_at: int | None
    ) -> Self:
        """The proof of a history."""
        return cls(
            complaint_id=complaint_id,
            verified=broken_at is None,
            broken_at=broken_at,
            items=_many(AuditFact, facts),
        )


def _many(kind: Any, values: tuple[Any, ...]) -> Any:
    return tuple(kind.model_validate(value) for value in values)
