"""What is past its time: removed a lot at a time, and how old the oldest is that is left."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from ingest.domain.mentions import ReporterKey
from lintas.database.work import Transaction
from lintas.vocabulary.ids import ComplaintId

# kind → how rows from before are removed, and when the oldest of them is from
_REMOVE: Mapping[str, str] = {
    "published": "DELETE FROM outbox WHERE id IN (SELECT id FROM outbox"
    " WHERE published_at < :before LIMIT :at_most FOR UPDATE SKIP LOCKED) RETURNING 1",
    "set_aside": "DELETE FROM set_aside WHERE id IN (SELECT id FROM set_aside"
    " WHERE received_at < :before LIMIT :at_most FOR UPDATE SKIP LOCKED) RETURNING 1",
    "request": "DELETE FROM request WHERE request IN (SELECT request FROM request"
    " WHERE received_at < :before LIMIT :at_most FOR UPDATE SKIP LOCKED) RETURNING 1",
}
_OLDEST: Mapping[str, str] = {
    "published": "SELECT min(published_at) FROM outbox WHERE published_at < :before",
    "set_aside": "SELECT min(received_at) FROM set_aside WHERE received_at < :before",
    "request": "SELECT min(received_at) FROM request WHERE received_at < :before",
}
# the last word in it is what counts; what is held stays, and is not overdue
_ORIGINALS = """
    FROM complaint c WHERE c.received_at < :before AND c.erased_at IS NULL
    AND NOT EXISTS (SELECT FROM mention m
        WHERE m.complaint_id = c.complaint_id AND m.received_at >= :before)
    AND NOT EXISTS (SELECT FROM legal_hold h LEFT JOIN legal_hold_end e USING (hold_id)
        WHERE e.hold_id IS NULL AND h.held_until > :now AND (h.complaint_id = c.complaint_id
            OR h.reporter IN (SELECT unnest(ARRAY[k.reporter, s.same_as]) FROM reporter_key k
                LEFT JOIN same_reporter s USING (reporter)
                WHERE k.key_id = c.key_id OR k.key_id IN (SELECT m.key_id FROM mention m
                    WHERE m.complaint_id = c.complaint_id))))
"""


async def remove(tx: Transaction, kind: str, before: datetime, at_most: int) -> int:
    """Remove rows of a kind from before; how many that were."""
    rows = await tx.connection.execute(text(_REMOVE[kind]), {"before": before, "at_most": at_most})
    return len(rows.all())


async def oldest(tx: Transaction, kind: str, before: datetime) -> datetime | None:
    """When the oldest of a kind from before is from; None where there is none."""
    found: datetime | None = await tx.connection.scalar(text(_OLDEST[kind]), {"before": before})
    return found


async def old_complaints(
    tx: Transaction, before: datetime, now: datetime, at_most: int
) -> Sequence[ComplaintId]:
    """Complaints whose last word is from before and may be erased, locked."""
    rows = await tx.connection.execute(
        text(
            f"SELECT c.complaint_id {_ORIGINALS} ORDER BY c.complaint_id LIMIT :at_most"
            " FOR UPDATE OF c SKIP LOCKED"
        ),
        {"before": before, "now": now, "at_most": at_most},
    )
    return [ComplaintId(complaint) for complaint in rows.scalars()]


async def oldest_complaint(tx: Transaction, before: datetime, now: datetime) -> datetime | None:
    """When the oldest complaint whose words are past their time was received."""
    found: datetime | None = await tx.connection.scalar(
        text(f"SELECT min(c.received_at) {_ORIGINALS}"), {"before": before, "now": now}
    )
    return found


async def still_known(tx: Transaction, since: datetime) -> Sequence[bytes]:
    """Reporters whose keys live, and who spoke in a complaint that was erased since."""
    rows = await tx.connection.execute(
        text(
            "WITH erased AS (SELECT complaint_id, key_id FROM complaint WHERE erased_at >= :since)"
            " SELECT DISTINCT reporter FROM reporter_key WHERE wrapped IS NOT NULL AND key_id IN"
            "  (SELECT key_id FROM erased"
            "   UNION SELECT m.key_id FROM mention m JOIN erased USING (complaint_id))"
        ),
        {"since": since},
    )
    return rows.scalars().all()


@dataclass(frozen=True, slots=True)
class Sealed:
    """One thing that was said, and the key that opens it."""

    complaint_id: ComplaintId
    key: ReporterKey
    sealed: bytes


async def said_under(tx: Transaction, keys: Sequence[UUID]) -> Sequence[Sealed]:
    """All that these keys seal and that is not erased."""
    rows = await tx.connection.execute(
        text(
            "SELECT m.complaint_id, m.sealed, k.key_id, k.reporter, k.wrapped FROM ("
            "  SELECT mention_id, c.key_id FROM complaint c JOIN mention o USING (complaint_id)"
            "   WHERE c.key_id = ANY(CAST(:keys AS uuid[])) AND o.key_id IS NULL"
            "  UNION ALL SELECT mention_id, key_id FROM mention"
            "   WHERE key_id = ANY(CAST(:keys AS uuid[]))"
            " ) AS of JOIN mention m USING (mention_id) JOIN reporter_key k ON k.key_id = of.key_id"
            " WHERE m.sealed <> '' AND k.wrapped IS NOT NULL"
        ),
        {"keys": list(keys)},
    )
    return [
        Sealed(
            ComplaintId(UUID(int=row.complaint_id.int)),
            ReporterKey(row.key_id, row.reporter, row.wrapped),
            row.sealed,
        )
        for row in rows
    ]
