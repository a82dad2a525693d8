from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID


class Kind(StrEnum):
    """The facts that change a complaint's figures; any other fact only moves its `seq`."""

    REGISTERED = "complaint.registered"
    TRIAGED = "complaint.triaged"
    NO_ACTION = "complaint.no_action"
    ASSIGNED = "complaint.assigned"
    #: an import whose source does not tell when
    ASSIGNED_UNTIMED = "complaint.assigned.untimed"
    ACCEPTED = "assignment.accepted"
    RETURNED = "assignment.returned"
    TRANSFERRED = "assignment.transferred"
    TAKEN_BACK = "assignment.withdrawn"
    CONTRIBUTED = "assignment.contributed"
    ANSWERED = "complaint.answered"
    ANSWERED_ELSEWHERE = "complaint.answered_elsewhere"
    RESOLVED = "complaint.resolved"
    CLOSED = "complaint.closed"
    REOPENED = "complaint.reopened"
    REJECTED = "complaint.rejected"
    MERGED = "complaint.merged"
    WITHDRAWN = "complaint.withdrawn"


class CalendarKey(NamedTuple):
    """One version of one calendar document."""

    id: str
    version: str


@dataclass(frozen=True, slots=True)
class Step:
    """One fact of a complaint's life, as far as figures depend on it."""

    complaint_id: UUID
    seq: int
    #: a `Kind`, or the name of a fact without a figure
    kind: str
    #: when it happened in the world
    at: datetime
    agency: str | None = None
    role: str | None = None
    assignment_id: UUID | None = None
    #: of an assignment's own deadline
    calendar: CalendarKey | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the log a fact stands, and when."""

    event_id: UUID
    topic: str
    partition: int
    offset: int
    occurred_at: datetime
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact of a complaint as it is kept."""

    place: Place
    step: Step


class StatementStage(StrEnum):
    """What can have happened to one version of a statement."""

    DRAFTED = "drafted"
    CONFIRMED = "confirmed"
    PUBLISHED = "published"
    CORRECTED = "corrected"
    RETRACTED = "retracted"


@dataclass(frozen=True, slots=True)
class StatementFact:
    """One fact about one version of an official statement, as it is kept."""

    place: Place
    statement_id: UUID
    version: int
    stage: StatementStage
    kind: str
    purpose: str
    agency: str
    #: how many it answers
    complaints: int


@dataclass(frozen=True, slots=True)
class Document:
    """One version of a directory document, as published."""

    kind: str
    id: str
    version: str
    effective_from: datetime | None
    effective_to: datetime | None
    known_from: datetime
    body: dict[str, Any]
