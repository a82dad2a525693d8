"""Whole topics, read by each instance alone: reference data, rebuilds, proofs."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaConsumer
from aiokafka.structs import TopicPartition as Partition

from lintas.contracts.records import Record
from lintas.messaging.client import client_id, stop_client
from lintas.messaging.consumer import to_record
from lintas.messaging.ports import TopicsDiffer

_TIMEOUT_S = 20.0


class TopicReader:
    """Reads topics from their beginning, and later only what was appended since.

    No group, nothing committed: a new reader starts from the beginning again. After any error the
    client is built anew and goes on where the last complete read ended, so nothing is left out.
    With `known` a reader begins at the positions of an earlier one, and only what `wanted` says is
    held in memory. A topic that was made anew is read from its beginning.
    """

    def __init__(
        self,
        bootstrap: str,
        service: str,
        topics: Sequence[str],
        *,
        known: Mapping[str, int] | None = None,
        wanted: Callable[[Record], bool] = lambda _: True,
    ) -> None:
        self._bootstrap = bootstrap
        self._service = service
        self._topics = tuple(topics)
        self._wanted = wanted
        self._client: AIOKafkaConsumer | None = None
        self._next: dict[Partition, int] = {
            _partition(place): offset for place, offset in (known or {}).items()
        }
        #: partitions of which the topic had deleted something before it was read
        self.gaps: set[str] = set()

    @property
    def positions(self) -> Mapping[str, int]:
        """How far it has read, as `<topic>/<partition>`."""
        return {f"{tp.topic}/{tp.partition}": offset for tp, offset in self._next.items()}

    async def read_on(self) -> list[Record]:
        """Everything from where the last read ended up to the ends as they are now.

        Raises:
            TopicsDiffer: a topic does not exist; an empty answer would look like "nothing there".
        """
        return [record async for part in self.parts() for record in part]

    async def parts(self) -> AsyncIterator[Sequence[Record]]:
        """The same, part by part, where all of it would be too much to hold.

        It counts as read once the last part was taken; otherwise all of it comes again.
        """
        async with self._stopped_on_error():
            client, ends = await self._ends()
            async for part in self._read_up_to(client, ends):
                yield part

    async def ends(self) -> Mapping[str, int]:
        """Where the topics end now; nothing is read."""
        async with self._stopped_on_error():
            _, found = await self._ends()
        return {f"{tp.topic}/{tp.partition}": offset for tp, offset in found.items()}

    async def stop(self) -> None:
        """Disconnect within a bound; a later read connects again."""
        client, self._client = self._client, None
        if client is not None:
            await stop_client(client)

    @asynccontextmanager
    async def _stopped_on_error(self) -> AsyncIterator[None]:
        # whoever gives up or is cancelled in the middle may have moved the client's positions
        try:
            yield
        except BaseException:
            await self.stop()
            raise

    async def _ends(self) -> tuple[AIOKafkaConsumer, dict[Partition, int]]:
        async with asyncio.timeout(_TIMEOUT_S):
            client = await self._started()
            return client, await client.end_offsets(list(self._next))

    async def _read_up_to(
        self, client: AIOKafkaConsumer, ends: dict[Partition, int]
    ) -> AsyncIterator[Sequence[Record]]:
        position = dict(self._next)
        while behind := [tp for tp, end in ends.items() if position[tp] < end]:
            async with asyncio.timeout(_TIMEOUT_S):
                batch = await client.getmany(*behind, timeout_ms=500)
                # compaction leaves gaps, so the client's position says how far it is
                position = {tp: min(ends[tp], await client.position(tp)) for tp in ends}
            yield [
                record
                for messages in batch.values()
                for message in messages
                if message.offset < ends[Partition(message.topic, message.partition)]
                and self._wanted(record := to_record(message))
            ]
        for tp, end in ends.items():
            if await client.position(tp) != end:
                client.seek(tp, end)
        self._next = ends

    async def _started(self) -> AIOKafkaConsumer:
        if self._client is not None:
            return self._client
        client = AIOKafkaConsumer(
            bootstrap_servers=self._bootstrap,
            client_id=client_id(self._service),
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
        )
        self._client = client
        await client.start()
        # the public calls know subscribed topics only, and subscribing to a missing one never ends
        cluster = await client._client.fetch_all_metadata()  # noqa: SLF001
        missing = sorted(set(self._topics) - cluster.topics())
        if missing:
            raise TopicsDiffer(f"missing: {', '.join(missing)}")
        partitions = [
            Partition(topic, number)
            for topic in self._topics
            for number in cluster.partitions_for_topic(topic)
        ]
        client.assign(partitions)
        beginnings = await client.beginning_offsets(partitions)
        ends = await client.end_offsets(partitions)
        known, self._next = self._next, {}
        for tp, start in beginnings.items():
            at = known.get(tp, start)
            if at < start:
                # what was deleted meanwhile cannot be read any more
                self.gaps.add(f"{tp.topic}/{tp.partition}")
            self._next[tp] = at if start <= at <= ends[tp] else start
        for tp, offset in self._next.items():
            client.seek(tp, offset)
        return client


async def read_to_end(bootstrap: str, service: str, topics: Sequence[str]) -> list[Record]:
    """Every record of `topics` up to their ends now; raises TopicsDiffer for a missing one."""
    reader = TopicReader(bootstrap, service, topics)
    try:
        return await reader.read_on()
    finally:
        await reader.stop()


def _partition(place: str) -> Partition:
    topic, _, number = place.rpartition("/")
    return Partition(topic, int(number))
