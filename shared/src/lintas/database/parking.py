"""Events waiting behind an earlier event of the same key, or for code that knows their version."""

from collections.abc import Sequence

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from lintas.contracts.records import Record
from lintas.database.work import UnitOfWork


class SqlParking:
    """The `parked_event` table, seen by one consumer."""

    def __init__(self, work: UnitOfWork, consumer: str) -> None:
        self._work = work
        self._consumer = consumer

    async def park(self, record: Record, reason: str) -> None:
        """Keep `record` durably; parking it again changes nothing."""
        async with self._work.begin() as tx:
            await tx.connection.execute(
                text(
                    "INSERT INTO parked_event (consumer, topic, partition, record_offset,"
                    " timestamp_ms, key, value, headers, reason)"
                    " VALUES (:consumer, :topic, :partition, :offset, :timestamp_ms, :key, :value,"
                    " CAST(:headers AS jsonb), :reason) ON CONFLICT DO NOTHING"
                ),
                {
                    "consumer": self._consumer,
                    "topic": record.topic,
                    "partition": record.partition,
                    "offset": record.offset,
                    "timestamp_ms": record.timestamp_ms,
                    "key": record.key,
                    "value": record.value,
                    "headers": _to_text(record.headers),
                    "reason": reason,
                },
            )

    async def parked(self) -> list[Record]:
        """Everything parked, in the order it came."""
        async with self._work.begin() as tx:
            return await _read(tx.connection, self._consumer)

    async def release(self, records: Sequence[Record]) -> None:
        """Forget records that have been applied."""
        async with self._work.begin() as tx:
            await tx.connection.execute(
                text(
                    "DELETE FROM parked_event p USING unnest(CAST(:topics AS text[]),"
                    " CAST(:partitions AS int[]), CAST(:offsets AS bigint[]))"
                    " AS r(topic, partition, record_offset)"
                    " WHERE p.consumer = :consumer AND p.topic = r.topic"
                    " AND p.partition = r.partition AND p.record_offset = r.record_offset"
                ),
                {
                    "consumer": self._consumer,
                    "topics": [record.topic for record in records],
                    "partitions": [record.partition for record in records],
                    "offsets": [record.offset for record in records],
                },
            )


async def _read(connection: AsyncConnection, consumer: str) -> list[Record]:
    rows = await connection.execute(
        text(
            "SELECT topic, partition, record_offset, timestamp_ms, key, value, headers"
            " FROM parked_event WHERE consumer = :consumer ORDER BY id"
        ),
        {"consumer": consumer},
    )
    return [
        Record(
            row.topic,
            row.partition,
            row.record_offset,
            row.timestamp_ms,
            row.key,
            row.value,
            tuple((name, value.encode("latin-1")) for name, value in row.headers),
        )
        for row in rows
    ]


def _to_text(headers: Sequence[tuple[str, bytes]]) -> str:
    # latin-1 keeps every byte, also of headers that are not UTF-8
    return orjson.dumps([(name, value.decode("latin-1")) for name, value in headers]).decode()
