"""Complaints: opened in sets, loaded under their lock, saved with what an act changed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from agency_gateway.domain.change import Change
from agency_gateway.domain.complaint import Assignment, Complaint
from agency_gateway.domain.records import HistoryRecord, Said
from agency_gateway.store import history, rows
from agency_gateway.store.sets import Columns, RowSet, columns_of, insert_together
from lintas.vocabulary.ids import ComplaintId

_OPENED = RowSet(
    "complaint",
    {
        **rows.CASE_COLUMNS,
        "registered_at": "timestamptz",
        "text": "text",
        "said": "jsonb",
        "text_salt": "bytea",
        "state": "text",
        "round": "integer",
        "seq": "bigint",
        "head_hash": "text",
        "correlation_id": "uuid",
        "traceparent": "text",
    },
)
_ASSIGNMENTS = RowSet("assignment", rows.ASSIGNMENT_COLUMNS)
_ACCESS = RowSet(
    "access", {"agency": "text", "complaint_id": "uuid", "granted_at": "timestamptz"},
    "ON CONFLICT DO NOTHING",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Opened:
    """A new complaint with what the gateway keeps beside the aggregate."""

    complaint: Complaint
    registered_at: datetime
    #: None where it was erased before the complaint opened
    text: str | None
    text_salt: bytes | None
    seq: int
    head_hash: str
    correlation_id: UUID | None
    traceparent: str | None
    said: Said | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """A complaint as it is stored, locked until the transaction ends."""

    complaint: Complaint
    seq: int
    head_hash: str
    version: int
    registered_at: datetime
    correlation_id: UUID | None
    traceparent: str | None
    #: agency → who holds a lease on its share, and until when
    claims: Mapping[str, tuple[str, datetime]] = field(default_factory=dict)


_KNOWN = text(
    "SELECT id, NULL AS revision FROM complaint WHERE id = ANY(CAST(:ids AS uuid[]))"
    " UNION ALL SELECT NULL, max(revision) FROM directory_document"
)


async def known(connection: AsyncConnection, ids: Sequence[ComplaintId]) -> tuple[set[UUID], int]:
    """Those of `ids` that are registered, and the newest document's revision; one round trip."""
    registered: set[UUID] = set()
    newest = 0
    for id_, revision in await connection.execute(_KNOWN, {"ids": list(ids)}):
        if id_ is None:
            newest = revision or 0
        else:
            registered.add(id_)
    return registered, newest


async def live(connection: AsyncConnection, ids: Sequence[ComplaintId]) -> set[UUID]:
    """Those of `ids` that are registered and did not come as history."""
    found = await connection.execute(
        text("SELECT id FROM complaint WHERE id = ANY(CAST(:ids AS uuid[])) AND origin = 'live'"),
        {"ids": list(ids)},
    )
    return set(found.scalars())


async def add(
    connection: AsyncConnection,
    opened: Sequence[Opened],
    told: Sequence[HistoryRecord],
    publishing: Columns,
) -> None:
    """Store new complaints with all that belongs to them, and tell of them, in one statement.

    Whoever waits for a complaint waits for these round trips.
    """
    own = (
        "registered_at",
        "text",
        "text_salt",
        "seq",
        "head_hash",
        "correlation_id",
        "traceparent",
    )
    columns = {
        **rows.case_columns([new.complaint.case for new in opened]),
        **columns_of(("state", "round"), [new.complaint for new in opened]),
        **columns_of(own, opened),
        "said": [rows.said_text(new.said) for new in opened],
    }
    shares = [share for new in opened for share in rows.placed(new.complaint)]
    lots = [(_OPENED, columns), *_given(shares), history.rows(told)]
    await insert_together(connection, lots, publishing)


def _given(shares: Sequence[rows.Placed]) -> list[tuple[RowSet, Columns]]:
    """New assignments, and what lets their agencies see the complaints."""
    columns = rows.assignment_columns(shares)
    return [
        (_ASSIGNMENTS, columns),
        (_ACCESS, {**columns, "granted_at": columns["assigned_at"]}),
    ]


async def find(connection: AsyncConnection, ticket: str) -> ComplaintId | None:
    """The id of the complaint with a ticket, if the transaction may see it."""
    found = await connection.scalar(
        text("SELECT id FROM complaint WHERE ticket = :ticket"), {"ticket": ticket}
    )
    return None if found is None else ComplaintId(found)


async def lock(connection: AsyncConnection, ids: Iterable[ComplaintId]) -> dict[UUID, Kept]:
    """The complaints of `ids` that exist and may be seen, locked in id order (so no two deadlock)."""
    wanted = {"ids": list(ids)}
    found = await connection.execute(
        text("SELECT * FROM complaint WHERE id = ANY(CAST(:ids AS uuid[])) ORDER BY id FOR UPDATE"),
        wanted,
    )
    complaints = list(found)
    shares = await connection.execute(
        text(
            "SELECT * FROM assignment WHERE complaint_id = ANY(CAST(:ids AS uuid[]))"
            " ORDER BY complaint_id, place"
        ),
        wanted,
    )
    by_complaint: dict[UUID, list[Any]] = {}
    for share in shares:
        by_complaint.setdefault(share.complaint_id, []).append(share)
    return {row.id: _kept(row, by_complaint.get(row.id, [])) for row in complaints}


async def save(
    connection: AsyncConnection,
    kept: Kept,
    change: Change,
    *,
    seq: int,
    head_hash: str,
    now: datetime,
) -> None:
    """Store what an act changed. Access ends last: the caller may act on what it still sees."""
    complaint = change.complaint
    await connection.execute(
        text(
            "UPDATE complaint SET state = :state, round = :round,"
            " awaiting_round = :awaiting_round, seq = :seq, head_hash = :head_hash,"
            " version = version + 1 WHERE id = :id"
        ),
        {
            "id": complaint.case.id,
            "state": complaint.state,
            "round": complaint.round,
            "awaiting_round": complaint.awaiting_round,
            "seq": seq,
            "head_hash": head_hash,
        },
    )
    before = {share.id: share for share in kept.complaint.assignments}
    after = {share.id: share for share in complaint.assignments}
    await _save_shares(
        connection, [new for id_, new in after.items() if id_ in before and before[id_] != new]
    )
    given = [one for one in rows.placed(complaint) if one.share.id not in before]
    await insert_together(connection, _given(given))
    if change.ends_access:
        await connection.execute(
            text(
                "UPDATE access SET ended_at = :now WHERE complaint_id = :id AND ended_at IS NULL"
                " AND agency = ANY(CAST(:agencies AS text[]))"
            ),
            {"id": complaint.case.id, "now": now, "agencies": list(change.ends_access)},
        )


async def _save_shares(connection: AsyncConnection, shares: Sequence[Assignment]) -> None:
    if not shares:
        return
    await connection.execute(
        text(
            # a lease ends with the queue: whoever accepted it has it
            "UPDATE assignment a SET state = s.state, accepted_at = s.accepted_at,"
            " claim_id = NULL, claimed_by = NULL, claimed_until = NULL"
            " FROM unnest(CAST(:ids AS uuid[]), CAST(:states AS text[]),"
            " CAST(:accepted AS timestamptz[])) AS s(id, state, accepted_at) WHERE a.id = s.id"
        ),
        {
            "ids": [share.id for share in shares],
            "states": [share.state for share in shares],
            "accepted": [share.accepted_at for share in shares],
        },
    )


async def touch(connection: AsyncConnection, ids: Iterable[ComplaintId]) -> None:
    """Say that what people see of these complaints has changed."""
    await connection.execute(
        text("UPDATE complaint SET version = version + 1 WHERE id = ANY(CAST(:ids AS uuid[]))"),
        {"ids": list(ids)},
    )


def _kept(row: Any, shares: Sequence[Any]) -> Kept:
    return Kept(
        complaint=rows.to_complaint(row, shares),
        seq=row.seq,
        head_hash=row.head_hash,
        version=row.version,
        registered_at=row.registered_at,
        correlation_id=row.correlation_id,
        traceparent=row.traceparent,
        claims={
            share.agency: (share.claimed_by, share.claimed_until)
            for share in shares
            if share.claimed_by is not None
        },
    )
