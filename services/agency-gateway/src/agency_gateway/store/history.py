"""The append-only history: every fact of a complaint with its place in the hash chain."""

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from agency_gateway.domain.records import HistoryRecord
from agency_gateway.store.sets import Columns, RowSet, columns_of, insert_together
from lintas.vocabulary.ids import ComplaintId

_HISTORY = RowSet(
    "history",
    {
        "complaint_id": "uuid",
        "seq": "bigint",
        "event_id": "uuid",
        "type": "text",
        "occurred_at": "timestamptz",
        "recorded_at": "timestamptz",
        "person_id": "uuid",
        "previous_hash": "text",
        "hash": "text",
        "body": "text",
    },
)


async def add(connection: AsyncConnection, facts: Sequence[HistoryRecord]) -> None:
    """Append facts, in one statement."""
    await insert_together(connection, [rows(facts)])


def rows(facts: Sequence[HistoryRecord]) -> tuple[RowSet, Columns]:
    """Facts as rows, for a statement that writes more than these."""
    return _HISTORY, columns_of(_HISTORY.columns, facts)


async def of(connection: AsyncConnection, complaint: ComplaintId) -> list[HistoryRecord]:
    """A complaint's facts in order."""
    found = await connection.execute(
        text(
            "SELECT complaint_id, seq, event_id, type, occurred_at, recorded_at, person_id,"
            " previous_hash, hash, body FROM history WHERE complaint_id = :id ORDER BY seq"
        ),
        {"id": complaint},
    )
    return [HistoryRecord(*row) for row in found]
