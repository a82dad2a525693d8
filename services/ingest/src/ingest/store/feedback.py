"""What reporters say of the answer."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from lintas.database.work import Transaction
from lintas.vocabulary.ids import ComplaintId, MentionId
from lintas.vocabulary.ticket import Ticket


@dataclass(frozen=True, slots=True)
class Link:
    """A complaint as its reporter's link opens it."""

    complaint_id: ComplaintId
    ticket: Ticket
    secret_hash: bytes | None


@dataclass(frozen=True, slots=True)
class Opinion:
    """What the reporter thinks, and how often they have said what they think."""

    number: int
    solved: bool | None
    rating: int | None


async def locked(tx: Transaction, ticket: Ticket) -> Link | None:
    """The complaint of a ticket; nobody else adds to it until the transaction ends."""
    rows = await tx.connection.execute(
        text(
            "SELECT complaint_id, secret_hash FROM complaint WHERE ticket = :ticket"
            " FOR NO KEY UPDATE"
        ),
        {"ticket": ticket},
    )
    row = rows.one_or_none()
    if row is None:
        return None
    return Link(ComplaintId(UUID(int=row.complaint_id.int)), ticket, row.secret_hash)


async def last(tx: Transaction, complaint: ComplaintId) -> Opinion | None:
    """What the reporter said last."""
    rows = await tx.connection.execute(
        text("SELECT number, solved, rating FROM feedback WHERE complaint_id = :complaint"),
        {"complaint": complaint},
    )
    row = rows.one_or_none()
    return None if row is None else Opinion(row.number, row.solved, row.rating)


async def keep(tx: Transaction, complaint: ComplaintId, opinion: Opinion, at: datetime) -> None:
    """Keep what the reporter says now."""
    await tx.connection.execute(
        text(
            "INSERT INTO feedback (complaint_id, number, solved, rating, given_at)"
            " VALUES (:complaint, :number, :solved, :rating, :at)"
            " ON CONFLICT (complaint_id) DO UPDATE SET number = excluded.number,"
            "  solved = excluded.solved, rating = excluded.rating, given_at = excluded.given_at"
        ),
        {
            "complaint": complaint,
            "number": opinion.number,
            "solved": opinion.solved,
            "rating": opinion.rating,
            "at": at,
        },
    )


async def own_mentions(
    tx: Transaction, complaint: ComplaintId, page: str
) -> list[tuple[MentionId, str]]:
    """The reporter's mentions of a complaint, each with its channel; no stranger's.

    What they added on the `page` of their ticket is among them, though under a key of its own.
    """
    rows = await tx.connection.execute(
        text(
            "SELECT m.mention_id, m.channel FROM mention m JOIN complaint c USING (complaint_id)"
            " WHERE m.complaint_id = :complaint AND (coalesce(m.key_id, c.key_id) = c.key_id"
            "  OR m.channel = 'web' AND m.account = :page)"
            " ORDER BY m.joined IS NOT NULL, m.received_at"
        ),
        {"complaint": complaint, "page": page},
    )
    return [(MentionId(UUID(int=row.mention_id.int)), row.channel) for row in rows]
