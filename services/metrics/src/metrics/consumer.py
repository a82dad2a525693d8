"""`metrics.fold`: reads the lifecycle, the statements and the directory, in sets of any type."""

import time
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta

from lintas.contracts.records import Record
from lintas.contracts.topics import COMPLAINTS, DIRECTORY, STATEMENTS
from lintas.database.parking import SqlParking
from lintas.database.work import UnitOfWork
from lintas.messaging.ports import Consumer, TopicPartition
from lintas.messaging.runner import Aside, Runner
from lintas.vocabulary.errors import Unavailable
from metrics.usecases.folding import Folder
from metrics.usecases.rebuilding import parking_name

GROUP = "metrics.fold"
REBUILD_GROUP = "metrics.rebuild"
TOPICS = (COMPLAINTS, STATEMENTS, DIRECTORY)
#: figures may be a tenth of a second behind; in sets they cost next to nothing
GATHERS_MS = 100

_NOTE_EVERY_S = 1.0
#: how long the broker may keep us waiting before it says that nothing is there
_ANSWER = timedelta(seconds=1)


def make_runner(
    consumer: Consumer, work: UnitOfWork, folder: Folder, *, group: str, aside: Aside
) -> Runner:
    """A runner that folds into `folder`'s generation and goes on where that one stands.

    A record may come twice: it is known by its event id. None is lost: the position commits with
    the facts. What cannot be read is put aside, what is from newer code is parked, and the
    position moves over it.
    """
    return Runner(
        Watched(consumer, folder),
        folder.fold,
        group=group,
        aside=aside,
        # one name for live and rebuild: what a rebuild parks is taken over with its generation
        parking=SqlParking(work, parking_name(folder.generation)),
        positions=folder,
    )


class Watched:
    """A consumer that also notes when everything it was given is folded and nothing more waits.

    So figures can say up to which moment they are complete, also while nothing happens.
    """

    def __init__(
        self,
        consumer: Consumer,
        folder: Folder,
        *,
        now: Callable[[], float] = time.monotonic,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._consumer = consumer
        self._folder = folder
        self._now = now
        self._clock = clock
        self._delivered: dict[TopicPartition, int] = {}
        self._note_at = 0.0

    async def poll(self) -> list[Record]:
        """See `Consumer.poll`."""
        records = await self._consumer.poll()
        for record in records:
            tp = TopicPartition(record.topic, record.partition)
            self._delivered[tp] = record.offset + 1
        if self._now() >= self._note_at:
            self._note_at = self._now() + _NOTE_EVERY_S
            await self._note()
        return records

    async def commit(self, positions: Mapping[TopicPartition, int]) -> None:
        """See `Consumer.commit`."""
        await self._consumer.commit(positions)

    def assignment(self) -> Mapping[TopicPartition, int]:
        """See `Consumer.assignment`."""
        return self._consumer.assignment()

    def pause(self, partitions: Iterable[TopicPartition]) -> None:
        """See `Consumer.pause`."""
        self._consumer.pause(partitions)

    def resume(self, partitions: Iterable[TopicPartition]) -> None:
        """See `Consumer.resume`."""
        self._consumer.resume(partitions)

    def seek(self, partition: TopicPartition, offset: int) -> None:
        """See `Consumer.seek`."""
        self._delivered.pop(partition, None)
        self._consumer.seek(partition, offset)

    def lag(self) -> Mapping[TopicPartition, int]:
        """See `Consumer.lag`."""
        return self._consumer.lag()

    async def _note(self) -> None:
        ends: dict[TopicPartition, int] = {}
        for tp, behind in self._consumer.lag().items():
            stands_at = self._folder.stands_at(tp)
            if behind == 0 and stands_at is not None:
                ends[tp] = self._delivered.get(tp, stands_at)
        try:
            await self._folder.saw_end(ends, self._clock() - _ANSWER)
        except Unavailable:
            # the fold itself will say so and wait
            return
