"""Legal holds, and the erasures that wait for their end."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from ingest.domain.vault import Erasure, Hold, HoldReason
from lintas.database.work import Transaction
from lintas.vocabulary.ids import ComplaintId
from lintas.vocabulary.ticket import Ticket

#: whoever erases and whoever holds wait for each other, so that neither overlooks the other
_TURNS = "SELECT pg_advisory_xact_lock(7105, 1001)"
_COLUMNS = (
    "h.hold_id, h.complaint_id, h.reporter, h.reason, h.reference, h.held_until, h.placed_at,"
    " h.actor, h.client, e.ended_at FROM legal_hold h LEFT JOIN legal_hold_end e USING (hold_id)"
)
# a hold on a reporter covers every name of theirs; one on a complaint covers all who spoke in it
_ON_KEYS = (
    "WITH named AS (SELECT coalesce(s.same_as, k.reporter) AS reporter FROM reporter_key k"
    "  LEFT JOIN same_reporter s USING (reporter) WHERE k.key_id = ANY(CAST(:keys AS uuid[])))"
    " SELECT max(h.held_until) FROM legal_hold h LEFT JOIN legal_hold_end e USING (hold_id)"
    "  LEFT JOIN same_reporter s USING (reporter)"
    " WHERE e.hold_id IS NULL AND h.held_until > :at AND ("
    "  coalesce(s.same_as, h.reporter) IN (SELECT reporter FROM named)"
    "  OR h.complaint_id IN (SELECT complaint_id FROM complaint"
    "    WHERE key_id = ANY(CAST(:keys AS uuid[]))"
    "   UNION SELECT complaint_id FROM mention WHERE key_id = ANY(CAST(:keys AS uuid[]))))"
)


@dataclass(frozen=True, slots=True)
class Waiting:
    """An erasure that a hold put off."""

    id: int
    reporter: bytes
    erasure: Erasure


async def take_turns(tx: Transaction) -> None:
    """Nobody else erases or holds until the transaction ends."""
    await tx.connection.execute(text(_TURNS))


async def complaint_of(tx: Transaction, ticket: Ticket) -> ComplaintId | None:
    """The complaint that has this ticket."""
    found = await tx.connection.scalar(
        text("SELECT complaint_id FROM complaint WHERE ticket = :ticket"), {"ticket": ticket}
    )
    return None if found is None else ComplaintId(found)


async def held_until(tx: Transaction, keys: Sequence[UUID], at: datetime) -> datetime | None:
    """Until when something that these keys sealed is held; None: it may be erased."""
    until: datetime | None = await tx.connection.scalar(
        text(_ON_KEYS), {"keys": list(keys), "at": at}
    )
    return until


async def place(tx: Transaction, hold: Hold) -> bool:
    """Add a hold; False if it is on record already."""
    rows = await tx.connection.execute(
        text(
            "INSERT INTO legal_hold (hold_id, complaint_id, reporter, reason, reference,"
            " held_until, placed_at, actor, client) VALUES (:hold_id, :complaint_id, :reporter,"
            " :reason, :reference, :until, :placed_at, :actor, :client)"
            " ON CONFLICT (hold_id) DO NOTHING RETURNING 1"
        ),
        {
            "hold_id": hold.hold_id,
            "complaint_id": hold.complaint_id,
            "reporter": hold.reporter,
            "reason": hold.reason,
            "reference": hold.reference,
            "until": hold.until,
            "placed_at": hold.placed_at,
            "actor": hold.actor,
            "client": hold.client,
        },
    )
    return rows.first() is not None


async def find(tx: Transaction, hold_id: UUID) -> Hold | None:
    """The hold with this id, in force or not."""
    rows = await tx.connection.execute(
        text(f"SELECT {_COLUMNS} WHERE h.hold_id = :id"), {"id": hold_id}
    )
    row = rows.one_or_none()
    return None if row is None else _hold(row)


async def end(
    tx: Transaction, hold_id: UUID, *, actor: str, client: str | None, at: datetime
) -> None:
    """A hold ends now; ending it again changes nothing."""
    await tx.connection.execute(
        text(
            "INSERT INTO legal_hold_end (hold_id, ended_at, actor, client)"
            " VALUES (:id, :at, :actor, :client) ON CONFLICT DO NOTHING"
        ),
        {"id": hold_id, "at": at, "actor": actor, "client": client},
    )


async def in_force(tx: Transaction, at: datetime, at_most: int) -> Sequence[Hold]:
    """Holds that forbid erasing now, the one that ends first first."""
    rows = await tx.connection.execute(
        text(
            f"SELECT {_COLUMNS} WHERE e.hold_id IS NULL AND h.held_until > :at"
            " ORDER BY h.held_until, h.hold_id LIMIT :at_most"
        ),
        {"at": at, "at_most": at_most},
    )
    return [_hold(row) for row in rows]


async def put_off(tx: Transaction, reporter: bytes, erasure: Erasure, at: datetime) -> None:
    """Remember an erasure; asked for again while it waits, it is one."""
    await tx.connection.execute(
        text(
            "INSERT INTO held_erasure (reporter, asked_at, actor, client, purpose)"
            " SELECT :reporter, :at, :actor, :client, :purpose WHERE NOT EXISTS"
            " (SELECT FROM held_erasure WHERE applied_at IS NULL AND reporter = :reporter)"
        ),
        {
            "reporter": reporter,
            "at": at,
            "actor": erasure.actor,
            "client": erasure.client,
            "purpose": erasure.purpose,
        },
    )


async def waiting(tx: Transaction) -> Sequence[Waiting]:
    """Erasures that were put off and are not applied yet, oldest first."""
    rows = await tx.connection.execute(
        text(
            "SELECT id, reporter, actor, client, purpose FROM held_erasure"
            " WHERE applied_at IS NULL ORDER BY id"
        )
    )
    return [
        Waiting(row.id, row.reporter, Erasure(row.actor, row.client, row.purpose)) for row in rows
    ]


async def applied(tx: Transaction, one: int, at: datetime) -> None:
    """An erasure waits no more."""
    await tx.connection.execute(
        text("UPDATE held_erasure SET applied_at = :at WHERE id = :id"), {"id": one, "at": at}
    )


def _hold(row: Any) -> Hold:
    return Hold(
        hold_id=row.hold_id,
        reason=HoldReason(row.reason),
        reference=row.reference,
        until=row.held_until,
        placed_at=row.placed_at,
        actor=row.actor,
        client=row.client,
        complaint_id=None if row.complaint_id is None else ComplaintId(row.complaint_id),
        reporter=row.reporter,
        ended_at=row.ended_at,
    )
