"""Which events ingest reads: the lifecycle and the statements, and the directory."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

from ingest.domain.public import Gap
from ingest.usecases import cities, following
from ingest.usecases.deps import Deps
from ingest.usecases.open311 import catching_up, services
from lintas.contracts.codec import FutureMajor, Unreadable, decode
from lintas.contracts.events import Event
from lintas.contracts.events.reference import DirectoryPublished
from lintas.contracts.records import Record
from lintas.contracts.topics import COMPLAINTS, DIRECTORY, STATEMENTS
from lintas.messaging.handling import Park, Process, Received
from lintas.messaging.reader import TopicReader
from lintas.telemetry import get_logger

_log = get_logger(__name__)

STATUS_GROUP = following.CONSUMER
STATUS_TOPICS = (COMPLAINTS, STATEMENTS)
#: a citizen's page may be a tenth of a second behind; in sets it costs intake next to nothing
STATUS_GATHERS_MS = 100
DIRECTORY_TOPICS = (DIRECTORY,)
_LOOK_EVERY_S = 1.0


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


def _readable(record: Record) -> Event | None:
    try:
        return decode(record)
    except (Unreadable, FutureMajor) as problem:
        _log.warning(
            "record_passed_over", topic=record.topic, offset=record.offset, why=str(problem)
        )
        return None
