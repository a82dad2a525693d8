"""Folding the lifecycle and the statements into what a citizen sees."""

from collections.abc import Mapping, Sequence

from ingest.domain.public import About, Change, Shown, Step, fold
from ingest.store import tracking as store
from ingest.usecases.open311 import following as open311
from lintas.contracts.events import Event, complaints, statements
from lintas.contracts.events.complaints import Deadline, LifecycleEvent
from lintas.contracts.events.statements import StatementEvent
from lintas.database.work import Transaction, UnitOfWork
from lintas.vocabulary.ids import ComplaintId
from lintas.vocabulary.terms import Role, StatementKind

#: as in the consumer group's name
CONSUMER = "ingest.status"

#: what is not listed is the city's own business
STEPS: Mapping[type[LifecycleEvent], Step] = {
    complaints.ComplaintRegistered: Step.REGISTERED,
    complaints.ComplaintTriaged: Step.PLACED,
    complaints.ComplaintAssigned: Step.PLACED,
    complaints.AssignmentAccepted: Step.TAKEN_UP,
    complaints.ComplaintMerged: Step.MERGED,
    complaints.ComplaintAnswered: Step.ANSWERED,
    complaints.ComplaintAnsweredElsewhere: Step.ANSWERED,
    complaints.ComplaintResolved: Step.RESOLVED,
    complaints.ComplaintClosed: Step.CLOSED,
    complaints.ComplaintReopened: Step.REOPENED,
    complaints.ComplaintRejected: Step.REJECTED,
    complaints.NoActionNeeded: Step.NO_ACTION,
    complaints.ComplaintWithdrawn: Step.WITHDRAWN,
}
#: the promise a citizen is told: when it will be settled, else when somebody will answer
_PROMISES = ("resolution", "first_response")


async def follow(work: UnitOfWork, events: Sequence[Event]) -> None:
    """Apply a run of lifecycle and statement events once, in one transaction.

    Complaints that did not come in here have no ticket and are passed over.

    Raises:
        domain.public.Gap: an earlier fact of a complaint is missing; nothing was applied.
    """
    async with work.begin() as tx:
        fresh = await tx.first_time(CONSUMER, events)
        await _fold_lifecycle(tx, [event for event in fresh if isinstance(event, LifecycleEvent)])
        for event in fresh:
            if isinstance(event, StatementEvent) and event.kind is StatementKind.ANSWER:
                await _follow_answer(tx, event)
        await open311.follow(tx, fresh)


async def _fold_lifecycle(tx: Transaction, events: Sequence[LifecycleEvent]) -> None:
    if not events:
        return
    before = await store.shown(tx, list({event.complaint_id for event in events}))
    after: dict[ComplaintId, Shown] = dict(before)
    steps: list[Shown] = []
    for event in events:
        shown = after.get(event.complaint_id)
        if shown is not None:
            after[event.complaint_id] = now = fold(shown, _change(event))
            if now.status is not shown.status:
                steps.append(now)
    await store.show(tx, [shown for key, shown in after.items() if shown != before[key]])
    await store.add_steps(tx, steps)


def _change(event: LifecycleEvent) -> Change:
    deadlines = event.deadlines if isinstance(event, complaints.ComplaintRegistered) else ()
    promised = _promise(deadlines)
    about = About()
    if isinstance(event, complaints.ComplaintRegistered):
        calendar = promised.calendar if promised else None
        about = About(
            event.category,
            event.kecamatan,
            event.kelurahan,
            calendar,
            mention_class=event.mention_class,
        )
    return Change(
        complaint_id=event.complaint_id,
        seq=event.seq,
        step=STEPS.get(type(event), Step.INTERNAL),
        at=event.occurred_at,
        promised_at=promised.due_at if promised else None,
        about=about,
        agency=_agency(event),
    )


def _agency(event: LifecycleEvent) -> str | None:
    if isinstance(event, complaints.ComplaintAssigned):
        return event.agency if event.role is Role.LEAD else None
    named = (
        complaints.AssignmentAccepted,
        complaints.ComplaintAnswered,
        complaints.ComplaintAnsweredElsewhere,
    )
    return event.agency if isinstance(event, named) else None


def _promise(deadlines: Sequence[Deadline]) -> Deadline | None:
    by_stage = {deadline.stage: deadline for deadline in deadlines}
    return next((by_stage[stage] for stage in _PROMISES if stage in by_stage), None)


async def _follow_answer(tx: Transaction, event: StatementEvent) -> None:
    if isinstance(event, statements.StatementPublished | statements.StatementCorrected):
        await store.publish_answer(
            tx, event.complaint_ids, event.statement_id, event.version, event.occurred_at
        )
    elif isinstance(event, statements.StatementRetracted):
        await store.retract_answer(tx, event.statement_id, event.version, event.occurred_at)
