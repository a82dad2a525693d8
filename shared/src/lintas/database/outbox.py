"""Events written with the state they tell of, until the relay has published them."""

from collections.abc import Sequence
from dataclasses import dataclass

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from lintas.contracts.records import Headers, OutRecord

_RELAY_LOCK = 7_105_200_115  # one active relay per database


@dataclass(frozen=True, slots=True)
class Waiting:
    """A row that is committed and not published yet."""

    id: int
    record: OutRecord


#: appends what `values` binds; also as a part of a statement that writes more than this
ADD = (
    "INSERT INTO outbox (topic, key, partition_key, value, headers)"
    " SELECT topic, key, partition_key, value, CAST(headers AS jsonb)"
    " FROM unnest(CAST(:outbox_topics AS text[]), CAST(:outbox_keys AS bytea[]),"
    "  CAST(:outbox_partition_keys AS bytea[]), CAST(:outbox_values AS bytea[]),"
    "  CAST(:outbox_headers AS text[])) WITH ORDINALITY"
    "  AS r(topic, key, partition_key, value, headers, n) ORDER BY n"
)
_ADD = text(ADD)
# a mark that a crash of the server takes back means a record published twice, which is promised;
# so marking does not wait for the disk. The setting goes no further than this connection.
_ACQUIRE = text(
    "SELECT CASE WHEN pg_try_advisory_lock(:lock)"
    " THEN set_config('synchronous_commit', 'off', false) END"
)
_WAITING = text(
    "SELECT id, topic, key, partition_key, value, CAST(headers AS text) FROM outbox"
    " WHERE published_at IS NULL ORDER BY id LIMIT :limit"
)
_MARK = text("UPDATE outbox SET published_at = now() WHERE id = ANY(CAST(:ids AS bigint[]))")


async def add(connection: AsyncConnection, records: Sequence[OutRecord]) -> None:
    """Append `records` in order, in the caller's transaction."""
    await connection.execute(_ADD, values(records))


def values(records: Sequence[OutRecord]) -> dict[str, list[object]]:
    """What `ADD` binds to append `records` in order."""
    return {
        "outbox_topics": [record.topic for record in records],
        "outbox_keys": [record.key for record in records],
        "outbox_partition_keys": [record.partition_key for record in records],
        "outbox_values": [record.value for record in records],
        "outbox_headers": [_headers_text(record) for record in records],
    }


class SqlOutbox:
    """The outbox table of one database, read by at most one relay at a time.

    Rows are claimed by state (`published_at IS NULL`), never by an id cursor: a slow transaction
    commits a lower id later, and a cursor would skip it for ever.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._lock: AsyncConnection | None = None

    async def acquire(self) -> bool:
        """Become the active relay of this database; False while another one is."""
        if self._lock is not None:
            return True
        connection = await self._engine.connect()
        connection = await connection.execution_options(isolation_level="AUTOCOMMIT")
        if await connection.scalar(_ACQUIRE, {"lock": _RELAY_LOCK}) is None:
            await connection.close()
            return False
        self._lock = connection
        return True

    async def release(self) -> None:
        """Let another relay become active. The lock also ends with its connection."""
        connection, self._lock = self._lock, None
        if connection is not None:
            # closing for good, not back into the pool: a pooled connection would keep the lock
            await connection.invalidate()
            await connection.close()

    async def waiting(self, limit: int) -> list[Waiting]:
        """The oldest unpublished rows."""
        rows = await self._locked().execute(_WAITING, {"limit": limit})
        return [
            Waiting(id_, OutRecord(topic, key, value, _headers(headers), partition_key))
            for id_, topic, key, partition_key, value, headers in rows
        ]

    async def mark(self, ids: Sequence[int]) -> None:
        """Say that the broker has acknowledged these rows."""
        await self._locked().execute(_MARK, {"ids": list(ids)})

    async def depth(self) -> int:
        """How many rows wait."""
        depth = await self._locked().scalar(
            text("SELECT count(*) FROM outbox WHERE published_at IS NULL")
        )
        return int(depth or 0)

    async def purge(self, keep_hours: int) -> None:
        """Forget rows published longer ago than `keep_hours`."""
        await self._locked().execute(
            text("DELETE FROM outbox WHERE published_at < now() - make_interval(hours => :hours)"),
            {"hours": keep_hours},
        )

    def _locked(self) -> AsyncConnection:
        # every statement runs on the connection that holds the lock: if it broke, the lock is
        # gone too, and the statement fails instead of racing the next relay
        if self._lock is None:
            raise RuntimeError("the relay lock is not held")
        return self._lock


def _headers_text(record: OutRecord) -> str:
    return orjson.dumps([(name, value.decode()) for name, value in record.headers]).decode()


def _headers(written: str) -> Headers:
    return tuple([(name, value.encode()) for name, value in orjson.loads(written)])
