"""The aiokafka consumer with the settings our promise needs, and its traps closed."""

import asyncio
import logging
from collections.abc import Iterable, Mapping, Sequence
from time import time

from aiokafka import AIOKafkaConsumer
from aiokafka.abc import ConsumerRebalanceListener
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.errors import CommitFailedError, IllegalStateError
from aiokafka.structs import ConsumerRecord
from aiokafka.structs import TopicPartition as Partition

from lintas.contracts.records import Record
from lintas.messaging.client import client_id, stop_client
from lintas.messaging.ports import TopicPartition
from lintas.telemetry import count

_log = logging.getLogger(__name__)

COMMIT_TIMEOUT_S = 10.0
REBALANCE_TIMEOUT_MS = 30_000
#: a waiting fetch is answered as soon as there is something, or after this
_WAIT_MS = 500
_GATHERED_BYTES = 131_072
#: a fetch returns at least every second while the broker answers
_RECENT_MS = 3_000


class KafkaConsumer:
    """A group member with manual commits.

    Nothing is lost: positions move only by `commit`, after the caller has applied the records.
    Records come again after a crash or a rebalance; the inbox knows them.
    """

    def __init__(
        self,
        bootstrap: str,
        group: str,
        topics: Sequence[str],
        *,
        max_records: int = 500,
        gather_ms: int | None = None,
        gather_bytes: int = _GATHERED_BYTES,
    ) -> None:
        """A member of `group`.

        Args:
            bootstrap: where the cluster is found.
            group: `service.purpose`.
            topics: what it reads.
            max_records: the most of one poll.
            gather_ms: so long the broker may let records gather, for a reader nobody waits for;
                None hands over at once whatever there is.
            gather_bytes: so much need not gather any longer.
        """
        self._bootstrap = bootstrap
        self._group = group
        self._topics = tuple(topics)
        self._max_records = max_records
        self._gather_ms = gather_ms
        self._gather_bytes = gather_bytes
        self._client: AIOKafkaConsumer | None = None
        self._listener = _Assignments(group)

    async def start(self) -> None:
        """Join the group; raises when the broker does not answer in time."""
        # no deserialisers: one that raises makes getmany() drop records of other partitions
        client = AIOKafkaConsumer(
            bootstrap_servers=self._bootstrap,
            client_id=client_id(self._group),
            group_id=self._group,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
            max_poll_records=self._max_records,
            max_poll_interval_ms=120_000,
            session_timeout_ms=10_000,
            heartbeat_interval_ms=3_000,
            rebalance_timeout_ms=REBALANCE_TIMEOUT_MS,
            request_timeout_ms=40_000,
            fetch_min_bytes=1 if self._gather_ms is None else self._gather_bytes,
            fetch_max_wait_ms=_WAIT_MS if self._gather_ms is None else self._gather_ms,
            fetch_max_bytes=8_388_608,
            max_partition_fetch_bytes=1_200_000,
            metadata_max_age_ms=30_000,
            partition_assignment_strategy=(RangePartitionAssignor,),
        )
        client.subscribe(topics=list(self._topics), listener=self._listener)
        try:
            async with asyncio.timeout(20):
                await client.start()
        except BaseException:
            await stop_client(client)
            raise
        self._client = client

    async def stop(self) -> None:
        """Leave the group within a bound."""
        client, self._client = self._client, None
        if client is not None:
            await stop_client(client)

    async def poll(self) -> list[Record]:
        """See `Consumer.poll`. Raises TimeoutError when a rebalance never ends."""
        client = self._started()
        async with asyncio.timeout(5 + REBALANCE_TIMEOUT_MS / 1000):
            found = await client.getmany(timeout_ms=200, max_records=self._max_records)
        self._reapply_pauses(client)
        return [to_record(message) for messages in found.values() for message in messages]

    async def commit(self, positions: Mapping[TopicPartition, int]) -> None:
        """See `Consumer.commit`."""
        held = self._listener.held
        mine = {Partition(*tp): offset for tp, offset in positions.items() if tp in held}
        if not mine:
            return
        try:
            async with asyncio.timeout(COMMIT_TIMEOUT_S):
                await self._started().commit(mine)
        except (CommitFailedError, IllegalStateError):
            # the partitions went to another member; it reads these records again and skips them
            _log.info("offsets not committed: the assignment changed")

    def assignment(self) -> Mapping[TopicPartition, int]:
        """See `Consumer.assignment`."""
        return self._listener.held

    def pause(self, partitions: Iterable[TopicPartition]) -> None:
        """See `Consumer.pause`."""
        self._listener.paused.update(partitions)
        self._reapply_pauses(self._started())

    def resume(self, partitions: Iterable[TopicPartition]) -> None:
        """See `Consumer.resume`."""
        wanted = set(partitions)
        self._listener.paused -= wanted
        held = wanted & self._listener.held.keys()
        self._started().resume(*(Partition(*tp) for tp in held))

    def seek(self, partition: TopicPartition, offset: int) -> None:
        """See `Consumer.seek`."""
        self._started().seek(Partition(*partition), offset)

    def lag(self) -> Mapping[TopicPartition, int]:
        """See `Consumer.lag`."""
        client = self._started()
        lag: dict[TopicPartition, int] = {}
        for tp in self._listener.held:
            partition = Partition(*tp)
            try:
                end = client.highwater(partition)
                heard_at_ms = client.last_poll_timestamp(partition)
                position = client._subscription.subscription.assignment.state_value(  # noqa: SLF001  # the public position() is a coroutine that waits for a reset
                    partition
                ).position
            except (IllegalStateError, AttributeError, AssertionError, KeyError):
                continue
            # while the broker is away the last known end says nothing about now
            if end is not None and heard_at_ms is not None and _is_recent(heard_at_ms):
                lag[tp] = max(0, end - position)
        return lag

    def _reapply_pauses(self, client: AIOKafkaConsumer) -> None:
        # a rebalance forgets pauses
        held = self._listener.paused & self._listener.held.keys()
        if held:
            client.pause(*(Partition(*tp) for tp in held))

    def _started(self) -> AIOKafkaConsumer:
        if self._client is None:
            raise RuntimeError("the consumer is not started")
        return self._client


class _Assignments(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka is untyped
    """Only takes notes: exceptions in a listener are swallowed, and a slow one gets us expelled."""

    def __init__(self, group: str) -> None:
        self._group = group
        self.held: dict[TopicPartition, int] = {}
        self.paused: set[TopicPartition] = set()
        self._numbers = 0

    async def on_partitions_revoked(self, revoked: Iterable[Partition]) -> None:
        for partition in revoked:
            self.held.pop(TopicPartition(partition.topic, partition.partition), None)

    async def on_partitions_assigned(self, assigned: Iterable[Partition]) -> None:
        self._numbers += 1
        count("lintas_rebalances_total", group=self._group)
        for partition in assigned:
            self.held[TopicPartition(partition.topic, partition.partition)] = self._numbers
        self.paused &= self.held.keys()


def _is_recent(heard_at_ms: float) -> bool:
    return time() * 1000 - heard_at_ms < _RECENT_MS


def to_record(message: ConsumerRecord) -> Record:
    """What the client delivered, as plain data."""
    return Record(
        message.topic,
        message.partition,
        message.offset,
        message.timestamp,
        message.key,
        message.value,
        tuple(message.headers),
    )
