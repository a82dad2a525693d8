"""The public side of complaints: read by ticket, folded from the lifecycle."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from ingest.domain.public import Answer, Shown, Tracked
from lintas.database.work import Transaction
from lintas.vocabulary.ids import ComplaintId, StatementId
from lintas.vocabulary.terms import PublicStatus
from lintas.vocabulary.ticket import Ticket


async def by_ticket(tx: Transaction, ticket: Ticket) -> Tracked | None:
    """Everything behind a ticket, or None."""
    rows = await tx.connection.execute(
        text(
            "SELECT c.complaint_id, c.received_at, c.secret_hash, c.key_id, m.sealed,"
            " m.withdrawn_at, s.seq, s.status, s.promised_at, s.updated_at"
            " FROM complaint c JOIN public_status s USING (complaint_id)"
            " JOIN mention m USING (complaint_id)"
            " WHERE c.ticket = :ticket AND m.joined IS NULL"
        ),
        {"ticket": ticket},
    )
    row = rows.one_or_none()
    if row is None:
        return None
    shown = Shown(
        ComplaintId(row.complaint_id),
        row.seq,
        PublicStatus(row.status),
        row.promised_at,
        row.updated_at,
    )
    return Tracked(
        ticket=ticket,
        shown=shown,
        received_at=row.received_at,
        answers=await _answers(tx, shown.complaint_id),
        secret_hash=row.secret_hash,
        key_id=row.key_id,
        sealed=row.sealed,
        withdrawn=row.withdrawn_at is not None,
    )


async def _answers(tx: Transaction, complaint: ComplaintId) -> tuple[Answer, ...]:
    rows = await tx.connection.execute(
        text(
            "SELECT statement_id, version, published_at FROM published_answer"
            " WHERE complaint_id = :complaint AND NOT retracted ORDER BY published_at, statement_id"
        ),
        {"complaint": complaint},
    )
    return tuple(
        Answer(StatementId(row.statement_id), row.version, row.published_at) for row in rows
    )


async def shown(tx: Transaction, complaints: Sequence[ComplaintId]) -> dict[ComplaintId, Shown]:
    """The public side of those complaints that came in here, locked until the transaction ends."""
    rows = await tx.connection.execute(
        text(
            "SELECT complaint_id, seq, status, promised_at, updated_at FROM public_status"
            " WHERE complaint_id = ANY(CAST(:ids AS uuid[])) ORDER BY complaint_id FOR UPDATE"
        ),
        {"ids": list(complaints)},
    )
    return {
        ComplaintId(row.complaint_id): Shown(
            ComplaintId(row.complaint_id),
            row.seq,
            PublicStatus(row.status),
            row.promised_at,
            row.updated_at,
        )
        for row in rows
    }


async def show(tx: Transaction, changed: Sequence[Shown]) -> None:
    """Store new public sides."""
    if not changed:
        return
    await tx.connection.execute(
        text(
            "UPDATE public_status s SET seq = n.seq, status = n.status,"
            " promised_at = n.promised_at, updated_at = n.updated_at"
            " FROM unnest(CAST(:ids AS uuid[]), CAST(:seqs AS int[]), CAST(:statuses AS text[]),"
            "  CAST(:promised AS timestamptz[]), CAST(:updated AS timestamptz[]))"
            "  AS n(complaint_id, seq, status, promised_at, updated_at)"
            " WHERE s.complaint_id = n.complaint_id"
        ),
        {
            "ids": [one.complaint_id for one in changed],
            "seqs": [one.seq for one in changed],
            "statuses": [one.status for one in changed],
            "promised": [one.promised_at for one in changed],
            "updated": [one.updated_at for one in changed],
        },
    )


async def publish_answer(
    tx: Transaction,
    complaints: Sequence[ComplaintId],
    statement: StatementId,
    version: int,
    at: datetime,
) -> None:
    """Show a version of a statement at those complaints that came in here; never an older one."""
    await tx.connection.execute(
        text(
            "INSERT INTO published_answer (complaint_id, statement_id, version, published_at)"
            " SELECT complaint_id, :statement, :version, :at FROM complaint"
            " WHERE complaint_id = ANY(CAST(:ids AS uuid[])) ORDER BY complaint_id"
            " ON CONFLICT (complaint_id, statement_id) DO UPDATE"
            " SET version = excluded.version, published_at = excluded.published_at,"
            "  retracted = false"
            " WHERE published_answer.version < excluded.version"
        ),
        {"ids": list(complaints), "statement": statement, "version": version, "at": at},
    )


async def retract_answer(tx: Transaction, statement: UUID, version: int) -> None:
    """Show no version of a statement up to this one any more."""
    await tx.connection.execute(
        text(
            "UPDATE published_answer SET retracted = true"
            " WHERE statement_id = :statement AND version <= :version"
        ),
        {"statement": statement, "version": version},
    )
