"""What is past its time: removed a lot at a time, and how old the oldest is that is left."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import text

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
