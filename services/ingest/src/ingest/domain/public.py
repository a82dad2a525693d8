"""What a citizen sees of a complaint. Hand-offs between agencies never show."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum, auto
from uuid import UUID

from lintas.vocabulary.ids import ComplaintId, StatementId
from lintas.vocabulary.terms import Anonymity, MentionClass, PublicStatus
from lintas.vocabulary.ticket import Ticket


class Step(Enum):
    """What a fact of the lifecycle means to the citizen."""

    REGISTERED = auto()
    #: it is on somebody's desk again (assigned or in triage)
    PLACED = auto()
    #: somebody works on it
    TAKEN_UP = auto()
    #: it is handled together with others
    MERGED = auto()
    ANSWERED = auto()
    RESOLVED = auto()
    CLOSED = auto()
    REOPENED = auto()
    REJECTED = auto()
    NO_ACTION = auto()
    WITHDRAWN = auto()
    #: returned, transferred, contributed, paused: the city's own business
    INTERNAL = auto()


_S = PublicStatus


def _always(status: PublicStatus) -> Mapping[PublicStatus, PublicStatus]:
    return dict.fromkeys(PublicStatus, status)


#: step → status before → status after; what is not listed leaves the status as it is
SHOWS: Mapping[Step, Mapping[PublicStatus, PublicStatus]] = {
    Step.REGISTERED: {},
    # only a decision that it needed no action, or was not ours, can be taken back like this
    Step.PLACED: {_S.NO_ACTION: _S.RECEIVED, _S.REJECTED: _S.RECEIVED},
    Step.TAKEN_UP: {_S.RECEIVED: _S.IN_PROGRESS},
    Step.MERGED: {_S.RECEIVED: _S.IN_PROGRESS},
    Step.ANSWERED: _always(_S.ANSWERED),
    Step.RESOLVED: _always(_S.RESOLVED),
    Step.CLOSED: _always(_S.CLOSED),
    Step.REOPENED: _always(_S.IN_PROGRESS),
    Step.REJECTED: _always(_S.REJECTED),
    Step.NO_ACTION: _always(_S.NO_ACTION),
    Step.WITHDRAWN: _always(_S.WITHDRAWN),
    Step.INTERNAL: {},
}


@dataclass(frozen=True, slots=True)
class About:
    """What a complaint is about, where, and who answers, as codes of the city's directory."""

    category: str | None = None
    kecamatan: str | None = None
    kelurahan: str | None = None
    #: in whose working days the promise is counted
    calendar: str | None = None
    #: who would answer by now: the city's own business until they take it up
    lead: str | None = None
    #: who took it up or answered; a hand-off does not move it
    answering: str | None = None
    mention_class: MentionClass | None = None
    #: handled together with others about the same happening
    merged: bool = False


@dataclass(frozen=True, slots=True)
class Shown:
    """The public side of one complaint."""

    complaint_id: ComplaintId
    #: the last lifecycle fact folded in
    seq: int
    status: PublicStatus
    promised_at: datetime | None
    #: when something the citizen can see last changed; a hand-off must not move it either
    updated_at: datetime
    about: About = About()


@dataclass(frozen=True, slots=True)
class Change:
    """One lifecycle fact, as far as the public side is concerned."""

    complaint_id: ComplaintId
    seq: int
    step: Step
    at: datetime
    #: the date promised at registration
    promised_at: datetime | None = None
    #: what is known at registration
    about: About = About()
    #: whom the step names
    agency: str | None = None


class Gap(Exception):
    """A fact before this one has not been seen yet; applying this one would skip it."""


def fold(shown: Shown, change: Change) -> Shown:
    """`shown` after `change`; a fact that is already in it changes nothing.

    Raises:
        Gap: facts between the two are missing.
    """
    if change.seq <= shown.seq:
        return shown
    if change.seq > shown.seq + 1:
        raise Gap
    status = SHOWS[change.step].get(shown.status, shown.status)
    promised_at = change.promised_at if change.step is Step.REGISTERED else shown.promised_at
    about = _about(shown, change, status)
    before = (shown.status, shown.promised_at, shown.about.answering, shown.about.merged)
    visible = (status, promised_at, about.answering, about.merged) != before
    return replace(
        shown,
        seq=change.seq,
        status=status,
        promised_at=promised_at,
        updated_at=max(change.at, shown.updated_at) if visible else shown.updated_at,
        about=about,
    )


def _about(shown: Shown, change: Change, status: PublicStatus) -> About:
    about = shown.about
    if change.step is Step.REGISTERED:
        return replace(
            change.about, lead=about.lead, answering=about.answering, merged=about.merged
        )
    if change.step is Step.PLACED and change.agency:
        return replace(about, lead=change.agency)
    if change.step in (Step.TAKEN_UP, Step.MERGED):
        taken_up = status is not shown.status
        answering = (about.lead or change.agency) if taken_up else about.answering
        merged = about.merged or change.step is Step.MERGED
        return replace(about, answering=answering, merged=merged)
    if change.step is Step.ANSWERED and change.agency:
        return replace(about, answering=change.agency)
    return about


@dataclass(frozen=True, slots=True)
class Answer:
    """A confirmed statement that answers the complaint."""

    statement_id: StatementId
    version: int
    #: this version
    published_at: datetime
    #: its first version
    first_published_at: datetime
    #: None while it stands
    retracted_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Reached:
    """A status the complaint came to, and when."""

    status: PublicStatus
    at: datetime


#: in these the reporter may say whether it helped
ANSWERED = frozenset({PublicStatus.ANSWERED, PublicStatus.RESOLVED, PublicStatus.CLOSED})


def answered_at(
    status: PublicStatus, steps: Iterable[Reached], answers: Iterable[Answer]
) -> datetime | None:
    """When the reporter was last told something they may judge; None while nothing is answered."""
    moments = [step.at for step in steps if step.status in ANSWERED]
    moments += [answer.published_at for answer in answers if answer.retracted_at is None]
    return max(moments) if moments and status in ANSWERED else None


@dataclass(frozen=True, slots=True)
class Tracked:
    """Everything behind a ticket's page."""

    ticket: Ticket
    shown: Shown
    received_at: datetime
    #: those withdrawn again among them
    answers: tuple[Answer, ...]
    steps: tuple[Reached, ...]
    anonymity: Anonymity
    secret_hash: bytes | None
    key_id: UUID
    sealed: bytes
    #: its reporter took the first mention back
    withdrawn: bool = False
    #: its reporter's words are destroyed
    erased: bool = False
    #: how many others said on the form that it is theirs too
    followers: int = 0
