"""The relay asks for rows above the last one it published, instead of for unpublished ones."""

from fastapi import FastAPI
from sqlalchemy import text
from tests.faults.planted import Bug

from lintas.database.outbox import SqlOutbox, Waiting

_ABOVE = text(
    "SELECT id FROM outbox WHERE published_at IS NULL AND id > :cursor ORDER BY id LIMIT :limit"
)


def _plant() -> None:
    waiting, mark = SqlOutbox.waiting, SqlOutbox.mark
    cursor = [0]

    async def above_cursor(self: SqlOutbox, limit: int) -> list[Waiting]:
        found = await self._locked().execute(_ABOVE, {"cursor": cursor[0], "limit": limit})
        wanted = set(found.scalars())
        return [row for row in await waiting(self, limit) if row.id in wanted]

    async def move_cursor(self: SqlOutbox, ids) -> None:
        await mark(self, ids)
        cursor[0] = max(cursor[0], *ids)

    SqlOutbox.waiting, SqlOutbox.mark = above_cursor, move_cursor


def ingest() -> FastAPI:
    """An intake that skips what a slower transaction commits late."""
    _plant()
    from ingest.app import from_environment

    return from_environment()


def agency_gateway() -> FastAPI:
    """The same in the gateway, where officers and the log write side by side."""
    _plant()
    from agency_gateway.app import from_environment

    return from_environment()


BUG = Bug(
    name="id-cursor-outbox",
    title="The outbox read by an id cursor",
    factories={
        "ingest": f"{__name__}:ingest",
        "agency-gateway": f"{__name__}:agency_gateway",
    },
    fault="tests.faults.planted.calm",
    caught_by=frozenset({"I1", "I6"}),
    instances={"ingest": 2},
)
