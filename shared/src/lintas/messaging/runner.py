"""The consumer loop: read, decode, hand over in sets, and only then move the offsets."""

import asyncio
import logging
import random
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Protocol

from lintas.contracts.codec import FutureMajor, Unreadable, decode
from lintas.contracts.events import Event
from lintas.contracts.records import Record
from lintas.faults import Point, reach
from lintas.messaging.handling import Park, Poison, Process, Received, Retry
from lintas.messaging.ports import Consumer, SendFailed, TopicPartition
from lintas.telemetry import count, gauge
from lintas.vocabulary.errors import Unavailable

_log = logging.getLogger(__name__)

#: so many unreadable records in a row mean a bad deploy, not bad records
MOST_UNREADABLE_IN_A_ROW = 20
_FIRST_PAUSE_S = 0.2
#: a database is to be used again within five seconds of its return, whatever it was before
_LONGEST_PAUSE_S = 2.0
#: under load offsets move this often, and as soon as nothing more comes
_COMMIT_EVERY_S = 0.1
#: so many records are decoded at most before other work of the process gets its turn
_AT_ONCE = 50


class Parking(Protocol):
    """Where parked records wait; `lintas.database.parking.SqlParking` is the real one."""

    async def park(self, record: Record, reason: str) -> None:
        """Keep a record durably."""

    async def parked(self) -> list[Record]:
        """Everything parked, in order."""

    async def release(self, records: Sequence[Record]) -> None:
        """Forget records that have been applied."""


class Aside(Protocol):
    """Where unusable records go; `lintas.messaging.quarantine.Quarantine` is the real one."""

    async def put(self, record: Record, error_class: str) -> None:
        """Put a record aside durably, or raise SendFailed."""


class Positions(Protocol):
    """Offsets kept with the effect, in the reader's own database, instead of the group's."""

    async def load(self, partitions: Iterable[TopicPartition]) -> Mapping[TopicPartition, int]:
        """The next offset to read, for each partition that has been read before."""

    async def skip(self, positions: Mapping[TopicPartition, int]) -> None:
        """Move past records that were parked or put aside."""


class _TooMuchUnreadable(Exception):
    def __init__(self, partition: TopicPartition) -> None:
        super().__init__()
        self.partition = partition


@dataclass(frozen=True, slots=True)
class _Item:
    record: Record
    #: the number of the assignment under which it was read
    assignment: int
    event: Event | None = None
    #: why there is no event
    problem: Unreadable | FutureMajor | None = None

    @property
    def partition(self) -> TopicPartition:
        return TopicPartition(self.record.topic, self.record.partition)


@dataclass(slots=True)
class _ParkedKeys:
    """Keys with something parked."""

    #: nothing of theirs may be applied before code that knows a newer version
    behind_future: set[bytes] = field(default_factory=set)
    #: something earlier of theirs is still to come, and may be the next record
    in_gap: set[bytes] = field(default_factory=set)

    @classmethod
    def of(cls, items: Iterable[_Item]) -> "_ParkedKeys":
        keys = cls()
        for item in items:
            keys.add(item)
        return keys

    def add(self, item: _Item) -> None:
        if item.record.key is not None:
            (self.in_gap if item.event else self.behind_future).add(item.record.key)

    def has(self, key: bytes | None) -> bool:
        return key in self.behind_future or key in self.in_gap


class Runner:
    """Steps a consumer: each `run_once` reads a batch and applies it, or waits for what is away.

    A record may be applied twice (a crash between effect and commit, a rebalance): `process` must
    know event ids it has applied. None is lost: an offset moves only after its record was applied,
    parked, or acknowledged by the quarantine topic; while that cannot be done, partitions stand
    still. Offsets move a little later than that, so that a set does not wait for the broker to
    note the one before it: after a crash up to a tenth of a second's records come again.
    """

    def __init__(
        self,
        consumer: Consumer,
        process: Process,
        *,
        group: str,
        aside: Aside,
        parking: Parking | None = None,
        positions: Positions | None = None,
        read: Callable[[Record], Event] = decode,
        now: Callable[[], float] = monotonic,
    ) -> None:
        self._consumer = consumer
        self._process = process
        self._read = read
        self._group = group
        self._aside = aside
        self._parking = parking
        self._positions = positions
        self._now = now
        self._todo: list[_Item] = []
        #: what is dealt with but not committed: assignment and next offset
        self._done: dict[TopicPartition, tuple[int, int]] = {}
        self._commit_at = 0.0
        self._parked = _ParkedKeys()
        self._positioned: dict[TopicPartition, int] = {}
        self._unreadable: dict[TopicPartition, int] = {}
        self._failures = 0
        self._not_before = 0.0
        #: partitions that stand still because too much in a row was unreadable: somebody must look
        self.stopped: set[TopicPartition] = set()

    async def recover(self) -> int:
        """Apply what was parked and can be applied now; how many records that were."""
        if self._parking is None:
            return 0
        released = await self._retry_parked(self._parking, await self._parking.parked())
        self._parked = _ParkedKeys.of(self._again(await self._parking.parked()))
        return released

    async def run_once(self) -> int:
        """One turn; how many records were dealt with. Only a bug raises."""
        polled = await self._consumer.poll()
        # before anything is awaited: under which assignment these were read
        held = dict(self._consumer.assignment())
        await self._take(polled, held, elsewhere=await self._greet_new_partitions(held))
        self._observe_lag()
        dealt = await self._attempt()
        if not polled or self._now() >= self._commit_at:
            await self.commit()
        return dealt

    async def commit(self) -> None:
        """Move the offsets of everything that is dealt with."""
        done, self._done = self._done, {}
        held = self._consumer.assignment()
        # whoever has a partition now may have gone further than we had
        mine = {tp: offset for tp, (number, offset) in done.items() if held.get(tp) == number}
        if mine:
            await self._consumer.commit(mine)
        self._commit_at = self._now() + _COMMIT_EVERY_S

    async def _attempt(self) -> int:
        """Deal with what is there, unless it must wait."""
        if self._now() < self._not_before:
            return 0
        try:
            dealt = await self._deal()
        except (Retry, SendFailed, Unavailable) as error:
            self._back_off(error)
            return 0
        if self._failures:
            # also when a rebalance took away what we were waiting to repeat
            self._failures = 0
            self._consumer.resume(self._consumer.assignment().keys() - self.stopped)
        return dealt

    async def _greet_new_partitions(
        self, held: Mapping[TopicPartition, int]
    ) -> Collection[TopicPartition]:
        """Prepare for partitions that came; those of them that are read from elsewhere from now on.

        A partition may come while a poll waits, and that poll may deliver its first records: only
        where we go elsewhere are they delivered again.
        """
        new = [tp for tp, number in held.items() if self._positioned.get(tp) != number]
        if not new:
            return frozenset()
        if self._parking is not None:
            # whoever held them before may have parked something since we looked
            self._parked = _ParkedKeys.of(self._again(await self._parking.parked()))
        offsets = await self._positions.load(new) if self._positions is not None else {}
        for tp, offset in offsets.items():
            self._consumer.seek(tp, offset)
        self._positioned.update({tp: held[tp] for tp in new})
        return offsets.keys()

    async def _take(
        self,
        polled: Sequence[Record],
        read_under: Mapping[TopicPartition, int],
        elsewhere: Collection[TopicPartition],
    ) -> None:
        for number, record in enumerate(polled, start=1):
            tp = TopicPartition(record.topic, record.partition)
            if tp in read_under and tp not in elsewhere:
                self._todo.append(_read(record, read_under[tp], self._read))
            if number % _AT_ONCE == 0:
                await asyncio.sleep(0)
        # what was read under an assignment that is over belongs to another member now
        held = self._consumer.assignment()
        self._todo = [item for item in self._todo if held.get(item.partition) == item.assignment]

    async def _deal(self) -> int:
        """Apply `_todo` from its front; what is done leaves it, and its offsets may move."""
        dealt = 0
        while self._todo:
            lot = self._first_lot()
            try:
                await self._treat(lot)
            except _TooMuchUnreadable as stop:
                self._stand_still(stop.partition)
                continue
            reach(Point.AFTER_EFFECT)
            del self._todo[: len(lot)]
            dealt += len(lot)
            if self._positions is None:
                for item in lot:
                    self._done[item.partition] = item.assignment, item.record.offset + 1
        return dealt

    def _first_lot(self) -> list[_Item]:
        """The longest run of usable items at the front, or one that needs care."""
        lot: list[_Item] = []
        for item in self._todo:
            if item.event is None or self._parked.has(item.record.key):
                break
            lot.append(item)
        return lot or self._todo[:1]

    async def _treat(self, lot: list[_Item]) -> None:
        first = lot[0]
        if isinstance(first.problem, Unreadable):
            await self._put_aside(first, first.problem.error_class)
        elif isinstance(first.problem, FutureMajor):
            await self._park(first, first.problem.event_type)
        elif first.record.key in self._parked.behind_future:
            await self._park(first, "behind")
        else:
            for item in lot:
                self._unreadable[item.partition] = 0
            await self._apply(lot)

    async def _apply(self, lot: list[_Item]) -> None:
        try:
            await self._process([Received(item.event, item.record) for item in lot if item.event])
        except (Park, Poison) as instruction:
            if len(lot) > 1:
                # one by one, so that only the one that is meant is set aside; events already
                # applied are known by their ids
                for item in lot:
                    await self._apply([item])
            elif isinstance(instruction, Park):
                await self._park(lot[0], str(instruction))
            else:
                await self._put_aside(lot[0], str(instruction) or "poison")
        else:
            self._count(lot, "handled")
            await self._close_gap(lot[0].record.key)

    async def _close_gap(self, key: bytes | None) -> None:
        """What waited behind the record just applied may be next."""
        if key in self._parked.in_gap and self._parking is not None:
            mine = [record for record in await self._parking.parked() if record.key == key]
            await self._retry_parked(self._parking, mine)
            self._parked = _ParkedKeys.of(self._again(await self._parking.parked()))

    async def _retry_parked(self, parking: Parking, records: Sequence[Record]) -> int:
        """Apply parked records until none of them can be; nothing passes a future version."""
        items = self._again(records)
        blocked = _ParkedKeys.of(items).behind_future
        waiting = [item for item in items if item.record.key not in blocked]
        released = 0
        progress = True
        while progress:
            progress = False
            for item in list(waiting):
                if item.event is None:
                    continue
                try:
                    await self._process([Received(item.event, item.record)])
                except Park:
                    continue
                # applied before it is forgotten: after a crash in between it is known by its id
                await parking.release([item.record])
                waiting.remove(item)
                released += 1
                progress = True
        return released

    def _again(self, records: Iterable[Record]) -> list[_Item]:
        return [_read(record, 0, self._read) for record in records]

    async def _park(self, item: _Item, reason: str) -> None:
        if self._parking is None:
            # nowhere to wait: the partition must stand still rather than lose or reorder
            raise Retry(reason)
        await self._parking.park(item.record, reason)
        self._parked.add(item)
        await self._skip(item)
        _log.warning("parked a record: %s", reason)
        self._count([item], "parked")

    async def _put_aside(self, item: _Item, error_class: str) -> None:
        tp = item.partition
        if self._unreadable.get(tp, 0) >= MOST_UNREADABLE_IN_A_ROW:
            raise _TooMuchUnreadable(tp)
        await self._aside.put(item.record, error_class)
        self._unreadable[tp] = self._unreadable.get(tp, 0) + 1
        await self._skip(item)
        _log.warning("put a record in quarantine: %s", error_class)
        self._count([item], "quarantined")

    def _stand_still(self, tp: TopicPartition) -> None:
        self.stopped.add(tp)
        self._consumer.pause([tp])
        labels = {"group": self._group, "topic": tp.topic, "partition": str(tp.partition)}
        gauge("lintas_consumer_paused", 1, **labels)
        # not done, so read again once somebody has looked and the service starts anew
        self._todo = [item for item in self._todo if item.partition != tp]
        _log.error("stopped %s/%s: too many unreadable records in a row", *tp)

    async def _skip(self, item: _Item) -> None:
        if self._positions is not None:
            await self._positions.skip({item.partition: item.record.offset + 1})

    def _back_off(self, error: Exception) -> None:
        self._failures += 1
        longest = min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 2**self._failures)
        # full jitter, so that instances do not come back in step
        pause_s = random.uniform(_FIRST_PAUSE_S / 2, longest)  # noqa: S311  # no secret hangs on it
        self._not_before = self._now() + pause_s
        # polling goes on, so that the group keeps us; nothing more is delivered meanwhile
        self._consumer.pause(self._consumer.assignment().keys())
        _log.warning("waiting %.1f s: %s", pause_s, error)
        self._count(self._todo, "retried")

    def _observe_lag(self) -> None:
        lag = self._consumer.lag()
        waiting = Counter(item.partition for item in self._todo)
        for tp, records in lag.items():
            labels = {"group": self._group, "topic": tp.topic, "partition": str(tp.partition)}
            gauge("lintas_consumer_lag", records + waiting[tp], **labels)
            gauge("lintas_consumer_paused", float(tp in self.stopped), **labels)

    def _count(self, items: Sequence[_Item], outcome: str) -> None:
        for topic, number in Counter(item.record.topic for item in items).items():
            count("lintas_consumed_total", number, group=self._group, topic=topic, outcome=outcome)


def _read(record: Record, assignment: int, read: Callable[[Record], Event]) -> _Item:
    try:
        return _Item(record, assignment, event=read(record))
    except (Unreadable, FutureMajor) as problem:
        return _Item(record, assignment, problem=problem)
