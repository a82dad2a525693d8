"""Open complaints that others may know of, newest first, with what was sent of their words."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text

from lintas.database.work import Transaction
from lintas.vocabulary.terms import PublicStatus


@dataclass(frozen=True, slots=True)
class Row:
    """One open complaint."""

    #: the event that opened it, as it was sent: redacted
    event: bytes
    status: PublicStatus
    category: str | None
    kecamatan: str | None
    kelurahan: str | None
    received_at: datetime


_OPEN = text("""
SELECT o.value, s.status, s.category, s.kecamatan, s.kelurahan, c.received_at
FROM (SELECT key, value FROM outbox WHERE topic = :topic ORDER BY id DESC LIMIT :most) AS o
JOIN complaint c ON c.complaint_id = CAST(convert_from(o.key, 'UTF8') AS uuid)
JOIN public_status s USING (complaint_id)
JOIN reporter_key k USING (key_id)
WHERE c.anonymity <> 'secret' AND c.secret_hash IS NOT NULL AND k.wrapped IS NOT NULL
    AND s.status IN ('received', 'in_progress')
""")


async def open_complaints(tx: Transaction, topic: str, most: int) -> list[Row]:
    """Of the `most` newest events those that opened a complaint still open, not secret, not erased."""
    rows = await tx.connection.execute(_OPEN, {"topic": topic, "most": most})
    return [
        Row(
            row.value,
            PublicStatus(row.status),
            row.category,
            row.kecamatan,
            row.kelurahan,
            row.received_at,
        )
        for row in rows
    ]
