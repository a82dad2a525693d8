from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from uuid import UUID

from lintas.contracts.events import Event
from lintas.contracts.events.complaints import ComplaintRegistered, LifecycleEvent
from lintas.contracts.events.reference import DirectoryPublished
from lintas.contracts.events.statements import StatementEvent
from lintas.database.work import Transaction, UnitOfWork
from lintas.messaging.handling import Poison, Received
from lintas.messaging.ports import TopicPartition
from lintas.telemetry import count
from metrics import store
from metrics.domain.cases import Case
from metrics.domain.facts import Fact, Step
from metrics.domain.folding import Story, advance
from metrics.store.positions import Move
from metrics.usecases.reading import (
    kind_of,
    to_case,
    to_document,
    to_fact,
    to_statement_fact,
)


class PositionMoved(Exception):
    """Another reader folds this partition now, or the generation was replaced; begin anew."""


class Folder:
    """Folds batches of the log into one generation; also keeps its positions (`Positions`).

    A batch's facts, what they add up to and the next offsets commit together or not at all. A
    repeated fact is known by its event id; a reader whose position was moved by another one writes
    nothing. The result is the same for any cut into batches and any interleaving of complaints: a
    fact that comes before an earlier one of its complaint is kept, and folded once the gap closes.
    """

    def __init__(self, work: UnitOfWork, generation: int) -> None:
        self._work = work
        self.generation = generation
        #: where each partition stands as far as this reader knows
        self._next: dict[TopicPartition, int] = {}

    async def load(self, partitions: Iterable[TopicPartition]) -> Mapping[TopicPartition, int]:
        """See `lintas.messaging.runner.Positions.load`."""
        async with self._work.begin() as tx:
            await self._learn(tx, partitions)
        # what was never folded is read from the beginning, wherever that is
        return {tp: self._next[tp] for tp in partitions if self._next[tp]}

    async def skip(self, positions: Mapping[TopicPartition, int]) -> None:
        """See `lintas.messaging.runner.Positions.skip`."""
        async with self._work.begin() as tx:
            await self._move(tx, positions, {})
        self._note(positions)

    async def fold(self, received: Sequence[Received[Event]]) -> None:
        """Apply a batch in one transaction.

        Raises:
            Poison: a fact has the `seq` of another one.
            PositionMoved: nothing was written; this reader must load its positions again.
        """
        ends: dict[TopicPartition, int] = {}
        read_to: dict[TopicPartition, datetime] = {}
        for item in received:
            tp = TopicPartition(item.record.topic, item.record.partition)
            ends[tp] = max(ends.get(tp, 0), item.record.offset + 1)
            read_to[tp] = datetime.fromtimestamp(item.record.timestamp_ms / 1000, UTC)
        async with self._work.begin() as tx:
            # first of all, so that a reader that lost its partitions fails before it writes
            await self._move(tx, ends, read_to)
            folded = await self._apply(tx, received)
        self._note(ends)
        for kind, number in folded.items():
            count("lintas_facts_total", number, kind=kind)

    async def saw_end(self, ends: Mapping[TopicPartition, int], at: datetime) -> None:
        """Note that the log ended at these offsets at `at`; only what was folded up to there counts.

        Raises:
            PositionMoved: also tells a reader without work that its generation was replaced.
        """
        reached = {tp: end for tp, end in ends.items() if self._next.get(tp) == end}
        if not reached:
            return
        async with self._work.begin() as tx:
            if not await store.positions.saw_end(tx, self.generation, reached, at):
                raise PositionMoved

    def stands_at(self, tp: TopicPartition) -> int | None:
        """The next offset this reader will fold, if it has read the partition."""
        return self._next.get(tp)

    async def _learn(self, tx: Transaction, partitions: Iterable[TopicPartition]) -> None:
        self._next.update(await store.positions.learn(tx, self.generation, partitions))

    async def _move(
        self,
        tx: Transaction,
        ends: Mapping[TopicPartition, int],
        read_to: Mapping[TopicPartition, datetime],
    ) -> None:
        unknown = [tp for tp in ends if tp not in self._next]
        if unknown:
            await self._learn(tx, unknown)
        moves = [
            Move(tp, self._next[tp], end, read_to.get(tp))
            for tp, end in sorted(ends.items())
            # a record that had been parked lies behind the position
            if end > self._next[tp]
        ]
        if moves and not await store.positions.move(tx, self.generation, moves):
            raise PositionMoved

    def _note(self, ends: Mapping[TopicPartition, int]) -> None:
        for tp, end in ends.items():
            self._next[tp] = max(self._next.get(tp, 0), end)

    async def _apply(self, tx: Transaction, received: Sequence[Received[Event]]) -> Counter[str]:
        facts: list[Fact] = []
        opened: dict[UUID, Case] = {}
        statements, documents = [], []
        for item in received:
            event = item.event
            if isinstance(event, LifecycleEvent):
                facts.append(to_fact(Received(event, item.record)))
                if isinstance(event, ComplaintRegistered) and event.seq == 1:
                    opened[event.complaint_id] = to_case(event)
            elif isinstance(event, StatementEvent):
                statements.append(to_statement_fact(Received(event, item.record)))
            elif isinstance(event, DirectoryPublished):
                documents.append(to_document(event))
        if documents:
            kept = [one for one in documents if one.kind in store.directory.KINDS]
            if kept:
                await store.directory.add(tx, self.generation, kept)
        if statements:
            await store.statements.add(tx, self.generation, statements)
        if facts:
            await self._fold_complaints(tx, facts, opened)
        return Counter(kind_of(type(item.event)) for item in received)

    async def _fold_complaints(
        self, tx: Transaction, facts: Sequence[Fact], opened: Mapping[UUID, Case]
    ) -> None:
        new = await store.facts.add(tx, self.generation, facts)
        await self._refuse_doubles(tx, facts, new)
        steps: dict[UUID, list[Step]] = {}
        for fact in facts:
            if fact.place.event_id in new:
                steps.setdefault(fact.step.complaint_id, []).append(fact.step)
        if not steps:
            return
        complaints = sorted(steps)
        told = await store.cases.stories(tx, self.generation, complaints)
        kept = await store.facts.beyond_gaps(tx, self.generation, complaints)
        continued: list[Story] = []
        waiting: dict[UUID, int] = {}
        for complaint in complaints:
            before = told.get(complaint)
            # the fresh ones may be among those read back
            at_hand = {step.seq: step for step in (*kept.get(complaint, ()), *steps[complaint])}
            after = advance(before, at_hand.values(), opened.get(complaint))
            if after is not None and after is not before:
                continued.append(after)
            reached = after.case.seq if after is not None else 0
            left = sum(seq > reached for seq in at_hand)
            if left or complaint in kept:
                waiting[complaint] = left
        await store.cases.save(tx, self.generation, continued)
        if waiting:
            await store.facts.note_waiting(tx, self.generation, waiting)

    async def _refuse_doubles(self, tx: Transaction, facts: Sequence[Fact], new: set[UUID]) -> None:
        """Poison if a fact was not kept although its id is not known: its `seq` was taken."""
        old = {fact.place.event_id for fact in facts} - new
        if old and await store.facts.known(tx, self.generation, old) != old:
            raise Poison("seq_taken")
