"""What is shown of a complaint: read together, never changed."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from agency_gateway.domain.complaint import Complaint
from lintas.vocabulary.ids import AgencyCode, ComplaintId, PersonId, StatementId
from lintas.vocabulary.terms import (
    AssignmentState,
    ComplaintState,
    Joined,
    MentionClass,
    PrivateWay,
    Role,
    Stakeholder,
    Suspicion,
    Urgency,
)


@dataclass(frozen=True, slots=True)
class HistoryRecord:
    """One fact as it was published, with its place in the hash chain."""

    complaint_id: UUID
    seq: int
    event_id: UUID
    type: str
    occurred_at: datetime
    recorded_at: datetime
    person_id: UUID | None
    previous_hash: str
    hash: str
    #: the event's JSON body, as published
    body: str


@dataclass(frozen=True, slots=True)
class Attached:
    """A file that came along; only ingest can open it."""

    media_type: str
    size_bytes: int
    #: of what is kept; None where the mention came before files could be asked for
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class PrivateReply:
    """One way in which whoever said it may be answered in private."""

    way: PrivateWay
    #: None: no end
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Said:
    """How and where something was said: what officers need beside the words."""

    #: whether anybody could read it there
    public: bool | None = None
    #: why it continues the complaint; by `ticket` the writer may be somebody else
    joined: Joined | None = None
    #: why it looks like no person's own words; a mark, nobody judged it
    suspected: Suspicion | None = None
    hashtags: tuple[str, ...] = ()
    #: the city's own accounts it names
    handles: tuple[str, ...] = ()
    place_hints: tuple[str, ...] = ()
    #: redacted
    address: str | None = None
    lat: float | None = None
    lon: float | None = None
    media: tuple[Attached, ...] = ()
    #: whether an answer there is public; None where the channel does not tell how to answer
    reply_in_public: bool | None = None
    #: None: no end
    reply_until: datetime | None = None
    #: the ways that the channel limits, the freest first
    reply_in_private: tuple[PrivateReply, ...] = ()


@dataclass(frozen=True, slots=True)
class Message:
    """A later mention: of the same reporter, or of whoever wrote the ticket number."""

    event_id: UUID
    complaint_id: UUID
    mention_id: UUID
    #: followed_up | edited
    kind: str
    #: redacted; None once erased
    text: str | None
    received_at: datetime
    #: None once erased
    said: Said | None


@dataclass(frozen=True, slots=True)
class Contribution:
    """One agency's part of a joint answer."""

    id: UUID
    complaint_id: ComplaintId
    assignment_id: UUID
    agency: AgencyCode
    person_id: PersonId
    text: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Note:
    """An internal remark; for its own agency unless it is shared."""

    id: UUID
    complaint_id: ComplaintId
    #: None for a coordinator of the city
    agency: AgencyCode | None
    #: person:<id> or client:<agency>:<name>
    author: str
    text: str
    shared: bool
    written_at: datetime
    #: the request for routing it was given along with
    round: int | None = None


@dataclass(frozen=True, slots=True)
class Returned:
    """A complaint that waits for another decision, as far as deciding needs it."""

    complaint_id: ComplaintId
    #: the request that is still unanswered; None where a coordinator took it back
    awaiting_round: int | None
    #: redacted; None once withdrawn or erased
    text: str | None
    #: what the agencies wrote that returned it, in order
    notes: tuple[str, ...]
    mention_class: MentionClass
    channel: str
    stakeholder: Stakeholder
    received_at: datetime
    said: Said | None


@dataclass(frozen=True, slots=True)
class Suggested:
    """An official statement that may answer a complaint, and why."""

    statement_id: StatementId
    version: int
    agency: AgencyCode
    #: how near text and statement are, from 0 to 1
    score: float
    #: what the complaint and the statement both say, in the statement's words
    words: tuple[str, ...]
    #: as it is published now; None while it is only suggested
    text: str | None = None


@dataclass(frozen=True, slots=True)
class ComplaintRecord:
    """A complaint with what was written about it, as far as the reader may see it."""

    complaint: Complaint
    version: int
    registered_at: datetime
    #: redacted; None once withdrawn or erased
    text: str | None
    #: None as well for history
    said: Said | None = None
    contributions: tuple[Contribution, ...] = ()
    notes: tuple[Note, ...] = ()
    messages: tuple[Message, ...] = ()
    statements: tuple[StatementId, ...] = ()
    #: those of its suggestions that are still published, the nearest first
    suggestions: tuple[Suggested, ...] = ()


@dataclass(frozen=True, slots=True)
class Lease:
    """A claim on a share: live until it expires, without anybody ending it."""

    id: UUID
    holder: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class QueueItem:
    """An open assignment as its agency sees it in its queue."""

    assignment_id: UUID
    complaint_id: ComplaintId
    ticket: str
    #: of the complaint, for If-Match
    version: int
    state: AssignmentState
    complaint_state: ComplaintState
    role: Role
    mention_class: MentionClass
    category: str | None
    channel: str
    urgency: Urgency
    kecamatan: str | None
    kelurahan: str | None
    text: str | None
    received_at: datetime
    assigned_at: datetime
    due_at: datetime | None
    lease: Lease | None


@dataclass(frozen=True, slots=True)
class Person:
    """A human account."""

    id: PersonId
    username: str
    name: str
    #: None for coordinators of the city
    agency: AgencyCode | None
    roles: frozenset[str]
    active: bool = True
