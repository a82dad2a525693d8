"""What a source says became of a complaint, as the facts that it would have left here."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from agency_gateway.domain import facts
from agency_gateway.domain.complaint import Assignment, Case, Complaint, Deadline
from lintas.vocabulary.ids import AgencyCode, ComplaintId
from lintas.vocabulary.terms import AssignmentState, ComplaintState, MentionClass, Role

#: named as the policy of a date that the source itself had set
SOURCE = "source"


class Fate(StrEnum):
    """What became of a past that was told."""

    #: the complaint is open, with all its facts
    OPENED = "opened"
    #: it opens when its mention comes by way of the router
    WAITING = "waiting"
    #: exactly this was told before
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Past:
    """One imported complaint as its source tells it; what it does not tell is None."""

    complaint_id: ComplaintId
    mention_class: MentionClass
    category: str | None
    kecamatan: str | None
    kelurahan: str | None
    #: who led
    agency: AgencyCode | None
    assigned_at: datetime | None
    answered_at: datetime | None
    resolved_at: datetime | None
    closed_at: datetime | None
    disposition: str
    #: by when it was to be settled
    target_at: datetime | None
    #: the source left the keeping of its own date without a verdict
    unjudged: bool | None


class Happened(NamedTuple):
    """A fact, and when it happened in the source's own time."""

    at: datetime
    fact: facts.Fact


class Recalled(NamedTuple):
    """An imported complaint as it stands, and how it came to be."""

    complaint: Complaint
    told: tuple[Happened, ...]


def recall(case: Case, past: Past, new_id: Callable[[AgencyCode], UUID]) -> Recalled:
    """The complaint as `past` leaves it, whatever the rules of today would say of it.

    Facts stand in the order of a complaint's life, with the source's times, which may contradict
    that order: they are kept as told. No deadline is computed; the source's own date is the only one.
    """
    case = replace(
        case,
        mention_class=past.mention_class,
        category=past.category,
        kecamatan=past.kecamatan,
        kelurahan=past.kelurahan,
        deadlines=_target(past),
    )
    told = [Happened(case.received_at, facts.Registered(case, past.unjudged))]
    complaint = Complaint(case, ComplaintState.REGISTERED)
    if not past.mention_class.needs_action:
        told.append(Happened(case.received_at, facts.NoActionTaken()))
        return Recalled(replace(complaint, state=ComplaintState.NO_ACTION), tuple(told))
    state = ComplaintState.TRIAGE
    if past.agency is None:
        told.append(Happened(case.received_at, facts.Triaged(0)))
    else:
        state = ComplaintState.ASSIGNED
        share = _share(case, past, new_id(past.agency))
        complaint = replace(complaint, assignments=(share,))
        untimed = True if past.assigned_at is None else None
        fact = facts.Assigned(share.id, share.agency, share.role, 0, (), (), untimed)
        told.append(Happened(share.assigned_at, fact))
    if past.answered_at is not None:
        state = ComplaintState.ANSWERED
        told.append(Happened(past.answered_at, facts.AnsweredElsewhere(past.agency)))
    if past.resolved_at is not None:
        state = ComplaintState.RESOLVED
        told.append(Happened(past.resolved_at, facts.Resolved(past.agency, past.disposition)))
    if past.closed_at is not None:
        state = ComplaintState.CLOSED
        told.append(Happened(past.closed_at, facts.Closed(past.disposition)))
    return Recalled(replace(complaint, state=state), tuple(told))


def _target(past: Past) -> tuple[Deadline, ...]:
    if past.target_at is None:
        return ()
    return (Deadline("resolution", past.target_at, SOURCE, SOURCE, None, None),)


def _share(case: Case, past: Past, share_id: UUID) -> Assignment:
    assert past.agency is not None  # noqa: S101  # the caller has looked
    state = AssignmentState.QUEUED
    if past.closed_at is not None:
        state = AssignmentState.DONE
    elif past.answered_at is not None or past.resolved_at is not None:
        state = AssignmentState.ANSWERED
    return Assignment(
        id=share_id,
        agency=past.agency,
        role=Role.LEAD,
        state=state,
        round=0,
        assigned_at=past.assigned_at or case.received_at,
    )
