"""An agency's queue and the leases on it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from agency_gateway.domain.records import Lease, QueueItem
from agency_gateway.store.rows import NEVER
from lintas.vocabulary.ids import AgencyCode, ComplaintId
from lintas.vocabulary.terms import AssignmentState, ComplaintState, MentionClass, Role, Urgency

# the page is cut before anything is joined: with a million open complaints the planner would
# otherwise join an agency's whole queue and sort it
_LIST = text(
    "SELECT q.* FROM (SELECT id FROM assignment"
    " WHERE agency = :agency AND state IN ('queued', 'accepted')"
    " AND (CAST(:state AS text) IS NULL OR state = :state)"
    " AND (CAST(:category AS text) IS NULL OR category = :category)"
    " AND (CAST(:channel AS text) IS NULL OR channel = :channel)"
    " AND (due_at, id) > (:after_due, CAST(:after_id AS uuid))"
    " ORDER BY due_at, id LIMIT :limit) p JOIN queue_item q ON q.assignment_id = p.id"
    " ORDER BY q.due_at, q.assignment_id"
)
_CLAIM = text(
    "WITH picked AS ("
    " SELECT id FROM assignment WHERE agency = :agency AND state = 'queued'"
    " AND (claimed_until IS NULL OR claimed_until <= :now)"
    " ORDER BY due_at, id LIMIT :most FOR UPDATE SKIP LOCKED),"
    " made AS (INSERT INTO claim (id, agency, holder, claimed_at, expires_at)"
    " SELECT :claim, :agency, :holder, :now, :expires_at WHERE EXISTS (SELECT FROM picked))"
    " UPDATE assignment SET claim_id = :claim, claimed_by = :holder,"
    " claimed_until = :expires_at FROM picked WHERE assignment.id = picked.id"
)
_HELD = text("SELECT * FROM queue_item WHERE claim_id = :claim ORDER BY due_at, assignment_id")


@dataclass(frozen=True, slots=True)
class Filter:
    """Which of an agency's open assignments."""

    agency: AgencyCode
    state: str | None = None
    category: str | None = None
    channel: str | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """A lease on several assignments."""

    id: UUID
    agency: AgencyCode
    holder: str
    expires_at: datetime
    released: bool = False


async def page(
    connection: AsyncConnection, of: Filter, after: tuple[datetime, UUID] | None, limit: int
) -> list[QueueItem]:
    """Open assignments in order of their next breach, from a position on."""
    after_due, after_id = after or (
        datetime.min.replace(year=1900, tzinfo=NEVER.tzinfo),
        UUID(int=0),
    )
    found = await connection.execute(
        _LIST,
        {
            "agency": of.agency,
            "state": of.state,
            "category": of.category,
            "channel": of.channel,
            "after_due": after_due,
            "after_id": after_id,
            "limit": limit,
        },
    )
    return [_to_item(row) for row in found]


async def claim(
    connection: AsyncConnection, wanted: Claim, most: int, now: datetime
) -> list[QueueItem]:
    """Lease up to `most` free assignments, the next breach first; nobody else gets the same ones."""
    claimed = await connection.execute(
        _CLAIM,
        {
            "claim": wanted.id,
            "agency": wanted.agency,
            "holder": wanted.holder,
            "expires_at": wanted.expires_at,
            "now": now,
            "most": most,
        },
    )
    return await _held(connection, wanted.id) if claimed.rowcount else []


async def lock_claim(connection: AsyncConnection, agency: AgencyCode, id_: UUID) -> Claim | None:
    """A claim of an agency, locked."""
    found = await connection.execute(
        text(
            "SELECT id, agency, holder, expires_at, released_at FROM claim"
            " WHERE agency = :agency AND id = :id FOR UPDATE"
        ),
        {"agency": agency, "id": id_},
    )
    row = found.one_or_none()
    if row is None:
        return None
    return Claim(row.id, row.agency, row.holder, row.expires_at, row.released_at is not None)


async def renew(connection: AsyncConnection, id_: UUID, expires_at: datetime) -> list[QueueItem]:
    """Let a claim live longer; what it still holds."""
    until = {"claim": id_, "expires_at": expires_at}
    await connection.execute(
        text("UPDATE claim SET expires_at = :expires_at WHERE id = :claim"), until
    )
    await connection.execute(
        text("UPDATE assignment SET claimed_until = :expires_at WHERE claim_id = :claim"), until
    )
    return await _held(connection, id_)


async def release(connection: AsyncConnection, id_: UUID, now: datetime) -> None:
    """Give back what a claim still holds."""
    given = {"claim": id_, "now": now}
    await connection.execute(text("UPDATE claim SET released_at = :now WHERE id = :claim"), given)
    await connection.execute(
        text(
            "UPDATE assignment SET claim_id = NULL, claimed_by = NULL, claimed_until = NULL"
            " WHERE claim_id = :claim"
        ),
        given,
    )


async def _held(connection: AsyncConnection, claim_id: UUID) -> list[QueueItem]:
    found = await connection.execute(_HELD, {"claim": claim_id})
    return [_to_item(row) for row in found]


def position(items: Sequence[QueueItem]) -> tuple[str, str]:
    """Where the next page begins, as a cursor carries it."""
    last = items[-1]
    return ((last.due_at or NEVER).isoformat(), str(last.assignment_id))


def _to_item(row: Any) -> QueueItem:
    lease = None
    if row.claim_id is not None:
        lease = Lease(row.claim_id, row.claimed_by, row.claimed_until)
    return QueueItem(
        assignment_id=row.assignment_id,
        complaint_id=ComplaintId(row.complaint_id),
        ticket=row.ticket,
        version=row.version,
        state=AssignmentState(row.state),
        complaint_state=ComplaintState(row.complaint_state),
        role=Role(row.role),
        mention_class=MentionClass(row.mention_class),
        category=row.category,
        channel=row.channel,
        urgency=Urgency(row.urgency),
        kecamatan=row.kecamatan,
        kelurahan=row.kelurahan,
        text=row.text,
        received_at=row.received_at,
        assigned_at=row.assigned_at,
        due_at=None if row.due_at == NEVER else row.due_at,
        lease=lease,
    )
