"""Events as the domain knows them."""

from collections.abc import Iterable
from functools import cache

from lintas.contracts.events import Event
from lintas.contracts.events.complaints import (
    AssignmentEvent,
    ComplaintAnswered,
    ComplaintAnsweredElsewhere,
    ComplaintAssigned,
    ComplaintRegistered,
    Deadline,
    LifecycleEvent,
)
from lintas.contracts.events.reference import DirectoryPublished
from lintas.contracts.events.statements import StatementEvent
from lintas.messaging.handling import Received
from metrics.domain.cases import Case
from metrics.domain.facts import (
    CalendarKey,
    Document,
    Fact,
    Kind,
    Place,
    StatementFact,
    StatementStage,
    Step,
)
from metrics.domain.questions import Stage


def to_fact(received: Received[LifecycleEvent]) -> Fact:
    """A fact of a complaint with its place in the log."""
    event = received.event
    agency = role = assignment_id = calendar = None
    kind = kind_of(type(event))
    if isinstance(event, ComplaintAssigned):
        kind = Kind.ASSIGNED_UNTIMED if event.untimed else kind
        agency, role, assignment_id = event.agency, event.role.value, event.assignment_id
        calendar = _calendar_of(event.deadlines)
    elif isinstance(event, AssignmentEvent):
        agency, assignment_id = event.agency, event.assignment_id
    elif isinstance(event, ComplaintAnswered | ComplaintAnsweredElsewhere):
        agency = event.agency
    step = Step(
        event.complaint_id,
        event.seq,
        kind,
        event.occurred_at,
        agency,
        role,
        assignment_id,
        calendar,
    )
    return Fact(to_place(received), step)


def to_case(event: ComplaintRegistered) -> Case:
    """The complaint as its registration says."""
    calendar, version = _calendar_of(event.deadlines) or (None, None)
    due = {deadline.stage: deadline.due_at for deadline in reversed(event.deadlines)}
    return Case(
        complaint_id=event.complaint_id,
        seq=event.seq,
        last_at=event.occurred_at,
        registered_at=event.occurred_at,
        received_at=event.received_at,
        posted_at=event.posted_at,
        origin=event.origin.value,
        channel=event.channel,
        mention_class=event.mention_class.value,
        category=event.category,
        kecamatan=event.kecamatan,
        kelurahan=event.kelurahan,
        subject=event.subject,
        stance=event.stance.value,
        stakeholder=event.stakeholder.value,
        first_response_due_at=due.get(Stage.FIRST_RESPONSE),
        resolution_due_at=due.get(Stage.RESOLUTION),
        calendar=calendar,
        calendar_version=version,
        unjudged=event.unjudged,
    )


def to_statement_fact(received: Received[StatementEvent]) -> StatementFact:
    """A fact about a version of a statement with its place in the log."""
    event = received.event
    return StatementFact(
        to_place(received),
        event.statement_id,
        event.version,
        StatementStage(kind_of(type(event)).partition(".")[2]),
        event.kind.value,
        event.purpose.value,
        event.agency,
        len(event.complaint_ids),
    )


def to_document(event: DirectoryPublished) -> Document:
    """A directory document."""
    return Document(
        event.kind,
        event.id,
        event.version,
        event.effective_from,
        event.effective_to,
        event.known_from,
        event.body,
    )


def to_place(received: Received[Event]) -> Place:
    """Where in the log an event stands."""
    event, record = received.event, received.record
    return Place(
        event.event_id,
        record.topic,
        record.partition,
        record.offset,
        event.occurred_at,
        event.recorded_at,
    )


@cache
def kind_of(event: type[Event]) -> str:
    """`lintas.complaint.assigned.v1` without its ends."""
    return event.type.removeprefix("lintas.").rpartition(".v")[0]


def _calendar_of(deadlines: Iterable[Deadline]) -> CalendarKey | None:
    """The calendar of the first-response deadline, else of the first one."""
    first = None
    for deadline in deadlines:
        if deadline.calendar is None or deadline.calendar_version is None:
            # a source set the date
            continue
        key = CalendarKey(deadline.calendar, deadline.calendar_version)
        if deadline.stage == Stage.FIRST_RESPONSE:
            return key
        first = first or key
    return first
