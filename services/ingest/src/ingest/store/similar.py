"""Open complaints that others may know of, newest first, and what was sent of their words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from lintas.database.work import Transaction
from lintas.vocabulary.terms import PublicStatus
from lintas.vocabulary.ticket import Ticket


@dataclass(frozen=True, slots=True)
class Row:
    """One open complaint."""

    complaint_id: UUID
    ticket: Ticket
    #: the outbox row of something said in it
    said: int
    status: PublicStatus
    category: str | None
    kecamatan: str | None
    kelurahan: str | None
    received_at: datetime


# all that ingest writes is told of mentions; a condition that says so would only mislead the planner
_OPEN = text("""
SELECT c.complaint_id, c.ticket, o.id, s.status, s.category, s.kecamatan, s.kelurahan, c.received_at
FROM (SELECT id, key FROM outbox ORDER BY id DESC LIMIT :most) AS o
JOIN complaint c ON c.complaint_id = CAST(convert_from(o.key, 'UTF8') AS uuid)
JOIN public_status s USING (complaint_id)
JOIN mention m ON m.complaint_id = c.complaint_id AND m.joined IS NULL
JOIN reporter_key k ON k.key_id = c.key_id
WHERE c.anonymity <> 'secret' AND c.secret_hash IS NOT NULL AND k.wrapped IS NOT NULL
    AND m.withdrawn_at IS NULL
    AND s.status IN ('received', 'in_progress')
""")


async def open_complaints(tx: Transaction, most: int) -> list[Row]:
    """Of the `most` newest events those of complaints that are open and not secret.

    None of an erased one, and none of one whose reporter took it back.
    """
    rows = await tx.connection.execute(_OPEN, {"most": most})
    return [
        Row(
            row.complaint_id,
            Ticket(row.ticket),
            row.id,
            PublicStatus(row.status),
            row.category,
            row.kecamatan,
            row.kelurahan,
            row.received_at,
        )
        for row in rows
    ]


async def events(tx: Transaction, ids: Sequence[int]) -> Mapping[int, bytes]:
    """What was said, as it was sent: redacted."""
    rows = await tx.connection.execute(
        text("SELECT id, value FROM outbox WHERE id = ANY(CAST(:ids AS bigint[]))"),
        {"ids": list(ids)},
    )
    return {row.id: row.value for row in rows}
