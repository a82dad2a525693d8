"""What arrives, and what becomes of it."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NamedTuple, Protocol
from uuid import UUID

from lintas.vocabulary.ids import ComplaintId, EventId, MentionId, derived_id, mention_event_id
from lintas.vocabulary.terms import (
    Anonymity,
    Joined,
    MentionClass,
    Origin,
    PrivateWay,
    Stakeholder,
)
from lintas.vocabulary.ticket import Ticket

#: the state in which a post is first seen
FIRST_REVISION = "0"
#: to which account of `web` somebody says that an open complaint is theirs too
FOLLOWERS = "ikut"


# Not frozen, though nobody changes them: each field of a frozen one is set through a call, three
# microseconds a mention for these three.
@dataclass(slots=True, unsafe_hash=True)
class Author:
    """Who said it, as far as the channel tells. Never leaves ingest in clear."""

    handle: str | None = None
    name: str | None = None
    phone: str | None = None
    email: str | None = None
    stakeholder: Stakeholder = Stakeholder.CITIZEN
    #: the platform's own id of the person; a handle or a number may change, or be absent
    platform_id: str | None = None


#: whoever a channel does not tell of
NOBODY = Author()


@dataclass(frozen=True, slots=True)
class Place:
    """Where the reporter says it is."""

    lat: float | None = None
    lon: float | None = None
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file the source points to; only the vault keeps the address."""

    url: str
    media_type: str | None = None


class File(Protocol):
    """A file that the media store keeps under the reporter's data key."""

    @property
    def reference(self) -> str:
        """What the media store knows it by."""

    @property
    def media_type(self) -> str:
        """What it is, told by its bytes."""

    @property
    def sha256(self) -> str:
        """Of what is kept, in hexadecimal."""

    @property
    def size_bytes(self) -> int:
        """Of what is kept."""


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A file that came along; nothing has looked inside."""

    content: bytes = field(repr=False)
    #: as the source says; it may be wrong
    media_type: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """Whether and until when this can be answered where it was said (platform rules, as settings)."""

    in_public: bool
    #: None: no end
    until: datetime | None = None
    #: in private, and until when; the ways that the platform limits, the freest first
    in_private: tuple[tuple[PrivateWay, datetime | None], ...] = ()


@dataclass(slots=True, unsafe_hash=True)  # as Author
class Said:
    """One post, message or form, normalised and still in clear."""

    channel: str
    account: str
    text: str
    external_id: str | None = None
    in_reply_to: str | None = None
    posted_at: datetime | None = None
    author: Author = NOBODY
    place: Place | None = None
    media: tuple[Attachment, ...] = ()
    #: what is kept already, under the data key of this mention's reporter
    files: tuple[File, ...] = ()
    #: what came along and is not kept yet
    enclosures: tuple[Enclosure, ...] = ()
    stated_class: MentionClass | None = None
    #: a code, of this city or not
    stated_category: str | None = None
    anonymity: Anonymity = Anonymity.ANONYMOUS
    #: which state of the post this is; an edit has a later one
    revision: str = FIRST_REVISION
    #: the platform's id of the thread; it continues a complaint only for the same reporter
    conversation: str | None = None
    #: whether anybody could read it where it was said
    public: bool = True
    #: said by the account itself
    own: bool = False
    #: the platform's guess, an ISO 639 code
    language: str | None = None
    reply: Reply | None = None
    #: whether a ticket in the text only refers to its complaint (True) or adds to it (False), where
    #: that is known from where it is said
    refers: bool | None = None
    #: what was sent, where `text` leaves some of it out (quoted mails); only the vault keeps it
    unabridged: str | None = None


@dataclass(frozen=True, slots=True)
class Guard:
    """An Idempotency-Key: it stands for one body for ever."""

    #: single or batch; the same key means different things to each
    operation: str
    key: str
    fingerprint: bytes


@dataclass(slots=True, unsafe_hash=True)  # as Author
class Arrival:
    """A mention at the front door."""

    said: Said
    #: who handed it over; its idempotency keys and links are its own
    client: str
    received_at: datetime
    traceparent: str
    guard: Guard | None = None
    #: the line of a batch, counted from 1
    line: int = 0
    #: history came to the city when its source says, and to us later
    origin: Origin = Origin.LIVE
    #: its author had taken it back by then: what it said is neither kept nor told
    withdrawn: bool = False

    def unsaid(self) -> "Arrival":
        """That there was something, and from whom; nothing of what it said."""
        said = replace(
            self.said, text="", unabridged=None, place=None, media=(), files=(), enclosures=()
        )
        return replace(self, said=said)

    @property
    def reached_city_at(self) -> datetime:
        """When the city had it: with us that is our durable acceptance, before us the source's time."""
        if self.origin is Origin.IMPORT and self.said.posted_at is not None:
            return self.said.posted_at
        return self.received_at


class ReporterKey(NamedTuple):
    """One reporter's data key, wrapped under the vault's."""

    key_id: UUID
    #: keyed hash of what identifies the reporter
    reporter: bytes
    #: None once it is destroyed: what it sealed can never be read again
    wrapped: bytes | None


@dataclass(frozen=True, slots=True)
class Known:
    """A mention the vault holds, and its complaint."""

    complaint_id: ComplaintId
    ticket: Ticket
    #: who handed in its first mention
    client: str
    #: why it continues its complaint; None where it opened it
    joined: Joined | None = None


class First(NamedTuple):
    """An arrival that opens a complaint."""

    complaint_id: ComplaintId
    mention_id: MentionId
    #: keyed hash of what identifies its reporter
    reporter: bytes
    arrival: Arrival


@dataclass(frozen=True, slots=True)
class Continued:
    """The complaint that an arrival continues."""

    complaint_id: ComplaintId
    ticket: Ticket
    #: who handed in its first mention
    client: str
    #: as its reporter chose
    anonymity: Anonymity
    joined: Joined


@dataclass(frozen=True, slots=True)
class Further:
    """An arrival that continues a complaint."""

    continued: Continued
    #: the complaint it would have opened: its post's own identity
    post: ComplaintId
    #: keyed hash of what identifies its reporter
    reporter: bytes
    arrival: Arrival


@dataclass(frozen=True, slots=True)
class NewMention:
    """What one more mention adds to the vault."""

    mention_id: MentionId
    continued: Continued
    revision: str
    channel: str
    account: str
    key_id: UUID
    sealed: bytes
    received_at: datetime


class NewComplaint(NamedTuple):
    """What one first mention adds to the vault."""

    complaint_id: ComplaintId
    mention_id: MentionId
    ticket: Ticket
    #: of the reporter's link; only its hash is stored
    secret: str
    client: str
    channel: str
    account: str
    revision: str
    anonymity: Anonymity
    key_id: UUID
    sealed: bytes
    received_at: datetime
    #: on no public list
    unlisted: bool


class Acceptance(NamedTuple):
    """The answer to an accepted mention; the same however often it is asked."""

    complaint_id: ComplaintId
    mention_id: MentionId
    ticket: Ticket
    #: opens text and actions; None for a client that did not hand in the first mention
    secret: str | None


def first_mention_id(complaint: ComplaintId) -> MentionId:
    """The id of the mention that opened `complaint`.

    A post has it for good: one that continues another complaint keeps the id that it would have
    had as the first mention of its own.
    """
    return MentionId(derived_id(complaint, "first_mention"))


def first_event_id(complaint: ComplaintId) -> EventId:
    """The id of the event that tells of it: the correlation id of the whole story."""
    return mention_event_id(complaint, FIRST_REVISION)


def withdrawal_event_id(mention: MentionId) -> EventId:
    """The id of the event that tells of a mention's end."""
    return derived_id(mention, "withdrawn")


def feedback_event_id(complaint: ComplaintId, number: int) -> EventId:
    """The id of the event that tells what the reporter thinks, for the `number`-th time."""
    return derived_id(complaint, "feedback", number)


def revision_order(revision: str) -> tuple[int, str]:
    """Revisions of one post in the order of this are in the order of its states.

    Counters and times in seconds have no leading zeros; RFC 3339 times of one platform are alike.
    """
    return len(revision), revision
