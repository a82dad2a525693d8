"""What an erasure takes away, and what it leaves: that there was a complaint, and its status."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from ingest.domain.vault import Erasure
from lintas.database.work import Transaction
from lintas.vocabulary.ids import ComplaintId, MentionId
from lintas.vocabulary.ticket import Ticket


async def reporter_behind(tx: Transaction, ticket: Ticket) -> bytes | None:
    """The keyed hash of the reporter who holds this ticket."""
    reporter: bytes | None = await tx.connection.scalar(
        text(
            "SELECT reporter FROM complaint JOIN reporter_key USING (key_id) WHERE ticket = :ticket"
        ),
        {"ticket": ticket},
    )
    return reporter


async def keys_of(tx: Transaction, reporter: bytes) -> Sequence[UUID]:
    """Every data key of a reporter, under whatever id they were known; destroyed ones among them."""
    rows = await tx.connection.execute(
        text(
            "WITH root AS (SELECT coalesce("
            "  (SELECT same_as FROM same_reporter WHERE reporter = :reporter),"
            "  CAST(:reporter AS bytea)) AS reporter)"
            " SELECT key_id FROM reporter_key WHERE reporter IN (SELECT reporter FROM root"
            "  UNION SELECT s.reporter FROM same_reporter s JOIN root ON s.same_as = root.reporter)"
        ),
        {"reporter": reporter},
    )
    return rows.scalars().all()


async def unused_keys(tx: Transaction, complaints: Sequence[ComplaintId]) -> Sequence[UUID]:
    """The living keys of those who spoke in these that seal nothing any more, here or elsewhere."""
    rows = await tx.connection.execute(
        text(
            "SELECT key_id FROM reporter_key k WHERE wrapped IS NOT NULL"
            " AND key_id IN (SELECT key_id FROM complaint"
            "   WHERE complaint_id = ANY(CAST(:ids AS uuid[]))"
            "  UNION SELECT key_id FROM mention WHERE complaint_id = ANY(CAST(:ids AS uuid[])))"
            " AND NOT EXISTS (SELECT FROM complaint c"
            "  WHERE c.key_id = k.key_id AND c.erased_at IS NULL)"
            " AND NOT EXISTS (SELECT FROM mention m WHERE m.key_id = k.key_id AND m.sealed <> '')"
        ),
        {"ids": list(complaints)},
    )
    return rows.scalars().all()


async def not_erased(tx: Transaction, complaints: Iterable[ComplaintId]) -> Sequence[ComplaintId]:
    """Those of these whose words are still here, locked."""
    rows = await tx.connection.execute(
        text(
            "SELECT complaint_id FROM complaint WHERE erased_at IS NULL"
            " AND complaint_id = ANY(CAST(:ids AS uuid[])) ORDER BY complaint_id FOR UPDATE"
        ),
        {"ids": list(complaints)},
    )
    return [ComplaintId(UUID(int=complaint.int)) for complaint in rows.scalars()]


async def not_erased_guests(
    tx: Transaction, guests: Iterable[MentionId]
) -> Mapping[MentionId, ComplaintId]:
    """Those of these mentions whose words are still here."""
    rows = await tx.connection.execute(
        text(
            "SELECT mention_id, complaint_id FROM mention"
            " WHERE sealed <> '' AND mention_id = ANY(CAST(:ids AS uuid[]))"
        ),
        {"ids": list(guests)},
    )
    return {MentionId(row.mention_id): ComplaintId(UUID(int=row.complaint_id.int)) for row in rows}


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


async def unreached_guests(tx: Transaction, at_most: int) -> Mapping[MentionId, ComplaintId]:
    """What others said in a complaint that stays, whose key is destroyed and whose words are here.

    Their complaints are locked, as what follows changes them.
    """
    rows = await tx.connection.execute(
        text(
            "SELECT mention_id, complaint_id FROM mention m JOIN reporter_key k USING (key_id)"
            " JOIN complaint c USING (complaint_id) WHERE k.wrapped IS NULL AND m.sealed <> ''"
            " ORDER BY complaint_id, mention_id LIMIT :at_most FOR UPDATE OF c SKIP LOCKED"
        ),
        {"at_most": at_most},
    )
    return {MentionId(row.mention_id): ComplaintId(row.complaint_id) for row in rows}


# What waits for Kafka still goes out, without its words, as its readers count every complaint.
_WORDLESS = """
    UPDATE outbox SET value = convert_to((
        convert_from(value, 'UTF8')::jsonb || jsonb_build_object('mention',
            (convert_from(value, 'UTF8')::jsonb -> 'mention') || jsonb_build_object(
                'text', '[ERASED]', 'external_id', NULL, 'location', NULL, 'media', '[]'::jsonb,
                'sealed', (convert_from(value, 'UTF8')::jsonb #> '{mention,sealed}')
                    || '{"data": ""}')))::text, 'UTF8')
    WHERE key = ANY(CAST(:keys AS bytea[])) AND convert_from(value, 'UTF8')::jsonb ? 'mention'
"""
# each with an index of its own: by key what is published, all of what waits
_WORDLESS_BOTH = (
    _WORDLESS + " AND published_at IS NOT NULL",
    _WORDLESS + " AND published_at IS NULL",
)
_OF_THESE = (
    " AND (convert_from(value, 'UTF8')::jsonb #>> '{mention,mention_id}')::uuid"
    " = ANY(CAST(:ids AS uuid[]))"
)
_FORGET = (
    "UPDATE mention SET sealed = '' WHERE complaint_id = ANY(CAST(:ids AS uuid[]))",
    "DELETE FROM conversation WHERE complaint_id = ANY(CAST(:ids AS uuid[]))",
    "DELETE FROM open311_words WHERE complaint_id = ANY(CAST(:ids AS uuid[]))",
    """
    UPDATE complaint SET secret_hash = NULL, erased_at = :at
    WHERE complaint_id = ANY(CAST(:ids AS uuid[]))
    """,
    *_WORDLESS_BOTH,
)
_FORGET_GUESTS = (
    "DELETE FROM open311_words WHERE mention_id = ANY(CAST(:ids AS uuid[]))",
    "UPDATE mention SET sealed = '' WHERE mention_id = ANY(CAST(:ids AS uuid[]))",
    *(statement + _OF_THESE for statement in _WORDLESS_BOTH),
)


async def forget(tx: Transaction, complaints: Sequence[ComplaintId], at: datetime) -> None:
    """Take away every word of these, sealed or redacted, and the secret of their links."""
    await _run(tx, _FORGET, ids=list(complaints), keys=_keys(complaints), at=at)


async def forget_guests(tx: Transaction, said: Mapping[MentionId, ComplaintId]) -> None:
    """Take away every word of these mentions; the rest of their complaints stays."""
    await _run(tx, _FORGET_GUESTS, ids=list(said), keys=_keys(set(said.values())))


def _keys(complaints: Iterable[ComplaintId]) -> list[bytes]:
    return [str(complaint).encode() for complaint in complaints]


async def _run(tx: Transaction, statements: Sequence[str], **values: object) -> None:
    for statement in statements:
        named = {name: value for name, value in values.items() if f":{name}" in statement}
        await tx.connection.execute(text(statement), named)
