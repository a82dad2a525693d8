"""Listing complaints whose lifecycle was followed before there was a list, from the log itself."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from uuid import UUID

from ingest.domain.open311.requests import Progress, Told
from ingest.store import open311 as store
from ingest.usecases.open311 import following
from lintas.contracts.events import Event
from lintas.contracts.events.complaints import LifecycleEvent
from lintas.contracts.events.statements import (
    StatementCorrected,
    StatementEvent,
    StatementPublished,
    StatementRetracted,
)
from lintas.database.work import UnitOfWork
from lintas.telemetry import get_logger
from lintas.vocabulary.ids import ComplaintId
from lintas.vocabulary.terms import StatementKind

_log = get_logger(__name__)
#: complaints whose story is held at once
_AT_ONCE = 20_000
_LOT = 500

#: what was published since it was asked last, at first everything, in parts
History = Callable[[], AsyncIterator[Sequence[Event]]]


class _Stories:
    """What the log tells of some complaints, each up to the fact that was followed last."""

    def __init__(self, upto: dict[ComplaintId, int]) -> None:
        self._upto = upto
        self._reached: dict[ComplaintId, int] = dict.fromkeys(upto, 0)
        self.progress: dict[ComplaintId, Progress] = {}
        self.told: dict[ComplaintId, list[Told]] = {}
        #: the version that stands
        self.answers: dict[UUID, StatementPublished | StatementCorrected] = {}

    def take(self, event: Event) -> None:
        """Hear one event; one that comes twice counts once."""
        if isinstance(event, LifecycleEvent):
            self._happen(event)
        elif isinstance(event, StatementEvent) and event.kind is StatementKind.ANSWER:
            self._answer(event)

    def whole(self) -> dict[ComplaintId, int]:
        """Those of which no fact is missing, each with its last."""
        return {one: self._upto[one] for one in self.progress if self._is_whole(one)}

    def _is_whole(self, complaint: ComplaintId) -> bool:
        return self._reached[complaint] == self._upto[complaint]

    def _happen(self, event: LifecycleEvent) -> None:
        upto = self._upto.get(event.complaint_id, 0)
        if self._reached.get(event.complaint_id, 0) + 1 == event.seq <= upto:
            self._reached[event.complaint_id] = event.seq
            told = following.step(self.progress, event)
            self.told.setdefault(event.complaint_id, []).extend(told)

    def _answer(self, event: StatementEvent) -> None:
        shown = self.answers.get(event.statement_id)
        if isinstance(event, StatementRetracted):
            if shown is not None and shown.version <= event.version:
                del self.answers[event.statement_id]
        elif isinstance(event, StatementPublished | StatementCorrected):
            is_newer = shown is None or shown.version < event.version
            if is_newer and not self._upto.keys().isdisjoint(event.complaint_ids):
                self.answers[event.statement_id] = event


async def catch_up(work: UnitOfWork, history: History) -> bool:
    """List some of them exactly as if they had been followed; whether to try again for others.

    A complaint is listed whole or not at all, and only while no other fact is being followed: what
    moves meanwhile, or is broken off, is tried again. One whose story the log lacks stays away.
    """
    async with work.begin() as tx:
        upto = await store.unlisted(tx, _AT_ONCE)
    if not upto:
        return False
    stories = _Stories(upto)
    async for events in history():
        for event in events:
            stories.take(event)
    whole = stories.whole()
    names = [*whole]
    for start in range(0, len(names), _LOT):
        lot = {name: whole[name] for name in names[start : start + _LOT]}
        await _list(work, stories, lot)
    # an answer published meanwhile found no request to stand at
    late = [event async for events in history() for event in events]
    async with work.begin() as tx:
        await following.follow(tx, [one for one in late if isinstance(one, StatementEvent)])
    _log.info("open311_caught_up", listed=len(whole), left=len(upto) - len(whole))
    return bool(whole)


async def _list(work: UnitOfWork, stories: _Stories, lot: Mapping[ComplaintId, int]) -> None:
    async with work.begin() as tx:
        free = await store.still_unlisted(tx, lot)
        if not free:
            return
        await store.keep_progress(tx, [stories.progress[one] for one in free])
        told = [update for one in sorted(free) for update in stories.told[one]]
        if told:
            await store.add_updates(tx, told)
        for answer in stories.answers.values():
            of = free.intersection(answer.complaint_ids)
            if of:
                await following.show_answer(tx, answer, of)
