"""Open complaints that others may know of, newest first, with what was sent of their words."""

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
    #: something said in it, as it was sent: redacted
    event: bytes
    status: PublicStatus
    category: str | None
    kecamatan: str | None
    kelurahan: str | None
    received_at: datetime


_OPEN = text("""
SELECT c.complaint_id, c.ticket, o.value, s.status, s.category, s.kecamatan, s.kelurahan, c.received_at
FROM (SELECT key, value FROM outbox WHERE topic = :topic ORDER BY id DESC LIMIT :most) AS o
JOIN complaint c ON c.complaint_id = CAST(convert_from(o.key, 'UTF8') AS uuid)
JOIN public_status s USING (complaint_id)
JOIN mention m ON m.complaint_id = c.complaint_id AND m.joined IS NULL
JOIN reporter_key k ON k.key_id = c.key_id
WHERE c.anonymity <> 'secret' AND c.secret_hash IS NOT NULL AND k.wrapped IS NOT NULL
    AND m.withdrawn_at IS NULL
    AND s.status IN ('received', 'in_progress')
""")


async def open_complaints(tx: Transaction, topic: str, most: int) -> list[Row]:
    """Of the `most` newest events those of complaints that are open and not secret.

    None of an erased one, and none of one whose reporter took it back.
    """
    rows = await tx.connection.execute(_OPEN, {"topic": topic, "most": most})
    return [
        Row(
            row.complaint_id,
            Ticket(row.ticket),
            row.value,
            PublicStatus(row.status),
            row.category,
            row.kecamatan,
            row.kelurahan,
            row.received_at,
        )
        for row in rows
    ]
