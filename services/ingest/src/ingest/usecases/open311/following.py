"""Folding the lifecycle and the answers into what Open311 lists."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from ingest.domain.open311.posts import CHANNEL
from ingest.domain.open311.requests import (
    Fact,
    Happened,
    Hidden,
    Progress,
    State,
    Told,
    changes,
    fold,
)
from ingest.store import open311 as store
from lintas.contracts.events import Event, complaints, statements
from lintas.contracts.events.complaints import ComplaintRegistered, LifecycleEvent
from lintas.contracts.events.statements import StatementEvent
from lintas.database.work import Transaction
from lintas.vocabulary.ids import ComplaintId, derived_id
from lintas.vocabulary.terms import Anonymity, MentionClass, Role, StatementKind

#: what is not listed is the city's own business
_FACTS: Mapping[type[LifecycleEvent], Fact] = {
    complaints.ComplaintTriaged: Fact.TRIAGED,
    complaints.ComplaintAssigned: Fact.GIVEN,
    complaints.AssignmentAccepted: Fact.ACCEPTED,
    complaints.ComplaintAnswered: Fact.ANSWERED,
    complaints.ComplaintAnsweredElsewhere: Fact.ANSWERED,
    complaints.ComplaintResolved: Fact.RESOLVED,
    complaints.ComplaintClosed: Fact.CLOSED,
    complaints.ComplaintReopened: Fact.REOPENED,
    complaints.ComplaintRejected: Fact.REJECTED,
    complaints.ComplaintMerged: Fact.MERGED,
    complaints.ComplaintWithdrawn: Fact.WITHDRAWN,
    complaints.NoActionNeeded: Fact.NO_ACTION,
}


async def follow(tx: Transaction, events: Sequence[Event]) -> None:
    """Apply events that are seen for the first time, in the transaction that marks them so."""
    lifecycle = [event for event in events if isinstance(event, LifecycleEvent)]
    if lifecycle:
        await _fold(tx, lifecycle)
    for event in events:
        if isinstance(event, StatementEvent) and event.kind is StatementKind.ANSWER:
            await _answer(tx, event)


async def _fold(tx: Transaction, events: Sequence[LifecycleEvent]) -> None:
    before = await store.progress(tx, list({event.complaint_id for event in events}))
    opened = [event for event in events if isinstance(event, ComplaintRegistered)]
    came_in = await store.here(tx, [event.complaint_id for event in opened]) if opened else {}
    after = dict(before)
    told = [
        update
        for event in events
        if not isinstance(event, ComplaintRegistered) or event.complaint_id in came_in
        for update in step(after, event)
    ]
    changed = [one for key, one in after.items() if one != before.get(key)]
    if changed:
        await store.keep_progress(tx, changed)
    if told:
        await store.add_updates(tx, told)
    gone = [one.complaint_id for one in changed if one.state is State.WITHDRAWN]
    if gone:
        await store.forget_words(tx, gone)


def step(known: dict[ComplaintId, Progress], event: LifecycleEvent) -> list[Told]:
    """Let one fact happen to what is known; what others are told of it."""
    before = known.get(event.complaint_id)
    if isinstance(event, ComplaintRegistered):
        known[event.complaint_id] = _registered(event, before)
        return []
    happened = _happened(event)
    if before is None or happened is None:
        return []
    now = known[event.complaint_id] = fold(before, happened)
    # the published statement tells of an answer in its own words
    if not changes(before, now) or isinstance(event, complaints.ComplaintAnswered):
        return []
    return [Told(event.event_id, event.complaint_id, happened, now.state)]


def _registered(event: ComplaintRegistered, known: Progress | None) -> Progress:
    fresh = Progress(event.complaint_id, event.received_at, event.received_at)
    return replace(known or fresh, category=event.category, hidden=_hidden(event))


def _hidden(event: ComplaintRegistered) -> Hidden | None:
    if event.anonymity is Anonymity.SECRET:
        return Hidden.SECRET
    if event.mention_class is MentionClass.OWN_POST:
        return Hidden.OWN_POST
    # who posted it here asks for it by its number; elsewhere it may be anybody's chatter, or spam
    if event.mention_class is MentionClass.OTHER and event.channel != CHANNEL:
        return Hidden.OTHER
    return None


def _happened(event: LifecycleEvent) -> Happened | None:
    fact = _FACTS.get(type(event))
    if fact is None or (isinstance(event, complaints.ComplaintAssigned) and not _leads(event)):
        return None
    # what a source of history tells is its own word for it
    disposition = getattr(event, "disposition", None)
    if isinstance(event, complaints.ComplaintRejected):
        disposition = event.reason
    return Happened(fact, event.occurred_at, getattr(event, "agency", None), disposition)


def _leads(event: complaints.ComplaintAssigned) -> bool:
    return event.role is Role.LEAD


async def show_answer(
    tx: Transaction,
    event: statements.StatementPublished | statements.StatementCorrected,
    of: Iterable[ComplaintId],
) -> None:
    """Show a published answer at these of its complaints; seen again, it changes nothing."""
    updates = {
        complaint: derived_id(event.event_id, "open311_update", str(complaint)) for complaint in of
    }
    await store.add_answer(
        tx, updates, event.statement_id, event.version, event.text, event.occurred_at
    )


async def _answer(tx: Transaction, event: StatementEvent) -> None:
    if isinstance(event, statements.StatementPublished | statements.StatementCorrected):
        await store.retract_answer(tx, event.statement_id, event.version - 1)
        await show_answer(tx, event, event.complaint_ids)
    elif isinstance(event, statements.StatementRetracted):
        await store.retract_answer(tx, event.statement_id, event.version)
