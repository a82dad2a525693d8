"""`lintas.complaints.v1`: the lifecycle, written by the agency-gateway alone.

Codes, ids, times and salted commitments only, never free text: it is kept for ever, and the hash
chain over it survives erasure.
"""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from pydantic import Field
from typing_extensions import override

from lintas.contracts.events.envelope import ComplaintEvent, Fact, Sha256
from lintas.vocabulary.ids import AgencyCode, MentionId, PersonId, StatementId
from lintas.vocabulary.terms import (
    Anonymity,
    MentionClass,
    Origin,
    Role,
    Stakeholder,
    Stance,
    Urgency,
)


class Deadline(Fact):
    """A promise with the versions it was computed from; `due_at` is never recomputed."""

    #: verify | first_response | resolution
    stage: str
    due_at: datetime
    policy: str
    policy_version: str
    #: None where a source set the date: no calendar of ours was counted in
    calendar: str | None = None
    calendar_version: str | None = None


class LifecycleEvent(ComplaintEvent):
    """One fact in a complaint's life; `seq` runs 1..n without gaps, linked by hashes."""

    seq: int = Field(ge=1)
    origin: Origin = Origin.LIVE
    #: the authenticated person who did it; None for the system
    person_id: PersonId | None = None
    #: hash of the fact before; 64 zeros for the first
    previous_hash: Sha256
    #: SHA-256 over `previous_hash` and the canonical JSON of the other fields together with
    #: ce_type, ce_id, ce_time and ce_recordedtime, which travel as headers (decision 6)
    hash: Sha256

    @property
    @override
    def sequence(self) -> int:
        return self.seq


class ComplaintRegistered(LifecycleEvent):
    """A complaint exists, with every dimension a KPI needs."""

    type: ClassVar[str] = "lintas.complaint.registered.v1"
    ticket: str
    mention_id: MentionId
    channel: str
    account: str
    mention_class: MentionClass
    category: str | None = None
    kecamatan: str | None = None
    kelurahan: str | None = None
    urgency: Urgency = Urgency.NORMAL
    subject: str | None = None
    stance: Stance = Stance.NEUTRAL
    stakeholder: Stakeholder = Stakeholder.CITIZEN
    anonymity: Anonymity = Anonymity.ANONYMOUS
    posted_at: datetime | None = None
    received_at: datetime
    rules_version: str
    model_version: str | None = None
    places_version: str | None = None
    #: binds the redacted text without revealing it
    text_commitment: Sha256
    #: complaint-wide promises to the citizen
    deadlines: tuple[Deadline, ...] = ()
    #: True where the source of an import left the keeping of its own date without a verdict
    unjudged: bool | None = None


class ComplaintTriaged(LifecycleEvent):
    """No rule decided: a person will."""

    type: ClassVar[str] = "lintas.complaint.triaged.v1"
    round: int = 0


class NoActionNeeded(LifecycleEvent):
    """An own post, thanks or spam: reversible, no deadline, outside response KPIs."""

    type: ClassVar[str] = "lintas.complaint.no_action.v1"


class ComplaintAssigned(LifecycleEvent):
    """An agency has a share in it, with a clock of its own."""

    type: ClassVar[str] = "lintas.complaint.assigned.v1"
    assignment_id: UUID
    agency: AgencyCode
    role: Role
    round: int = 0
    #: the rules that chose it; empty when a person did
    rules: tuple[str, ...] = ()
    deadlines: tuple[Deadline, ...] = ()
    #: True where the source of an import does not tell when; occurred_at is then the receipt
    untimed: bool | None = None


class AssignmentEvent(LifecycleEvent):
    """A fact about one agency's share."""

    assignment_id: UUID
    agency: AgencyCode


class AssignmentAccepted(AssignmentEvent):
    """The agency said: ours."""

    type: ClassVar[str] = "lintas.assignment.accepted.v1"


class AssignmentReturned(AssignmentEvent):
    """The agency said: not ours."""

    type: ClassVar[str] = "lintas.assignment.returned.v1"
    reason: str


class AssignmentTransferred(AssignmentEvent):
    """The agency handed its share on."""

    type: ClassVar[str] = "lintas.assignment.transferred.v1"
    to_agency: AgencyCode
    reason: str


class AssignmentWithdrawn(AssignmentEvent):
    """A coordinator took the share back."""

    type: ClassVar[str] = "lintas.assignment.withdrawn.v1"
    reason: str


class ContributionMade(AssignmentEvent):
    """A contributor gave its part."""

    type: ClassVar[str] = "lintas.assignment.contributed.v1"


class RerouteRequested(LifecycleEvent):
    """The router is asked again, without the agencies that returned it."""

    type: ClassVar[str] = "lintas.complaint.reroute_requested.v1"
    round: int = Field(ge=1)
    without: tuple[AgencyCode, ...] = ()


class ComplaintAnswered(LifecycleEvent):
    """A confirmed, public, substantive answer went out."""

    type: ClassVar[str] = "lintas.complaint.answered.v1"
    statement_id: StatementId
    version: int = Field(ge=1)
    sha256: Sha256
    agency: AgencyCode


class ComplaintAnsweredElsewhere(LifecycleEvent):
    """The source of an import says that it answered; nobody confirmed a statement here."""

    type: ClassVar[str] = "lintas.complaint.answered_elsewhere.v1"
    #: who led then; None where the source names nobody
    agency: AgencyCode | None = None


class ComplaintResolved(LifecycleEvent):
    """The city says the matter is settled."""

    type: ClassVar[str] = "lintas.complaint.resolved.v1"
    agency: AgencyCode | None = None
    disposition: str = "solved"


class ComplaintClosed(LifecycleEvent):
    """Nothing more will happen unless it is reopened."""

    type: ClassVar[str] = "lintas.complaint.closed.v1"
    disposition: str = "solved"


class ComplaintReopened(LifecycleEvent):
    """It was not settled after all."""

    type: ClassVar[str] = "lintas.complaint.reopened.v1"
    reason: str


class ComplaintRejected(LifecycleEvent):
    """The city is not competent; the reporter is pointed elsewhere."""

    type: ClassVar[str] = "lintas.complaint.rejected.v1"
    reason: str
    pointer: str | None = None


class ComplaintMerged(LifecycleEvent):
    """It is handled as part of an incident."""

    type: ClassVar[str] = "lintas.complaint.merged.v1"
    incident_id: UUID


class ComplaintWithdrawn(LifecycleEvent):
    """The reporter took it back."""

    type: ClassVar[str] = "lintas.complaint.withdrawn.v1"


class ClockPaused(LifecycleEvent):
    """Clocks stand still while the city waits for the reporter."""

    type: ClassVar[str] = "lintas.complaint.paused.v1"
    reason: str


class ClockResumed(LifecycleEvent):
    """Clocks run again."""

    type: ClassVar[str] = "lintas.complaint.resumed.v1"


class ReporterReplied(LifecycleEvent):
    """The reporter said more."""

    type: ClassVar[str] = "lintas.complaint.reporter_replied.v1"
    mention_id: MentionId


class FeedbackRecorded(LifecycleEvent):
    """The reporter rated the answer."""

    type: ClassVar[str] = "lintas.complaint.feedback_recorded.v1"
    solved: bool | None = None
    rating: int | None = Field(default=None, ge=1, le=5)
