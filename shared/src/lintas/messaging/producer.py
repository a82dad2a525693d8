"""The aiokafka producer with the settings our promise needs, and its traps closed."""

import asyncio
from collections import Counter
from collections.abc import Sequence

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from lintas.contracts.records import OutRecord
from lintas.messaging.client import client_id, stop_client
from lintas.messaging.ports import SendFailed, TopicPartition, partition_of
from lintas.telemetry import count

#: below the topics' max.message.bytes, headers included
MAX_RECORD_BYTES = 900_000
SEND_TIMEOUT_S = 8.0


class KafkaProducer:
    """An idempotent producer that is replaced after any failed send.

    A record may be written twice (a timed-out send still arrives, then we send it again), never
    lost: `send` returns only when every record is acknowledged. Order per key holds because one
    partition's batches are sent one after the other, and a repeat starts with the first of them.
    """

    def __init__(self, bootstrap: str, service: str, *, linger_ms: int = 5) -> None:
        self._bootstrap = bootstrap
        self._service = service
        self._linger_ms = linger_ms
        self._client: AIOKafkaProducer | None = None
        self._starting = asyncio.Lock()

    async def start(self) -> None:
        """Connect; raises SendFailed when the broker does not answer in time."""
        await self._started()

    async def stop(self) -> None:
        """Disconnect within a bound."""
        client, self._client = self._client, None
        if client is not None:
            await stop_client(client)

    async def send(self, records: Sequence[OutRecord]) -> None:
        """See `Producer.send`."""
        client = await self._started()
        try:
            async with asyncio.timeout(SEND_TIMEOUT_S):
                lots = await self._by_partition(client, records)
                await asyncio.gather(
                    *(self._send_in_order(client, tp, lot) for tp, lot in lots.items())
                )
        except Exception as error:
            # after a refused record the sequence stays advanced and the partition is wedged; after
            # a time-out records linger in the client: a new producer is the one clean state
            await self._discard(client)
            count("lintas_producers_replaced_total")
            if isinstance(error, KafkaError | TimeoutError | OSError):
                raise SendFailed(type(error).__name__) from error
            raise
        for topic, number in Counter(record.topic for record in records).items():
            count("lintas_produced_total", number, topic=topic)

    async def _by_partition(
        self, client: AIOKafkaProducer, records: Sequence[OutRecord]
    ) -> dict[TopicPartition, list[OutRecord]]:
        counts: dict[str, int] = {}
        lots: dict[TopicPartition, list[OutRecord]] = {}
        for record in records:
            if record.topic not in counts:
                counts[record.topic] = len(await client.partitions_for(record.topic))
            by = record.partition_key or record.key
            partition = 0 if by is None else partition_of(by, counts[record.topic])
            lots.setdefault(TopicPartition(record.topic, partition), []).append(record)
        return lots

    async def _send_in_order(
        self, client: AIOKafkaProducer, to: TopicPartition, records: list[OutRecord]
    ) -> None:
        todo = iter(records)
        record = next(todo, None)
        while record is not None:
            batch = client.create_batch()
            fits = True
            while record is not None and fits:
                fits = self._append(batch, record)
                if fits:
                    record = next(todo, None)
            # an open batch would wait out the linger time
            batch.close()
            acknowledged = await client.send_batch(batch, to.topic, partition=to.partition)
            await acknowledged

    @staticmethod
    def _append(batch: object, record: OutRecord) -> bool:
        appended = batch.append(  # type: ignore[attr-defined]  # aiokafka is untyped
            key=record.key, value=record.value, timestamp=None, headers=list(record.headers)
        )
        if appended is not None and appended.size > MAX_RECORD_BYTES:
            # the first record of a batch is accepted at any size, and the broker refuses it later
            raise RecordTooLarge(record.topic, appended.size)
        return appended is not None

    async def _started(self) -> AIOKafkaProducer:
        async with self._starting:
            if self._client is not None:
                return self._client
            client = AIOKafkaProducer(
                bootstrap_servers=self._bootstrap,
                client_id=client_id(self._service),
                enable_idempotence=True,
                acks="all",
                # the client knows lz4 only at its highest level: four times the time, larger records
                compression_type="zstd",
                linger_ms=self._linger_ms,
                max_batch_size=262_144,
                max_request_size=MAX_RECORD_BYTES + 100_000,
                request_timeout_ms=10_000,
                retry_backoff_ms=200,
                metadata_max_age_ms=30_000,
            )
            try:
                async with asyncio.timeout(SEND_TIMEOUT_S):
                    await client.start()
            except (KafkaError, TimeoutError, OSError) as error:
                await stop_client(client)
                raise SendFailed(type(error).__name__) from error
            except asyncio.CancelledError:
                # whoever ends while the broker is away leaves nothing open
                await stop_client(client)
                raise
            self._client = client
            return client

    async def _discard(self, client: AIOKafkaProducer) -> None:
        if self._client is client:
            self._client = None
        await stop_client(client)


class RecordTooLarge(Exception):
    """The broker would refuse it: a bug in what we accept, found before it wedges a partition."""

    def __init__(self, topic: str, size: int) -> None:
        super().__init__(f"{size} bytes for {topic}, at most {MAX_RECORD_BYTES}")
