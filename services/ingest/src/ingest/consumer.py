"""Which events ingest reads: the lifecycle and the statements, the directory, its own erasures."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence

from ingest.domain.public import Gap
from ingest.usecases import cities, following
from ingest.usecases.deps import Deps
from ingest.usecases.open311 import catching_up, services
from ingest.usecases.restored import Restored
from lintas.contracts.codec import FutureMajor, Unreadable, decode
from lintas.contracts.events import Event
from lintas.contracts.events.mentions import MentionErased
from lintas.contracts.events.reference import DirectoryPublished
from lintas.contracts.records import Record
from lintas.contracts.topics import COMPLAINTS, DIRECTORY, MENTIONS, STATEMENTS
from lintas.messaging.handling import Park, Process, Received
from lintas.messaging.loops import OUTAGES
from lintas.messaging.reader import TopicReader
from lintas.telemetry import get_logger

_log = get_logger(__name__)

STATUS_GROUP = following.CONSUMER
STATUS_TOPICS = (COMPLAINTS, STATEMENTS)
#: a citizen's page may be a tenth of a second behind; in sets it costs intake next to nothing
STATUS_GATHERS_MS = 100
DIRECTORY_TOPICS = (DIRECTORY,)
ERASED_TOPICS = (MENTIONS,)
_LOOK_EVERY_S = 1.0
_CHECK_EVERY_S = 30.0
_ERASED = MentionErased.type.encode()


def follow_status(deps: Deps) -> Process:
    """Folds runs of lifecycle and statement events, in order, in one transaction each.

    An event that comes again is known by its id and its `seq`; one that comes too early is parked.
    """

    async def process(received: Sequence[Received[Event]]) -> None:
        try:
            await following.follow(deps.work, [item.event for item in received])
        except Gap:
            raise Park("seq_gap") from None

    return process


class DirectoryLoop:
    """Reads the directory from its beginning, and then whatever is published.

    Every instance reads all of it, and none commits: each start reads it again, and learning a
    document twice changes nothing. After any failure a new reader begins anew, so none is left
    out. A record that cannot be read is passed over; the documents known before stay in force.
    """

    def __init__(
        self,
        deps: Deps,
        make_reader: Callable[[], TopicReader],
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._deps = deps
        self._make_reader = make_reader
        self._sleep = sleep

    async def run(self) -> None:
        """Follow until cancelled."""
        await cities.load(self._deps.work, self._deps.cities)
        await services.load(self._deps.work, self._deps.open311.services)
        reader = self._make_reader()
        try:
            while True:
                await self.learn(await reader.read_on())
                await self._sleep(_LOOK_EVERY_S)
        finally:
            await reader.stop()

    async def learn(self, records: Sequence[Record]) -> None:
        """Take in one batch."""
        published = [
            event for event in map(_readable, records) if isinstance(event, DirectoryPublished)
        ]
        self._deps.reference.learn(published)
        await cities.follow(self._deps.work, self._deps.cities, published)
        await services.follow(self._deps.work, self._deps.open311.services, published)


class CatchUpLoop:
    """Lists complaints from before the Open311 list in it, once; then it has nothing to do.

    It commits nothing: whoever starts while some are missing reads the log from its beginning.
    """

    def __init__(self, deps: Deps, make_reader: Callable[[], TopicReader]) -> None:
        self._deps = deps
        self._make_reader = make_reader

    async def run(self) -> None:
        """Catch up, then rest until cancelled."""
        while await self.run_once():
            pass
        await asyncio.Event().wait()

    async def run_once(self) -> bool:
        """One reading of the log; whether another may list more."""
        reader = self._make_reader()

        async def history() -> AsyncIterator[Sequence[Event]]:
            async for part in reader.parts():
                yield [event for event in map(_readable, part) if event is not None]

        try:
            return await catching_up.catch_up(self._deps.work, history)
        finally:
            await reader.stop()


class ErasedLoop:
    """Erases again what a restored backup brought back; see `Restored`.

    Each start reads the topic from where the database stands. Later turns only move that along,
    unless the database is found to be an earlier one: then it is read again.
    """

    def __init__(
        self,
        restored: Restored,
        make_reader: Callable[[Mapping[str, int]], TopicReader],
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._restored = restored
        self._make_reader = make_reader
        self._sleep = sleep
        #: stays connected between turns
        self._reader: TopicReader | None = None

    async def run(self) -> None:
        """Turn until cancelled."""
        try:
            while True:
                await self.run_once()
                await self._sleep(_CHECK_EVERY_S)
        finally:
            await self._forget_reader()

    async def run_once(self) -> None:
        """Read what the database may not know, or note that it knows all."""
        check = await self._restored.check()
        whole = self._restored.is_whole(check)
        if whole:
            # also while Kafka is away, so that the next start sees how old the database is
            await self._restored.found_whole(check.positions)
        else:
            # whatever this process has read before, an earlier database has not
            await self._forget_reader()
        if self._reader is None:
            self._reader = self._make_reader(check.positions)
        try:
            if whole:
                await self._restored.found_whole(await self._reader.ends())
            else:
                await self._catch_up(self._reader)
        except OUTAGES:
            self._restored.is_away = True
            raise
        self._restored.is_away = False

    async def _forget_reader(self) -> None:
        reader, self._reader = self._reader, None
        if reader is not None:
            await reader.stop()

    async def _catch_up(self, reader: TopicReader) -> None:
        records = await reader.read_on()
        erased = [event for event in map(_readable, records) if isinstance(event, MentionErased)]
        await self._restored.erase_again(erased)
        self._restored.has_gap = bool(reader.gaps)
        if reader.gaps:
            _log.error("erasures_unknown", partitions=sorted(reader.gaps))
        else:
            await self._restored.found_whole(reader.positions)


def is_erasure(record: Record) -> bool:
    """Whether a record tells of an erasure; the rest of the topic is not even decoded."""
    return any(name == "ce_type" and value == _ERASED for name, value in record.headers)


def _readable(record: Record) -> Event | None:
    try:
        return decode(record)
    except (Unreadable, FutureMajor) as problem:
        _log.warning(
            "record_passed_over", topic=record.topic, offset=record.offset, why=str(problem)
        )
        return None
