"""Facts become events: numbered without gaps, chained by hashes, appended and published."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import orjson

from agency_gateway.domain import complaint as domain
from agency_gateway.domain import facts
from agency_gateway.domain.complaint import Case
from agency_gateway.domain.facts import Fact
from agency_gateway.domain.records import HistoryRecord
from lintas.contracts.codec import Encoded, timestamp
from lintas.contracts.events import complaints
from lintas.contracts.events.complaints import Deadline, LifecycleEvent
from lintas.contracts.events.envelope import chain_hash
from lintas.vocabulary.ids import ComplaintId, EventId, PersonId, derived_id

#: the hash before a complaint's first fact
GENESIS = "0" * 64

_EVENTS: Mapping[type[Fact], type[LifecycleEvent]] = {
    facts.Registered: complaints.ComplaintRegistered,
    facts.Triaged: complaints.ComplaintTriaged,
    facts.NoActionTaken: complaints.NoActionNeeded,
    facts.Assigned: complaints.ComplaintAssigned,
    facts.Accepted: complaints.AssignmentAccepted,
    facts.Returned: complaints.AssignmentReturned,
    facts.ShareWithdrawn: complaints.AssignmentWithdrawn,
    facts.Contributed: complaints.ContributionMade,
    facts.RerouteAsked: complaints.RerouteRequested,
    facts.Answered: complaints.ComplaintAnswered,
    facts.AnsweredElsewhere: complaints.ComplaintAnsweredElsewhere,
    facts.Resolved: complaints.ComplaintResolved,
    facts.Closed: complaints.ComplaintClosed,
    facts.Reopened: complaints.ComplaintReopened,
    facts.Rejected: complaints.ComplaintRejected,
    facts.TakenBack: complaints.ComplaintWithdrawn,
    facts.Replied: complaints.ReporterReplied,
    facts.Rated: complaints.FeedbackRecorded,
}


@dataclass(frozen=True, slots=True)
class Cause:
    """What brought facts about, and when."""

    occurred_at: datetime
    recorded_at: datetime
    #: id of the fact with a number of the chain; the same on every retry
    event_id: Callable[[int], EventId]
    causation_id: UUID | None = None
    correlation_id: UUID | None = None
    traceparent: str | None = None
    person_id: PersonId | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """The end of a complaint's chain."""

    seq: int
    hash: str


def by_number(complaint: ComplaintId) -> Callable[[int], EventId]:
    """Ids for facts that a request brings about: a place in the chain is taken once."""
    return lambda seq: derived_id(complaint, "fact", seq)


@dataclass(frozen=True, slots=True)
class Told:
    """A fact in both its forms, of the same bytes: for the topic, and for the history."""

    event: Encoded
    record: HistoryRecord


def chained(case: Case, end: Link, told: Iterable[Fact], cause: Cause) -> tuple[list[Told], Link]:
    """The events of `told`, in order, from the end of the chain on; and its new end.

    The caller holds the complaint's row lock, or has just made the complaint.
    """
    facts_told = []
    for fact in told:
        one = _chain(_to_event(case, end, fact, cause))
        end = Link(one.record.seq, one.record.hash)
        facts_told.append(one)
    return facts_told, end


def first_broken(complaint: ComplaintId, rows: Iterable[HistoryRecord], end: Link) -> int | None:
    """The number of the first fact that is edited, missing, swapped or added; None if all fit."""
    previous = Link(0, GENESIS)
    for row in rows:
        if not _fits(complaint, row, previous):
            return previous.seq + 1
        previous = Link(row.seq, row.hash)
    return None if previous == end else previous.seq + 1


def _fits(complaint: ComplaintId, row: HistoryRecord, previous: Link) -> bool:
    try:
        body = orjson.loads(row.body)
    except orjson.JSONDecodeError:
        return False
    person = str(row.person_id) if row.person_id else None
    return (
        isinstance(body, dict)
        and row.complaint_id == complaint
        and row.seq == previous.seq + 1
        and row.previous_hash == previous.hash
        and body.get("complaint_id") == str(complaint)
        and body.get("seq") == row.seq
        and body.get("person_id") == person
        and body.get("hash") == row.hash == _hash(row, body)
    )


def _to_event(case: Case, end: Link, fact: Fact, cause: Cause) -> LifecycleEvent:
    seq = end.seq + 1
    common: dict[str, Any] = {
        "event_id": cause.event_id(seq),
        "occurred_at": cause.occurred_at,
        "recorded_at": cause.recorded_at,
        "correlation_id": cause.correlation_id,
        "causation_id": cause.causation_id,
        "traceparent": cause.traceparent,
        "complaint_id": case.id,
        "seq": seq,
        "origin": case.origin,
        "person_id": cause.person_id,
        "previous_hash": end.hash,
        "hash": GENESIS,
    }
    if isinstance(fact, facts.Registered):
        # it happened when we received the mention; the case says so too
        common.update(_plain(fact.case), occurred_at=case.received_at)
        common.pop("id")
        common["unjudged"] = fact.unjudged
    else:
        common.update(_plain(fact))
    return _EVENTS[type(fact)](**common)


_KINDS: tuple[type[Case | Fact], ...] = (Case, *_EVENTS)
_FIELDS = {kind: tuple(field.name for field in fields(kind)) for kind in _KINDS}
_DEADLINE = tuple(field.name for field in fields(domain.Deadline))


def _plain(value: Case | Fact) -> dict[str, Any]:
    plain = {name: getattr(value, name) for name in _FIELDS[type(value)]}
    if "deadlines" in plain:
        plain["deadlines"] = tuple(_deadline(deadline) for deadline in plain["deadlines"])
    return plain


@lru_cache(maxsize=4_096)
def _deadline(deadline: domain.Deadline) -> Deadline:
    # agencies' clocks of one batch begin at one moment, so most deadlines come again
    return Deadline(**{name: getattr(deadline, name) for name in _DEADLINE})


def _chain(event: LifecycleEvent) -> Told:
    body = event.plain_body()
    body["hash"] = _hash(event, body)
    encoded = orjson.dumps(body)
    record = HistoryRecord(
        complaint_id=event.complaint_id,
        seq=event.seq,
        event_id=event.event_id,
        type=event.type,
        occurred_at=event.occurred_at,
        recorded_at=event.recorded_at,
        person_id=event.person_id,
        previous_hash=event.previous_hash,
        hash=body["hash"],
        body=encoded.decode(),
    )
    return Told(Encoded(event, encoded), record)


def _hash(fact: LifecycleEvent | HistoryRecord, body: dict[str, Any]) -> str:
    """The hash a fact must have: over its predecessor's, its body, its type, its id and its times.

    The keys are those of the Kafka record's headers, so anyone can compute it from the record.
    """
    covered = {
        **body,
        "ce_type": fact.type,
        "ce_id": str(fact.event_id),
        "ce_time": timestamp(fact.occurred_at),
        "ce_recordedtime": timestamp(fact.recorded_at),
    }
    covered.pop("hash", None)
    return chain_hash(fact.previous_hash, covered)
