"""The public side of complaints: read by ticket, folded from the lifecycle."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from ingest.domain.mentions import FOLLOWERS
from ingest.domain.public import About, Answer, Reached, Shown, Tracked
from lintas.database.work import Transaction
from lintas.vocabulary.ids import ComplaintId, StatementId
from lintas.vocabulary.terms import Anonymity, Joined, MentionClass, PublicStatus
from lintas.vocabulary.ticket import Ticket


async def by_ticket(tx: Transaction, ticket: Ticket) -> Tracked | None:
    """Everything behind a ticket, or None."""
    rows = await tx.connection.execute(
        text(
            "SELECT c.received_at, c.secret_hash, c.key_id, c.anonymity, m.sealed,"
            " m.withdrawn_at, c.erased_at, s.*,"
            " (SELECT count(*) FROM mention f WHERE f.complaint_id = c.complaint_id"
            "   AND f.channel = 'web' AND f.account = :followers AND f.joined = :joined)"
            "  AS followers"
            " FROM complaint c JOIN public_status s USING (complaint_id)"
            " JOIN mention m USING (complaint_id)"
            " WHERE c.ticket = :ticket AND m.joined IS NULL"
        ),
        {"ticket": ticket, "followers": FOLLOWERS, "joined": Joined.TICKET},
    )
    row = rows.one_or_none()
    if row is None:
        return None
    shown = _shown(row)
    return Tracked(
        ticket=ticket,
        shown=shown,
        received_at=row.received_at,
        answers=await _answers(tx, shown.complaint_id),
        steps=await _steps(tx, shown.complaint_id),
        anonymity=Anonymity(row.anonymity),
        secret_hash=row.secret_hash,
        key_id=row.key_id,
        sealed=row.sealed,
        withdrawn=row.withdrawn_at is not None,
        erased=row.erased_at is not None,
        followers=row.followers,
    )


@dataclass(frozen=True, slots=True)
class SealedMention:
    """One thing said in a complaint, sealed."""

    channel: str
    account: str
    received_at: datetime
    withdrawn_at: datetime | None
    key_id: UUID
    sealed: bytes


async def mentions(tx: Transaction, complaint: ComplaintId) -> list[SealedMention]:
    """All that was said in a complaint: what opened it, then the rest, oldest first."""
    rows = await tx.connection.execute(
        text(
            "SELECT m.channel, m.account, m.received_at, m.withdrawn_at,"
            " coalesce(m.key_id, c.key_id) AS key_id, m.sealed"
            " FROM mention m JOIN complaint c USING (complaint_id)"
            " WHERE complaint_id = :complaint"
            " ORDER BY m.joined IS NOT NULL, m.received_at, m.mention_id"
        ),
        {"complaint": complaint},
    )
    return [
        SealedMention(
            row.channel, row.account, row.received_at, row.withdrawn_at, row.key_id, row.sealed
        )
        for row in rows
    ]


async def _answers(tx: Transaction, complaint: ComplaintId) -> tuple[Answer, ...]:
    rows = await tx.connection.execute(
        text(
            "SELECT statement_id, version, published_at, first_published_at,"
            " CASE WHEN retracted THEN coalesce(retracted_at, published_at) END AS retracted_at"
            " FROM published_answer WHERE complaint_id = :complaint"
            " ORDER BY published_at, statement_id"
        ),
        {"complaint": complaint},
    )
    return tuple(
        Answer(
            StatementId(row.statement_id),
            row.version,
            row.published_at,
            row.first_published_at,
            row.retracted_at,
        )
        for row in rows
    )


async def _steps(tx: Transaction, complaint: ComplaintId) -> tuple[Reached, ...]:
    rows = await tx.connection.execute(
        text("SELECT status, at FROM public_step WHERE complaint_id = :complaint ORDER BY seq"),
        {"complaint": complaint},
    )
    return tuple(Reached(PublicStatus(row.status), row.at) for row in rows)


def _shown(row: Any) -> Shown:
    return Shown(
        ComplaintId(row.complaint_id),
        row.seq,
        PublicStatus(row.status),
        row.promised_at,
        row.updated_at,
        About(
            row.category,
            row.kecamatan,
            row.kelurahan,
            row.calendar,
            row.lead,
            row.answering,
            MentionClass(row.mention_class) if row.mention_class else None,
            row.merged,
        ),
    )


async def shown(tx: Transaction, complaints: Sequence[ComplaintId]) -> dict[ComplaintId, Shown]:
    """The public side of those complaints that came in here, locked until the transaction ends."""
    rows = await tx.connection.execute(
        text(
            "SELECT * FROM public_status"
            " WHERE complaint_id = ANY(CAST(:ids AS uuid[])) ORDER BY complaint_id FOR UPDATE"
        ),
        {"ids": list(complaints)},
    )
    return {ComplaintId(row.complaint_id): _shown(row) for row in rows}


async def show(tx: Transaction, changed: Sequence[Shown]) -> None:
    """Store new public sides."""
    if not changed:
        return
    await tx.connection.execute(
        text(
            "UPDATE public_status s SET seq = n.seq, status = n.status,"
            " promised_at = n.promised_at, updated_at = n.updated_at, category = n.category,"
            " kecamatan = n.kecamatan, kelurahan = n.kelurahan, calendar = n.calendar,"
            " lead = n.lead, answering = n.answering, mention_class = n.mention_class,"
            " merged = n.merged"
            " FROM unnest(CAST(:ids AS uuid[]), CAST(:seqs AS int[]), CAST(:statuses AS text[]),"
            "  CAST(:promised AS timestamptz[]), CAST(:updated AS timestamptz[]),"
            "  CAST(:categories AS text[]), CAST(:kecamatan AS text[]), CAST(:kelurahan AS text[]),"
            "  CAST(:calendars AS text[]), CAST(:leads AS text[]), CAST(:answering AS text[]),"
            "  CAST(:classes AS text[]), CAST(:merged AS boolean[]))"
            "  AS n(complaint_id, seq, status, promised_at, updated_at, category, kecamatan,"
            "   kelurahan, calendar, lead, answering, mention_class, merged)"
            " WHERE s.complaint_id = n.complaint_id"
        ),
        {
            "ids": [one.complaint_id for one in changed],
            "seqs": [one.seq for one in changed],
            "statuses": [one.status for one in changed],
            "promised": [one.promised_at for one in changed],
            "updated": [one.updated_at for one in changed],
            "categories": [one.about.category for one in changed],
            "kecamatan": [one.about.kecamatan for one in changed],
            "kelurahan": [one.about.kelurahan for one in changed],
            "calendars": [one.about.calendar for one in changed],
            "leads": [one.about.lead for one in changed],
            "answering": [one.about.answering for one in changed],
            "classes": [one.about.mention_class for one in changed],
            "merged": [one.about.merged for one in changed],
        },
    )


async def add_steps(tx: Transaction, steps: Sequence[Shown]) -> None:
    """Remember when complaints came to another status: that of each of `steps`, at its `seq`."""
    if not steps:
        return
    await tx.connection.execute(
        text(
            "INSERT INTO public_step (complaint_id, seq, status, at)"
            " SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:seqs AS int[]),"
            "  CAST(:statuses AS text[]), CAST(:at AS timestamptz[])) ON CONFLICT DO NOTHING"
        ),
        {
            "ids": [one.complaint_id for one in steps],
            "seqs": [one.seq for one in steps],
            "statuses": [one.status for one in steps],
            "at": [one.updated_at for one in steps],
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
            "INSERT INTO published_answer"
            " (complaint_id, statement_id, version, published_at, first_published_at)"
            " SELECT complaint_id, :statement, :version, :at, :at FROM complaint"
            " WHERE complaint_id = ANY(CAST(:ids AS uuid[])) ORDER BY complaint_id"
            " ON CONFLICT (complaint_id, statement_id) DO UPDATE"
            " SET version = excluded.version, published_at = excluded.published_at,"
            "  retracted = false"
            " WHERE published_answer.version < excluded.version"
        ),
        {"ids": list(complaints), "statement": statement, "version": version, "at": at},
    )


async def retract_answer(tx: Transaction, statement: UUID, version: int, at: datetime) -> None:
    """Show no version of a statement up to this one any more."""
    await tx.connection.execute(
        text(
            "UPDATE published_answer SET retracted = true, retracted_at = :at"
            " WHERE statement_id = :statement AND version <= :version"
        ),
        {"statement": statement, "version": version, "at": at},
    )
