"""The complaint aggregate: what it is about, where it stands, and each agency's share of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from lintas.vocabulary.ids import AgencyCode, ComplaintId, MentionId
from lintas.vocabulary.terms import (
    Anonymity,
    AssignmentState,
    ComplaintState,
    MentionClass,
    Origin,
    Role,
    Stakeholder,
    Stance,
    Urgency,
)

#: an assignment in one of these still asks something of its agency
OPEN_SHARES = frozenset({AssignmentState.QUEUED, AssignmentState.ACCEPTED})
#: an assignment in one of these no longer ties its agency to the complaint
ENDED_SHARES = frozenset(
    {AssignmentState.RETURNED, AssignmentState.TRANSFERRED, AssignmentState.WITHDRAWN}
)


@dataclass(frozen=True, slots=True)
class Deadline:
    """A promise with the versions it was computed from; never recomputed."""

    #: verify | first_response | resolution
    stage: str
    due_at: datetime
    policy: str
    policy_version: str
    #: None where a source set the date
    calendar: str | None
    calendar_version: str | None


@dataclass(frozen=True, slots=True)
class Case:
    """What a complaint is about; fixed when it is registered."""

    id: ComplaintId
    ticket: str
    mention_id: MentionId
    channel: str
    account: str
    mention_class: MentionClass
    category: str | None
    kecamatan: str | None
    kelurahan: str | None
    urgency: Urgency
    subject: str | None
    stance: Stance
    stakeholder: Stakeholder
    anonymity: Anonymity
    origin: Origin
    posted_at: datetime | None
    received_at: datetime
    rules_version: str
    model_version: str | None
    places_version: str | None
    #: binds the redacted text without revealing it
    text_commitment: str
    #: promises to the citizen; they stay whatever agencies hand to each other
    deadlines: tuple[Deadline, ...] = ()


@dataclass(frozen=True, slots=True)
class Assignment:
    """One agency's share of a complaint, with its own clock."""

    id: UUID
    agency: AgencyCode
    role: Role
    state: AssignmentState
    #: which request for routing it answers
    round: int
    assigned_at: datetime
    accepted_at: datetime | None = None
    #: from the policies in force when the complaint was received, counted from the assignment
    deadlines: tuple[Deadline, ...] = ()

    @property
    def due_at(self) -> datetime | None:
        """The next breach of this share, or None where no policy limits it."""
        return min((deadline.due_at for deadline in self.deadlines), default=None)

    @property
    def is_live(self) -> bool:
        """Whether it ties the agency to the complaint."""
        return self.state not in ENDED_SHARES

    @property
    def is_open(self) -> bool:
        """Whether it still asks something of the agency."""
        return self.state in OPEN_SHARES


@dataclass(frozen=True, slots=True)
class Complaint:
    """A complaint as it stands; acts return a new one together with the facts they make."""

    case: Case
    state: ComplaintState
    #: the newest request for routing
    round: int = 0
    #: the request that is still unanswered; a coordinator's assignment takes it back
    awaiting_round: int | None = None
    #: every share it ever had, in order of assignment
    assignments: tuple[Assignment, ...] = ()

    @property
    def lead(self) -> Assignment | None:
        """The share of the agency that answers."""
        return next((share for share in self.live() if share.role is Role.LEAD), None)

    def live(self) -> Iterator[Assignment]:
        """Shares that have not ended."""
        return (share for share in self.assignments if share.is_live)

    def share_of(self, agency: AgencyCode) -> Assignment | None:
        """The live share of an agency."""
        return next((share for share in self.live() if share.agency == agency), None)

    def outstanding(self) -> tuple[AgencyCode, ...]:
        """Contributing agencies that have not given their part."""
        return tuple(
            share.agency
            for share in self.assignments
            if share.role is Role.CONTRIBUTOR and share.is_open
        )

    def returned_by(self) -> tuple[AgencyCode, ...]:
        """Agencies that said it is not theirs, each once, in order."""
        returned = (s.agency for s in self.assignments if s.state is AssignmentState.RETURNED)
        return tuple(dict.fromkeys(returned))

    def bounces(self) -> int:
        """How often it came back to an agency that had led it before."""
        holders = [share.agency for share in self.assignments if share.role is Role.LEAD]
        return sum(agency in holders[:place] for place, agency in enumerate(holders))

    @property
    def is_frozen(self) -> bool:
        """Whether its present lead got it as the second return to a former holder, or a later one."""
        lead = self.lead
        if lead is None:
            return False
        leads = [share for share in self.assignments if share.role is Role.LEAD]
        came_back = any(share.agency == lead.agency for share in leads[: leads.index(lead)])
        return came_back and self.bounces() >= MOST_BOUNCES


#: the return to a former holder that freezes transfers
MOST_BOUNCES = 2
