"""`kafka`: what the Kafka client costs on Apache Kafka, operation by operation."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from os import urandom
from statistics import median
from time import perf_counter, process_time
from typing import Any, Self
from uuid import UUID
from zlib import crc32

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.partitioner import murmur2
from tests.bench.figures import percentile
from tests.bench.lab import BenchFailed, Lab

from lintas.contracts.topics import TopicSpec
from lintas.messaging.admin import create_topics

TOPIC = "lintas.yardstick.client.v1"
COPY = "lintas.yardstick.client-copy.v1"
PARTITIONS = 3
RECORD_BYTES = 600
_LOT = 500
_ONE_BY_ONE = 200
_HOPS = 150
_COPYING = "consume-transform-produce"

#: key, value
_Pair = tuple[bytes, bytes]
_Send = Callable[[AIOKafkaProducer, str, list[_Pair]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Row:
    """One operation, measured."""

    name: str
    rates: list[float]
    cpu_us: list[float]

    def told(self, base: float) -> dict[str, Any]:
        """As it stands in the report; `base` is what its ratio is held against."""
        rate = median(self.rates)
        return {
            "operation": self.name,
            "rate": round(rate),
            "min": round(min(self.rates)),
            "max": round(max(self.rates)),
            "ratio": round(rate / base, 2),
            "cpu_us": round(median(self.cpu_us), 1),
        }


async def measure(lab: Lab, *, repeats: int, seconds: float) -> dict[str, Any]:
    """Every operation in turn, several times over; and one hop by fetch wait."""
    await create_topics(lab.stack.kafka, [_topic(name) for name in (TOPIC, COPY)])
    bench = _Bench(lab.stack.kafka)
    sizes = {name: max(_LOT, int(rate * seconds / 4)) for name, rate in _EXPECTED.items()}
    runs: dict[str, list[tuple[float, float]]] = {name: [] for name in _EXPECTED}
    await bench.run_all(dict.fromkeys(_EXPECTED, _LOT))
    for _ in range(repeats):
        for name, measured in (await bench.run_all(sizes)).items():
            runs[name].append(measured)
    rows = [
        Row(name, [rate for rate, _ in found], [cpu for _, cpu in found])
        for name, found in runs.items()
    ]
    base = {row.name: median(row.rates) for row in rows}
    return {
        "partitions": PARTITIONS,
        "record_bytes": RECORD_BYTES,
        "lot": _LOT,
        "repeats": repeats,
        "rows": [row.told(base[_BASE[row.name]]) | {"of": _BASE[row.name]} for row in rows],
        "hops": [await bench.hop(wait_ms) for wait_ms in (5, 20, 100, 500)],
    }


class _Bench:
    def __init__(self, kafka: str) -> None:
        self._kafka = kafka
        self._written = {TOPIC: 0, COPY: 0}

    async def run_all(self, sizes: dict[str, int]) -> dict[str, tuple[float, float]]:
        """Rate and client processor microseconds per record, by operation."""
        found: dict[str, tuple[float, float]] = {}
        for name, (idempotent, linger_ms, send) in _SENDS.items():
            async with self._producer(idempotent=idempotent, linger_ms=linger_ms) as producer:
                pairs = list(_pairs(sizes[name]))
                with _Timed(len(pairs)) as timed:
                    await send(producer, TOPIC, pairs)
            await self._require(TOPIC, len(pairs))
            found[name] = timed.figures
        for name, read in (("getmany", _getmany), ("getone", _getone)):
            # what the sends have left there is enough to read
            number = min(sizes[name], self._written[TOPIC])
            async with self._consumer(TOPIC) as consumer:
                with _Timed(number) as timed:
                    await read(consumer, number)
            found[name] = timed.figures
        async with (
            self._consumer(TOPIC, group=f"copy.{self._written[TOPIC]}") as consumer,
            self._producer(idempotent=True, linger_ms=5) as producer,
        ):
            started = perf_counter(), process_time()
            copied = await _copy(consumer, producer, sizes[_COPYING])
            took, used = perf_counter() - started[0], process_time() - started[1]
        await self._require(COPY, copied)
        found[_COPYING] = (copied / took, used / copied * 1e6)
        return found

    async def hop(self, wait_ms: int) -> dict[str, Any]:
        """Milliseconds from a send with linger 0 to its arrival in a waiting consumer."""
        latencies: list[float] = []
        async with (
            self._consumer(TOPIC, wait_ms=wait_ms, start="latest") as consumer,
            self._producer(idempotent=True, linger_ms=0) as producer,
        ):
            for key, value in _pairs(_HOPS):
                started = perf_counter()
                sent = asyncio.create_task(
                    producer.send_and_wait(TOPIC, value, key, partition=crc32(key) % PARTITIONS)
                )
                while not await consumer.getmany(timeout_ms=1_000):
                    pass
                latencies.append(perf_counter() - started)
                await sent
                # so that sends do not fall in step with the fetches
                await asyncio.sleep(int.from_bytes(urandom(1)) / 10_000)
        return {
            "wait_ms": wait_ms,
            "p50_ms": round(percentile(latencies, 0.5) * 1000, 1),
            "p95_ms": round(percentile(latencies, 0.95) * 1000, 1),
        }

    async def _require(self, topic: str, number: int) -> None:
        """Nothing of what was just sent may be missing or there twice."""
        async with self._consumer(topic) as consumer:
            there = sum((await consumer.end_offsets(consumer.assignment())).values())
        self._written[topic] += number
        if there != self._written[topic]:
            raise BenchFailed(f"{self._written[topic]} records were sent, {there} are there")

    @asynccontextmanager
    async def _producer(
        self, *, idempotent: bool, linger_ms: int
    ) -> AsyncIterator[AIOKafkaProducer]:
        async with AIOKafkaProducer(
            bootstrap_servers=self._kafka,
            enable_idempotence=idempotent,
            acks="all",
            linger_ms=linger_ms,
            max_batch_size=262_144,
        ) as producer:
            yield producer

    @asynccontextmanager
    async def _consumer(
        self, topic: str, *, group: str | None = None, wait_ms: int = 500, start: str = "earliest"
    ) -> AsyncIterator[AIOKafkaConsumer]:
        consumer = AIOKafkaConsumer(
            topic,
            bootstrap_servers=self._kafka,
            group_id=group,
            enable_auto_commit=False,
            auto_offset_reset=start,
            fetch_max_wait_ms=wait_ms,
            max_partition_fetch_bytes=1_200_000,
            fetch_max_bytes=8_388_608,
        )
        async with consumer:
            # assigned and positioned
            for partition in [*consumer.assignment()]:
                await consumer.position(partition)
            yield consumer


class _Timed:
    def __init__(self, number: int) -> None:
        self._number = number

    def __enter__(self) -> Self:
        self._at, self._cpu = perf_counter(), process_time()
        return self

    def __exit__(self, *_: object) -> None:
        took, used = perf_counter() - self._at, process_time() - self._cpu
        self.figures = (self._number / took, used / self._number * 1e6)


def _pairs(number: int) -> Iterator[_Pair]:
    padding = b'{"text": "' + urandom(120).hex().encode() + b'", "more": "'
    for _ in range(number):
        key = str(UUID(bytes=urandom(16))).encode()
        yield key, (padding + key * 10)[: RECORD_BYTES - 2] + b'"}'


def _topic(name: str) -> TopicSpec:
    return TopicSpec(
        name=name,
        about="Of the client benchmark.",
        writer="ingest",
        key="any",
        partitions=PARTITIONS,
    )


async def _send(producer: AIOKafkaProducer, topic: str, pairs: list[_Pair]) -> None:
    for start in range(0, len(pairs), _LOT):
        lot = pairs[start : start + _LOT]
        await asyncio.gather(*[await producer.send(topic, value, key) for key, value in lot])


async def _send_to(producer: AIOKafkaProducer, topic: str, pairs: list[_Pair]) -> None:
    for start in range(0, len(pairs), _LOT):
        lot = pairs[start : start + _LOT]
        await asyncio.gather(
            *[
                await producer.send(topic, value, key, partition=crc32(key) % PARTITIONS)
                for key, value in lot
            ]
        )


async def _send_alone(producer: AIOKafkaProducer, topic: str, pairs: list[_Pair]) -> None:
    for key, value in pairs:
        await producer.send_and_wait(topic, value, key)


async def _send_batch(
    producer: AIOKafkaProducer,
    topic: str,
    pairs: list[_Pair],
    *,
    partition_of: Callable[[bytes], int] = crc32,
    close: bool = True,
) -> None:
    for start in range(0, len(pairs), _LOT):
        lots: dict[int, list[_Pair]] = {}
        for pair in pairs[start : start + _LOT]:
            lots.setdefault(partition_of(pair[0]) % PARTITIONS, []).append(pair)
        waiting = []
        for partition, lot in lots.items():
            batch = producer.create_batch()
            for key, value in lot:
                if batch.append(key=key, value=value, timestamp=None) is None:
                    batch.close()
                    waiting.append(await producer.send_batch(batch, topic, partition=partition))
                    batch = producer.create_batch()
                    batch.append(key=key, value=value, timestamp=None)
            if close:
                batch.close()
            waiting.append(await producer.send_batch(batch, topic, partition=partition))
        await asyncio.gather(*waiting)


async def _send_batch_murmur(producer: AIOKafkaProducer, topic: str, pairs: list[_Pair]) -> None:
    await _send_batch(producer, topic, pairs, partition_of=lambda key: murmur2(key) & 0x7FFFFFFF)


async def _send_batch_open(producer: AIOKafkaProducer, topic: str, pairs: list[_Pair]) -> None:
    await _send_batch(producer, topic, pairs, close=False)


async def _getmany(consumer: AIOKafkaConsumer, number: int) -> None:
    got = 0
    while got < number:
        found = await consumer.getmany(timeout_ms=200, max_records=_LOT)
        got += sum(map(len, found.values()))


async def _getone(consumer: AIOKafkaConsumer, number: int) -> None:
    for _ in range(number):
        await consumer.getone()


async def _copy(consumer: AIOKafkaConsumer, producer: AIOKafkaProducer, number: int) -> int:
    got = 0
    while got < number:
        found = await consumer.getmany(timeout_ms=200, max_records=_LOT)
        pairs = [(record.key, record.value) for records in found.values() for record in records]
        if pairs:
            await _send_batch(producer, COPY, pairs)
            await consumer.commit()
        got += len(pairs)
    return got


_SENDS: dict[str, tuple[bool, int, _Send]] = {
    "send(), partitioner of the client": (True, 5, _send),
    "send(), partitioner of the client, not idempotent": (False, 5, _send),
    "send(), partition given (crc32)": (True, 5, _send_to),
    "send_batch by 500, murmur2": (True, 5, _send_batch_murmur),
    "send_batch by 500, crc32": (True, 5, _send_batch),
    "send_batch by 500, crc32, not idempotent": (False, 5, _send_batch),
    "send_batch by 500, crc32, batches left open": (True, 5, _send_batch_open),
    "send_and_wait one by one, linger 5": (True, 5, _send_alone),
    "send_and_wait one by one, linger 0": (True, 0, _send_alone),
}
#: records a second to be expected, only to make runs of a like length
_EXPECTED = {
    "send(), partitioner of the client": 25_000,
    "send(), partitioner of the client, not idempotent": 25_000,
    "send(), partition given (crc32)": 40_000,
    "send_batch by 500, murmur2": 50_000,
    "send_batch by 500, crc32": 80_000,
    "send_batch by 500, crc32, not idempotent": 80_000,
    "send_batch by 500, crc32, batches left open": 30_000,
    "send_and_wait one by one, linger 5": 140,
    "send_and_wait one by one, linger 0": 800,
    "getmany": 100_000,
    "getone": 25_000,
    _COPYING: 30_000,
}
#: what each is held against
_BASE = dict.fromkeys(_SENDS, "send(), partitioner of the client") | dict.fromkeys(
    ("getmany", "getone", _COPYING), "getmany"
)
