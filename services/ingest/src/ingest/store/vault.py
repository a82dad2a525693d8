"""Reading keys to open what they sealed, and the record of every opening."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from ingest.domain.mentions import ReporterKey
from ingest.domain.vault import Opening
from ingest.store.retention import Sealed
from lintas.database.work import Transaction
from lintas.vocabulary.ids import ComplaintId


async def keys_by_id(tx: Transaction, ids: Sequence[UUID]) -> Mapping[UUID, ReporterKey]:
    """The data keys of these ids, destroyed ones among them."""
    rows = await tx.connection.execute(
        text(
            "SELECT key_id, reporter, wrapped FROM reporter_key"
            " WHERE key_id = ANY(CAST(:ids AS uuid[]))"
        ),
        {"ids": list(ids)},
    )
    return {row.key_id: ReporterKey(row.key_id, row.reporter, row.wrapped) for row in rows}


async def living_key(tx: Transaction, reporter: bytes) -> ReporterKey | None:
    """The reporter's data key that is not destroyed, if there is one."""
    rows = await tx.connection.execute(
        text(
            "SELECT key_id, wrapped FROM reporter_key"
            " WHERE reporter = :reporter AND wrapped IS NOT NULL"
        ),
        {"reporter": reporter},
    )
    row = rows.one_or_none()
    return None if row is None else ReporterKey(row.key_id, reporter, row.wrapped)


async def keep_key(tx: Transaction, key: ReporterKey) -> bool:
    """Keep a new data key; False if the reporter has one already."""
    rows = await tx.connection.execute(
        text(
            "INSERT INTO reporter_key (key_id, reporter, wrapped) VALUES (:id, :reporter, :wrapped)"
            " ON CONFLICT (reporter) WHERE wrapped IS NOT NULL DO NOTHING RETURNING 1"
        ),
        {"id": key.key_id, "reporter": key.reporter, "wrapped": key.wrapped},
    )
    return rows.first() is not None


async def destroyed_since(tx: Transaction, since: datetime) -> Sequence[UUID]:
    """The data keys that were destroyed after `since`."""
    rows = await tx.connection.execute(
        text("SELECT key_id FROM reporter_key WHERE wrapped IS NULL AND destroyed_at >= :since"),
        {"since": since},
    )
    return rows.scalars().all()


async def said_in(tx: Transaction, complaint: ComplaintId) -> Sequence[Sealed]:
    """All that was said in a complaint, in order; what is erased is empty, or its key destroyed."""
    rows = await tx.connection.execute(
        text(
            "SELECT m.sealed, k.key_id, k.reporter, k.wrapped"
            " FROM mention m JOIN complaint c USING (complaint_id)"
            " JOIN reporter_key k ON k.key_id = coalesce(m.key_id, c.key_id)"
            " WHERE complaint_id = :id ORDER BY m.received_at, m.mention_id"
        ),
        {"id": complaint},
    )
    return [
        Sealed(complaint, ReporterKey(row.key_id, row.reporter, row.wrapped), row.sealed)
        for row in rows
    ]


async def record(tx: Transaction, openings: Sequence[Opening], at: datetime) -> None:
    """Add one line per opened, or refused, item to the audit."""
    await tx.connection.execute(
        text(
            "INSERT INTO unseal_audit"
            " (opened_at, actor, client, purpose, complaint_id, key_id, outcome, reader)"
            " SELECT :at, actor, client, purpose, complaint_id, key_id, outcome, reader"
            " FROM unnest(CAST(:actors AS text[]), CAST(:clients AS text[]),"
            "  CAST(:purposes AS text[]), CAST(:complaints AS uuid[]), CAST(:keys AS uuid[]),"
            "  CAST(:outcomes AS text[]), CAST(:readers AS text[])) WITH ORDINALITY"
            "  AS o(actor, client, purpose, complaint_id, key_id, outcome, reader, n) ORDER BY n"
        ),
        {
            "at": at,
            "actors": [opening.actor for opening in openings],
            "clients": [opening.client for opening in openings],
            "purposes": [opening.purpose for opening in openings],
            "complaints": [opening.complaint_id for opening in openings],
            "keys": [opening.key_id for opening in openings],
            "outcomes": [opening.outcome for opening in openings],
            "readers": [opening.reader for opening in openings],
        },
    )
