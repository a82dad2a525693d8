"""A complaint as an Open311 service request: its state, its words, the lists it is found in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import Enum, StrEnum, auto
from uuid import UUID

from lintas.vocabulary.errors import FieldError, Invalid
from lintas.vocabulary.ids import ComplaintId, MentionId, StatementId
from lintas.vocabulary.terms import Anonymity, PublicStatus
from lintas.vocabulary.ticket import Ticket

#: the longest span and the longest list that are answered
LONGEST = timedelta(days=90)
MOST = 1_000
#: no request is older
_BEFORE_ALL = datetime(1, 1, 2, tzinfo=UTC)


class State(StrEnum):
    """Where a request is, as others see it; hand-offs between agencies never show."""

    REGISTERED = "registered"
    TRIAGE = "triage"
    ASSIGNED = "assigned"
    IN_PROGRESS = "in_progress"
    ANSWERED = "answered"
    RESOLVED = "resolved"
    CLOSED = "closed"
    REOPENED = "reopened"
    REJECTED = "rejected"
    MERGED = "merged"
    WITHDRAWN = "withdrawn"
    NO_ACTION = "no_action"


class Fact(Enum):
    """What of the lifecycle matters to a request."""

    TRIAGED = auto()
    #: an agency leads
    GIVEN = auto()
    #: an agency accepted its share
    ACCEPTED = auto()
    ANSWERED = auto()
    RESOLVED = auto()
    CLOSED = auto()
    REOPENED = auto()
    REJECTED = auto()
    MERGED = auto()
    WITHDRAWN = auto()
    NO_ACTION = auto()


_S = State
#: before anybody works on it, or once a decision was taken back
_NOBODYS = frozenset({_S.REGISTERED, _S.NO_ACTION, _S.REJECTED})
#: fact → state after, states in which it changes anything (None: all). A hand-off comes as GIVEN or
#: TRIAGED while somebody works on it, and must not show
_STEPS: Mapping[Fact, tuple[State, frozenset[State] | None]] = {
    Fact.TRIAGED: (_S.TRIAGE, _NOBODYS),
    Fact.GIVEN: (_S.ASSIGNED, _NOBODYS | {_S.TRIAGE}),
    Fact.ACCEPTED: (_S.IN_PROGRESS, _NOBODYS | {_S.TRIAGE, _S.ASSIGNED, _S.REOPENED}),
    Fact.ANSWERED: (_S.ANSWERED, None),
    Fact.RESOLVED: (_S.RESOLVED, None),
    Fact.CLOSED: (_S.CLOSED, None),
    Fact.REOPENED: (_S.REOPENED, None),
    Fact.REJECTED: (_S.REJECTED, None),
    Fact.MERGED: (_S.MERGED, None),
    Fact.WITHDRAWN: (_S.WITHDRAWN, None),
    Fact.NO_ACTION: (_S.NO_ACTION, None),
}


class Hidden(StrEnum):
    """Why a complaint is not listed."""

    SECRET = "secret"  # noqa: S105  # a word, not a password
    #: it began in private, and its reporter did not choose `open`
    PRIVATE = "private"
    OWN_POST = "own_post"
    #: thanks, chatter, spam
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Progress:
    """What the lifecycle has made of one request."""

    complaint_id: ComplaintId
    requested_at: datetime
    #: when others last saw a change
    changed_at: datetime
    category: str | None = None
    hidden: Hidden | None = None
    state: State = State.REGISTERED
    #: why it was resolved, closed or rejected
    disposition: str | None = None
    #: who was asked to lead; the city's own business
    lead: str | None = None
    #: who said that it is theirs, or answered
    agency: str | None = None


@dataclass(frozen=True, slots=True)
class Happened:
    """One fact of the lifecycle."""

    fact: Fact
    at: datetime
    agency: str | None = None
    disposition: str | None = None


def fold(progress: Progress, happened: Happened) -> Progress:
    """`progress` after a fact; the same object if others see no change and nothing is remembered."""
    after, only_from = _STEPS[happened.fact]
    if happened.fact is Fact.GIVEN:
        progress = _given(progress, happened)
    progress = _responsible(progress, happened)
    if only_from is not None and progress.state not in only_from:
        return progress
    if (after, happened.disposition) == (progress.state, progress.disposition):
        return progress
    return replace(
        progress,
        state=after,
        disposition=happened.disposition,
        changed_at=max(happened.at, progress.changed_at),
    )


def _given(progress: Progress, happened: Happened) -> Progress:
    # somebody decided that it needs an answer after all
    hidden = progress.hidden if progress.hidden is Hidden.SECRET else None
    return replace(progress, lead=happened.agency, hidden=hidden)


def _responsible(progress: Progress, happened: Happened) -> Progress:
    if happened.fact is Fact.ACCEPTED and happened.agency != progress.lead:
        return progress
    if happened.fact is Fact.GIVEN or happened.agency is None:
        return progress
    if happened.agency == progress.agency:
        return progress
    return replace(progress, agency=happened.agency)


_CLOSED = frozenset({_S.CLOSED, _S.REJECTED, _S.MERGED, _S.WITHDRAWN, _S.NO_ACTION})


def closed_states(*, resolved_reads_closed: bool) -> frozenset[State]:
    """The states that read as closed outside."""
    return _CLOSED | ({_S.RESOLVED} if resolved_reads_closed else set())


_WORDS: Mapping[State, str] = {
    _S.REGISTERED: "open",
    _S.TRIAGE: "for_triage",
    _S.ASSIGNED: "investigating",
    _S.IN_PROGRESS: "in_progress",
    _S.ANSWERED: "in_progress",
    _S.CLOSED: "closed",
    _S.MERGED: "duplicate",
    _S.WITHDRAWN: "cancelled",
    _S.NO_ACTION: "no_further_action",
    _S.REOPENED: "reopen",
}


def update_word(state: State, disposition: str | None) -> str:
    """The state as the updates extension calls it."""
    if state is State.RESOLVED:
        return "fixed" if disposition == "solved" else "no_further_action"
    if state is State.REJECTED:
        competent = disposition is not None and disposition != "not_competent"
        return "no_further_action" if competent else "not_councils_responsibility"
    return _WORDS[state]


@dataclass(frozen=True, slots=True)
class Window:
    """From when until when, both included."""

    start: datetime
    end: datetime


def window(start: datetime | None, end: datetime | None, now: datetime) -> Window:
    """What is asked for, by the standard's rule: at most 90 days, the last ones if nothing is said.

    Raises Invalid for a longer span, and for an end before its start.
    """
    if start is None:
        last = end or now
        return Window(last - LONGEST, last)
    last = end or min(start + LONGEST, max(start, now))
    if last < start:
        raise _refused("end_date", "not before start_date")
    if last - start > LONGEST:
        raise _refused("end_date", f"at most {LONGEST.days} days after start_date")
    return Window(start, last)


def since(start: datetime | None, end: datetime | None, now: datetime) -> Window:
    """What is asked for of a download: everything until now, if nothing is said; of any length.

    Raises Invalid for an end before its start.
    """
    first, last = start or _BEFORE_ALL, min(end or now, now)
    if end is not None and end < first:
        raise _refused("end_date", "not before start_date")
    return Window(first, last)


def _refused(name: str, expected: str) -> Invalid:
    return Invalid(f"{name}: {expected}", [FieldError(f"#/query/{name}", "out_of_range", expected)])


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which requests are asked for."""

    #: if any: these, whatever else is said
    tickets: tuple[Ticket, ...] | None = None
    window: Window | None = None
    #: None: any; a code that is None stands for those without a category
    categories: tuple[str | None, ...] | None = None
    #: None: any
    states: frozenset[State] | None = None
    limit: int = MOST
    offset: int = 0
    #: of those at the window's end, only what comes after this one
    after: ComplaintId | None = None

    def from_there(self, last: "Request") -> "Wanted":
        """What comes after `last` in the list, whatever is added to it meanwhile."""
        if self.window is None:
            raise ValueError("only what is asked for by time has an order")
        progress = last.progress
        window = Window(self.window.start, progress.requested_at)
        return replace(self, window=window, after=progress.complaint_id)


@dataclass(frozen=True, slots=True)
class Given:
    """One answer to an attribute, as far as it came from a closed list or is a number or time."""

    code: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Words:
    """What may be shown of what was said: redacted."""

    description: str
    address: str | None = None
    lat: float | None = None
    lon: float | None = None


@dataclass(frozen=True, slots=True)
class SealedWords:
    """What is to be opened to make the words."""

    mention_id: MentionId
    revision: str
    key_id: UUID
    sealed: bytes


@dataclass(frozen=True, slots=True)
class Request:
    """One complaint as the list shows it."""

    ticket: Ticket
    progress: Progress
    status: PublicStatus
    channel: str
    anonymity: Anonymity
    promised_at: datetime | None
    updated_at: datetime
    given: tuple[Given, ...]
    #: the newest answer that stands
    statement_id: StatementId | None
    #: None until somebody asked; `sealed` then says what to make them from
    words: Words | None
    sealed: SealedWords


@dataclass(frozen=True, slots=True)
class Update:
    """Something that became of a request."""

    update_id: UUID
    ticket: Ticket
    state: State
    disposition: str | None
    at: datetime
    #: a published answer, as it was confirmed
    text: str | None = None
    statement_id: StatementId | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """A fact that others are told of, and the state it led to."""

    update_id: UUID
    complaint_id: ComplaintId
    happened: Happened
    state: State


def changes(before: Progress, after: Progress) -> bool:
    """Whether others are told."""
    return (before.state, before.disposition) != (after.state, after.disposition)


def in_order(requests: Sequence[Request], tickets: Sequence[Ticket] | None) -> Sequence[Request]:
    """In the order in which they were named; as they came, where they were not."""
    if tickets is None:
        return requests
    places = {ticket: place for place, ticket in enumerate(tickets)}
    return sorted(requests, key=lambda request: places[request.ticket])
