from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from lintas.database.work import Transaction
from metrics.domain.rebuilds import Rebuild, RebuildState

_COLUMNS = "id, generation, state, requested_by, requested_at, finished_at, facts"
#: every table whose rows belong to a generation, but the positions, which go with the swap
_FOLDED = (
    "fact",
    "waiting",
    "complaint_fact",
    "assignment_fact",
    "statement_fact",
    "directory",
)
_SELECT = f"SELECT {_COLUMNS} FROM rebuild"  # noqa: S608  # a constant of this room
_LOCK = 7_105_200_116  # one request at a time


async def request(tx: Transaction, rebuild_id: UUID, who: str, at: datetime) -> Rebuild:
    """Ask for a rebuild, or return the one that is not finished yet."""
    await tx.connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    running = await find(tx, rebuild_id) or await unfinished(tx)
    if running is not None:
        return running
    row = await tx.connection.execute(
        text(
            "INSERT INTO rebuild (id, generation, state, requested_by, requested_at)"  # noqa: S608  # constants
            " SELECT :id, 1 + GREATEST((SELECT generation FROM fold),"
            "  COALESCE((SELECT max(generation) FROM rebuild), 0)), 'requested', :who, :at"
            f" RETURNING {_COLUMNS}"
        ),
        {"id": rebuild_id, "who": who, "at": at},
    )
    return _to_rebuild(row.one())


async def find(tx: Transaction, rebuild_id: UUID) -> Rebuild | None:
    """One rebuild."""
    row = await tx.connection.execute(text(f"{_SELECT} WHERE id = :id"), {"id": rebuild_id})
    found = row.one_or_none()
    return _to_rebuild(found) if found else None


async def unfinished(tx: Transaction) -> Rebuild | None:
    """The rebuild that still has something to do."""
    row = await tx.connection.execute(
        text(f"{_SELECT} WHERE state <> 'done' ORDER BY generation LIMIT 1")
    )
    found = row.one_or_none()
    return _to_rebuild(found) if found else None


async def progress(tx: Transaction, rebuild_id: UUID, facts: int) -> None:
    """Say that so many more records were folded."""
    await tx.connection.execute(
        text(
            "UPDATE rebuild SET facts = facts + :facts, state = 'running'"
            " WHERE id = :id AND state IN ('requested', 'running')"
        ),
        {"id": rebuild_id, "facts": facts},
    )


async def has_caught_up(tx: Transaction, generation: int) -> bool:
    """Whether a generation has folded everything that the one shown has."""
    behind = await tx.connection.scalar(
        text(
            "SELECT count(*) FROM fold JOIN kafka_pos shown USING (generation)"
            " LEFT JOIN kafka_pos new ON new.generation = :generation"
            "  AND new.topic = shown.topic AND new.partition = shown.partition"
            " WHERE shown.next > COALESCE(new.next, 0)"
        ),
        {"generation": generation},
    )
    return not behind


async def show(tx: Transaction, rebuild: Rebuild) -> None:
    """Make its generation the one shown; readers of older ones find their positions gone."""
    await tx.connection.execute(
        text("UPDATE fold SET generation = :generation WHERE generation < :generation"),
        {"generation": rebuild.generation},
    )
    await tx.connection.execute(
        text("DELETE FROM kafka_pos WHERE generation < :generation"),
        {"generation": rebuild.generation},
    )
    await tx.connection.execute(
        text("UPDATE rebuild SET state = 'cleaning' WHERE id = :id AND state <> 'done'"),
        {"id": rebuild.id},
    )


async def clean(tx: Transaction, generation: int, limit: int) -> int:
    """Delete some rows of generations before `generation`; how many those were."""
    for table in _FOLDED:
        gone = await tx.connection.execute(
            text(
                f"DELETE FROM {table} WHERE ctid = ANY(ARRAY("  # noqa: S608  # a constant
                f"SELECT ctid FROM {table} WHERE generation < :generation LIMIT :limit))"
            ),
            {"generation": generation, "limit": limit},
        )
        if gone.rowcount:
            return gone.rowcount
    return 0


async def forget_parked(tx: Transaction, consumers: Sequence[str]) -> None:
    """Delete what was parked for these consumers."""
    await tx.connection.execute(
        text("DELETE FROM parked_event WHERE consumer = ANY(CAST(:consumers AS text[]))"),
        {"consumers": list(consumers)},
    )


async def finish(tx: Transaction, rebuild_id: UUID, at: datetime) -> None:
    """Nothing is left to do."""
    await tx.connection.execute(
        text("UPDATE rebuild SET state = 'done', finished_at = :at WHERE id = :id"),
        {"id": rebuild_id, "at": at},
    )


def _to_rebuild(row: Row[Any]) -> Rebuild:
    return Rebuild(
        row.id,
        row.generation,
        RebuildState(row.state),
        row.requested_by,
        row.requested_at,
        row.finished_at,
        row.facts,
    )
