"""What an erasure takes away, and what it leaves: that there was a complaint, and its status."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from ingest.domain.vault import Erasure
from lintas.database.work import Transaction
from lintas.vocabulary.ids import ComplaintId
from lintas.vocabulary.ticket import Ticket


async def keys_behind(tx: Transaction, ticket: Ticket) -> Sequence[UUID]:
    """Every data key of the reporter who holds this ticket, destroyed ones among them."""
    rows = await tx.connection.execute(
        text(
            "SELECT other.key_id FROM complaint JOIN reporter_key own USING (key_id)"
            " JOIN reporter_key other ON other.reporter = own.reporter WHERE ticket = :ticket"
        ),
        {"ticket": ticket},
    )
    return rows.scalars().all()


async def keys_of(tx: Transaction, reporter: bytes) -> Sequence[UUID]:
    """Every data key of a reporter, destroyed ones among them."""
    rows = await tx.connection.execute(
        text("SELECT key_id FROM reporter_key WHERE reporter = :reporter"), {"reporter": reporter}
    )
    return rows.scalars().all()


async def destroy(tx: Transaction, keys: Sequence[UUID], at: datetime) -> None:
    """Destroy those of the keys that still live; what they sealed cannot be opened again."""
    await tx.connection.execute(
        text(
            "UPDATE reporter_key SET wrapped = NULL, destroyed_at = :at"
            " WHERE key_id = ANY(CAST(:keys AS uuid[])) AND wrapped IS NOT NULL"
        ),
        {"keys": list(keys), "at": at},
    )


async def record(tx: Transaction, erasure: Erasure, keys: Sequence[UUID], at: datetime) -> int:
    """Add one line per key to the audit; how many complaints the keys sealed."""
    rows = await tx.connection.execute(
        text(
            "INSERT INTO erasure_audit (erased_at, actor, client, purpose, key_id, complaints)"
            " SELECT :at, :actor, :client, :purpose, key_id,"
            "  (SELECT count(*) FROM complaint WHERE complaint.key_id = asked.key_id)"
            " FROM unnest(CAST(:keys AS uuid[])) AS asked(key_id) RETURNING complaints"
        ),
        {
            "at": at,
            "actor": erasure.actor,
            "client": erasure.client,
            "purpose": erasure.purpose,
            "keys": list(keys),
        },
    )
    return sum(rows.scalars())


async def unreached(tx: Transaction, at_most: int) -> Sequence[ComplaintId]:
    """Complaints whose key is destroyed and whose words are still here, locked, oldest first."""
    rows = await tx.connection.execute(
        text(
            "SELECT complaint_id FROM complaint JOIN reporter_key k USING (key_id)"
            " WHERE k.wrapped IS NULL AND erased_at IS NULL"
            " ORDER BY complaint_id LIMIT :at_most FOR UPDATE OF complaint SKIP LOCKED"
        ),
        {"at_most": at_most},
    )
    return [ComplaintId(complaint) for complaint in rows.scalars()]


_FORGET = (
    "UPDATE mention SET sealed = '' WHERE complaint_id = ANY(CAST(:ids AS uuid[]))",
    """
    UPDATE complaint SET secret_hash = NULL, erased_at = :at
    WHERE complaint_id = ANY(CAST(:ids AS uuid[]))
    """,
    # What waits for Kafka still goes out, without its words, as its readers count every complaint.
    """
    UPDATE outbox SET value = convert_to((
        convert_from(value, 'UTF8')::jsonb || jsonb_build_object('mention',
            (convert_from(value, 'UTF8')::jsonb -> 'mention') || jsonb_build_object(
                'text', '[ERASED]', 'external_id', NULL, 'location', NULL, 'media', '[]'::jsonb,
                'sealed', (convert_from(value, 'UTF8')::jsonb #> '{mention,sealed}')
                    || '{"data": ""}')))::text, 'UTF8')
    WHERE key = ANY(CAST(:keys AS bytea[])) AND convert_from(value, 'UTF8')::jsonb ? 'mention'
    """,
)


async def forget(tx: Transaction, complaints: Sequence[ComplaintId], at: datetime) -> None:
    """Take away every word of these, sealed or redacted, and the secret of their links."""
    values = {
        "ids": list(complaints),
        "keys": [str(complaint).encode() for complaint in complaints],
        "at": at,
    }
    for statement in _FORGET:
        named = {name: value for name, value in values.items() if f":{name}" in statement}
        await tx.connection.execute(text(statement), named)
