"""What every yardstick does: read settings, send with acknowledgements, relay an outbox."""

import asyncio
import sys
from collections.abc import Callable, Coroutine, Iterable, Sequence
from pathlib import Path
from time import perf_counter
from typing import Any, Self
from uuid import UUID
from zlib import crc32

import asyncpg
import orjson
import uvloop
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

Headers = list[tuple[str, bytes]]
#: topic, key, value, headers
Out = tuple[str, bytes, bytes, Headers]

PARTITIONS = 6
_LOT = 500
_WAIT_S = 0.5
_COMMIT_EVERY_S = 0.1


def settings() -> dict[str, Any]:
    """What the bench told this process."""
    given: dict[str, Any] = orjson.loads(Path(sys.argv[1]).read_bytes())
    return given


def say_ready(given: dict[str, Any]) -> None:
    """Tell the bench that load may come."""
    Path(given["ready"]).touch()


def known_as(given: dict[str, Any]) -> list[list[UUID]]:
    """The recorded complaints: their ids, and those of the events behind their rows."""
    return [[UUID(one) for one in ids] for ids in given["known_as"]]


def headers(given: dict[str, Any]) -> Headers:
    """Those of one recorded record."""
    return [(name, value.encode()) for name, value in given["headers"]]


def run(main: Callable[[dict[str, Any]], Coroutine[Any, Any, None]]) -> None:
    """Run on the event loop the services run on."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main(settings()))


def complaint_of(template: int, noise: bytes) -> UUID:
    """A new complaint's id that says which recorded complaint it is a copy of."""
    # readers may look at the version of an id
    return UUID(bytes=noise[:14] + template.to_bytes(2), version=5)


def template_of(key: bytes, templates: int) -> int:
    """Which recorded complaint the complaint of this key is a copy of."""
    return int(key[-4:], 16) % templates


async def connect(url: str) -> asyncpg.Connection:
    """A connection with the rights the service's workers have."""
    connection = await asyncpg.connect(url)
    await connection.execute("SELECT set_config('app.role', 'worker', false)")
    return connection


class Sender:
    """Sends lots as the services do: idempotent, acknowledged by all, one batch per partition."""

    def __init__(self, kafka: str, *, linger_ms: int = 5) -> None:
        self._client = AIOKafkaProducer(
            bootstrap_servers=kafka,
            enable_idempotence=True,
            acks="all",
            compression_type="zstd",
            linger_ms=linger_ms,
            max_batch_size=262_144,
            max_request_size=1_000_000,
        )

    async def __aenter__(self) -> Self:
        await self._client.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.stop()

    async def send(self, records: Iterable[Out]) -> None:
        """Return once every record is acknowledged."""
        lots: dict[tuple[str, int], list[Out]] = {}
        for record in records:
            lots.setdefault((record[0], crc32(record[1]) % PARTITIONS), []).append(record)
        await asyncio.gather(*(self._send(*to, lot) for to, lot in lots.items()))

    async def _send(self, topic: str, partition: int, lot: Sequence[Out]) -> None:
        at = 0
        while at < len(lot):
            batch = self._client.create_batch()
            while at < len(lot):
                _, key, value, headers = lot[at]
                if batch.append(key=key, value=value, timestamp=None, headers=headers) is None:
                    break
                at += 1
            batch.close()
            await (await self._client.send_batch(batch, topic, partition=partition))


class Relay:
    """Publishes an outbox table and marks what is acknowledged; woken by commits.

    The headers are read and not parsed: every record goes out with those of a recorded one.
    """

    def __init__(self, connection: asyncpg.Connection, sender: Sender, headers: Headers) -> None:
        self._connection = connection
        self._sender = sender
        self._headers = headers
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """Something was committed."""
        self._woken.set()

    async def run(self) -> None:
        """Publish for ever."""
        # as in the services: a mark does not wait for the disk
        await self._connection.execute("SET synchronous_commit = off")
        while True:
            self._woken.clear()
            rows = await self._connection.fetch(
                "SELECT id, topic, key, partition_key, value, headers FROM outbox"
                " WHERE published_at IS NULL ORDER BY id LIMIT $1",
                _LOT,
            )
            if not rows:
                await self._rest()
                continue
            await self._sender.send(
                (row["topic"], row["key"], row["value"], self._headers) for row in rows
            )
            await self._connection.execute(
                "UPDATE outbox SET published_at = now() WHERE id = ANY($1::bigint[])",
                [row["id"] for row in rows],
            )

    async def _rest(self) -> None:
        try:
            async with asyncio.timeout(_WAIT_S):
                await self._woken.wait()
        except TimeoutError:
            return


class Offsets:
    """Moves a consumer's offsets as the services do: under load now and then, else at once."""

    def __init__(self, consumer: AIOKafkaConsumer) -> None:
        self._consumer = consumer
        self._behind = False
        self._due_at = 0.0

    async def after(self, found: object) -> None:
        """What was found last is done."""
        self._behind = self._behind or bool(found)
        if self._behind and (not found or perf_counter() >= self._due_at):
            await self._consumer.commit()
            self._behind = False
            self._due_at = perf_counter() + _COMMIT_EVERY_S


def consumer(kafka: str, group: str, topic: str, *, gathers: bool = False) -> AIOKafkaConsumer:
    """A group member set up as the services' are; `gathers` where nobody waits for it."""
    wait: dict[str, int] = {"fetch_min_bytes": 131_072, "fetch_max_wait_ms": 100} if gathers else {}
    return AIOKafkaConsumer(
        topic,
        bootstrap_servers=kafka,
        group_id=group,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
        max_poll_records=_LOT,
        fetch_max_bytes=8_388_608,
        max_partition_fetch_bytes=1_200_000,
        **wait,
    )
