"""Keeps the corpus: what people said as decisions see it, and what became of it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID

from pydantic import ConfigDict, ValidationError

from lintas.contracts.codec import decoding
from lintas.contracts.events import Event, complaints, mentions, routing
from lintas.contracts.events.envelope import ComplaintEvent, Fact
from lintas.contracts.events.routing import MentionForwarded
from lintas.database.work import UnitOfWork
from lintas.messaging.handling import Received
from lintas.messaging.ports import TopicPartition
from lintas.vocabulary.ids import AgencyCode
from lintas.vocabulary.terms import Anonymity, MentionClass, Role
from router import store
from router.domain import Ending, Kept, Mention
from router.usecases.deciding import to_domain

#: rows deleted in one transaction, well within the statement timeout
_DROP_ROWS = 5_000


class UnusableWords(Exception):
    """A mention that was passed on cannot be read; the same every time."""


# what every complaint has is read only as far as the corpus needs it: checking all of it would cost
# several times what keeping it does, beside decisions that somebody waits for
_NO_MORE = ConfigDict(extra="ignore")


class _Decided(Fact):
    """Of a decision all but its reasons."""

    model_config = _NO_MORE

    mention_class: MentionClass
    category: str | None = None
    lead: AgencyCode | None = None
    rules_version: str


class _Routed(ComplaintEvent):
    type: ClassVar[str] = routing.ComplaintRouted.type
    model_config = _NO_MORE

    mention: mentions.Mention
    decision: _Decided


class _Registered(ComplaintEvent):
    type: ClassVar[str] = complaints.ComplaintRegistered.type
    model_config = _NO_MORE

    seq: int
    received_at: datetime
    anonymity: Anonymity = Anonymity.ANONYMOUS


class _Assigned(ComplaintEvent):
    type: ClassVar[str] = complaints.ComplaintAssigned.type
    model_config = _NO_MORE

    seq: int
    agency: AgencyCode
    role: Role


_Lived = _Registered | _Assigned | complaints.LifecycleEvent


@dataclass(slots=True)
class _Said:
    """What a batch says of mentions; the last word of each counts."""

    kept: dict[UUID, Kept] = field(default_factory=dict)
    edits: dict[tuple[UUID, UUID], Mention] = field(default_factory=dict)
    gone: set[tuple[UUID, UUID | None]] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Collector:
    """Takes events into the corpus; the same again changes nothing, and what is erased stays so.

    How far topics are read is kept with it, so that a database put back from a backup reads again
    what was erased since.
    """

    work: UnitOfWork

    async def load(self, partitions: Iterable[TopicPartition]) -> Mapping[TopicPartition, int]:
        """See `lintas.messaging.runner.Positions.load`."""
        async with self.work.begin() as tx:
            known = await store.corpus.positions(tx, list(partitions))
        return {TopicPartition(*partition): offset for partition, offset in known.items()}

    async def skip(self, positions: Mapping[TopicPartition, int]) -> None:
        """See `lintas.messaging.runner.Positions.skip`."""
        offsets = {(tp.topic, tp.partition): offset for tp, offset in positions.items()}
        async with self.work.begin() as tx:
            await store.corpus.move(tx, offsets)

    async def collect(self, received: Sequence[Received[Event]]) -> None:
        """Take events in, in order, in one transaction.

        Raises:
            UnusableWords: one of them can never be taken in.
        """
        events = [item.event for item in received]
        said = _said(events)
        lived = [event for event in events if isinstance(event, _Lived)]
        records = [item.record for item in received]
        ends = {(one.topic, one.partition): one.offset + 1 for one in records}
        async with self.work.begin() as tx:
            await store.corpus.add(tx, list(said.kept.values()))
            await store.corpus.edit(
                tx, [(*which, mention) for which, mention in said.edits.items()]
            )
            await store.corpus.forget(tx, said.gone)
            if lived:
                known = await store.corpus.endings(tx, {event.complaint_id for event in lived})
                await store.corpus.save(tx, _fold(known, lived))
            await store.corpus.move(tx, ends)


async def drop_old(work: UnitOfWork, keep: timedelta) -> int:
    """Delete some of what is older than it is kept; how many rows that were."""
    before = work.clock() - keep
    async with work.begin() as tx:
        await store.backtests.drop_before(tx, before)
        return await store.corpus.drop_before(tx, before, _DROP_ROWS)


def _said(events: Sequence[Event]) -> _Said:
    said = _Said()
    for event in events:
        if isinstance(event, _Routed):
            _keep(said, event)
        elif isinstance(event, MentionForwarded):
            _forwarded(said, event)
    return said


def _keep(said: _Said, event: _Routed) -> None:
    """Never what is secret; a later round decides words that are kept already."""
    if event.mention.anonymity is Anonymity.SECRET or event.complaint_id in said.kept:
        return
    said.kept[event.complaint_id] = Kept(
        complaint_id=event.complaint_id,
        mention_id=event.mention.mention_id,
        mention=to_domain(event.mention),
        decided_class=event.decision.mention_class,
        decided_category=event.decision.category,
        decided_lead=event.decision.lead,
        rules_version=event.decision.rules_version,
    )


def _forwarded(said: _Said, event: MentionForwarded) -> None:
    complaint, payload = event.complaint_id, event.payload
    if event.event_type == mentions.MentionEdited.type:
        mention = _mention(payload)
        if mention.anonymity is Anonymity.SECRET:
            said.gone.add((complaint, mention.mention_id))
        else:
            said.edits[complaint, mention.mention_id] = to_domain(mention)
    elif event.event_type == mentions.MentionWithdrawn.type:
        said.gone.add((complaint, _mention_id(payload)))
    elif event.event_type == mentions.MentionErased.type:
        said.gone.add((complaint, _mention_id(payload) if payload.get("mention_id") else None))


def _fold(known: Mapping[UUID, Ending], events: Sequence[_Lived]) -> list[Ending]:
    """What became of complaints; of those whose first fact is unknown nothing is kept."""
    endings = dict(known)
    for event in events:
        if isinstance(event, _Registered):
            if event.anonymity is not Anonymity.SECRET:
                fresh = Ending(event.complaint_id, event.received_at, event.seq)
                endings.setdefault(event.complaint_id, fresh)
            continue
        ending = endings.get(event.complaint_id)
        # facts are numbered in order, so one that comes again is known by its number
        if ending is not None and event.seq > ending.seq:
            after = _EFFECTS[type(event)](ending, event)
            endings[event.complaint_id] = after.at(event.seq)
    return [ending for ending in endings.values() if known.get(ending.complaint_id) != ending]


def _assigned(ending: Ending, event: _Assigned) -> Ending:
    return ending.led_by(event.agency) if event.role is Role.LEAD else ending


def _given_up(ending: Ending, event: complaints.AssignmentEvent) -> Ending:
    bounced = not isinstance(event, complaints.AssignmentWithdrawn)
    return ending.given_up(event.agency, bounced=bounced)


def _settled(
    ending: Ending,
    event: complaints.ComplaintAnswered
    | complaints.ComplaintAnsweredElsewhere
    | complaints.ComplaintResolved,
) -> Ending:
    return ending.settled(event.agency)


def _closed(ending: Ending, _event: complaints.ComplaintClosed) -> Ending:
    return ending if ending.settled_by else ending.settled(None)


def _rejected(ending: Ending, _event: complaints.ComplaintRejected) -> Ending:
    # nobody of the city was right for it
    return replace(ending, lead=None, settled_by=None)


def _reopened(ending: Ending, _event: complaints.ComplaintReopened) -> Ending:
    return ending.reopened()


_EFFECTS: Mapping[type[Event], Callable[[Ending, Any], Ending]] = {
    _Assigned: _assigned,
    complaints.AssignmentReturned: _given_up,
    complaints.AssignmentTransferred: _given_up,
    complaints.AssignmentWithdrawn: _given_up,
    complaints.ComplaintAnswered: _settled,
    complaints.ComplaintAnsweredElsewhere: _settled,
    complaints.ComplaintResolved: _settled,
    complaints.ComplaintClosed: _closed,
    complaints.ComplaintRejected: _rejected,
    complaints.ComplaintReopened: _reopened,
}

#: the facts that are read; of those that only follow each other nothing is
read = decoding(_Routed, MentionForwarded, _Registered, *_EFFECTS)


def _mention(payload: Mapping[str, Any]) -> mentions.Mention:
    try:
        return mentions.Mention.model_validate(payload.get("mention"))
    except ValidationError:
        raise UnusableWords("mention") from None


def _mention_id(payload: Mapping[str, Any]) -> UUID:
    try:
        return UUID(str(payload.get("mention_id")))
    except ValueError:
        raise UnusableWords("mention_id") from None
