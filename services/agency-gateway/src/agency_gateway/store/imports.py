"""Imported complaints: the mention and the past come by two ways, and each waits for the other.

Both halves share one row. Whoever writes second waits for the first one's commit on that row and
then reads its half, so a complaint opens exactly once, whichever half comes last.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from agency_gateway.domain.complaint import Case
from agency_gateway.domain.past import Past
from agency_gateway.store.sets import RowSet, columns_of
from lintas.vocabulary.ids import ComplaintId

_HALF = {
    "complaint_id": "uuid",
    "event_id": "uuid",
    "mention": "text",
    "text": "text",
    "text_salt": "bytea",
    "correlation_id": "uuid",
    "traceparent": "text",
}
_OWN = ", ".join(_HALF)
#: two writers that hold the same rows take them in one order
_MENTIONS = RowSet(
    "imported",
    _HALF,
    " ORDER BY complaint_id ON CONFLICT (complaint_id) DO UPDATE SET "
    + ", ".join(f"{name} = excluded.{name}" for name in _HALF if name != "complaint_id")
    + " WHERE imported.opened_at IS NULL RETURNING complaint_id, past",
)
_PASTS = RowSet(
    "imported",
    {"complaint_id": "uuid", "past": "text", "told_at": "timestamptz"},
    " ORDER BY complaint_id ON CONFLICT (complaint_id) DO UPDATE"
    " SET past = excluded.past, told_at = excluded.told_at"
    f" WHERE imported.past IS NULL RETURNING {_OWN}",
)
_CASE = TypeAdapter(Case)
_PAST = TypeAdapter(Past)


@dataclass(frozen=True, slots=True)
class Half:
    """An imported mention as the router passed it on."""

    case: Case
    #: redacted; None once erased
    text: str | None
    text_salt: bytes | None
    #: of the router's event: everything about the complaint is derived from it
    event_id: UUID
    correlation_id: UUID
    traceparent: str | None


async def add_mentions(
    connection: AsyncConnection, halves: Sequence[Half]
) -> dict[ComplaintId, Past]:
    """Keep the mentions' halves; the pasts that were here before them."""
    own = ("text", "text_salt", "event_id", "correlation_id", "traceparent")
    columns: dict[str, Sequence[Any]] = {
        "complaint_id": [half.case.id for half in halves],
        "mention": [_CASE.dump_json(half.case).decode() for half in halves],
        **columns_of(own, halves),
    }
    rows = await _MENTIONS.insert(connection, columns)
    return {row.complaint_id: to_past(row.past) for row in rows if row.past is not None}


async def add_pasts(
    connection: AsyncConnection, pasts: Sequence[Past], now: datetime
) -> dict[ComplaintId, Half | None]:
    """Keep pasts that are new, each with the mention that was here before it; others are left out."""
    columns: dict[str, Sequence[Any]] = {
        "complaint_id": [past.complaint_id for past in pasts],
        "past": list(map(past_text, pasts)),
        "told_at": [now] * len(pasts),
    }
    rows = await _PASTS.insert(connection, columns)
    return {row.complaint_id: _half(row) for row in rows}


async def pasts(
    connection: AsyncConnection, complaints: Iterable[ComplaintId]
) -> Mapping[UUID, str]:
    """What was told of these complaints, as `past_text` writes it."""
    rows = await connection.execute(
        text(
            "SELECT complaint_id, past FROM imported"
            " WHERE complaint_id = ANY(CAST(:ids AS uuid[])) AND past IS NOT NULL"
        ),
        {"ids": list(complaints)},
    )
    return {row.complaint_id: row.past for row in rows}


async def opened(
    connection: AsyncConnection, complaints: Iterable[ComplaintId], now: datetime
) -> None:
    """The complaints are open: the reporter's words are kept there alone."""
    await connection.execute(
        text(
            "UPDATE imported SET opened_at = :now, mention = NULL, text = NULL, text_salt = NULL"
            " WHERE complaint_id = ANY(CAST(:ids AS uuid[]))"
        ),
        {"ids": list(complaints), "now": now},
    )


async def forget(connection: AsyncConnection, complaint: ComplaintId) -> bool:
    """Erase the words of a mention that waits for its past; False if none does."""
    found = await connection.scalar(
        text(
            "UPDATE imported SET text = NULL, text_salt = NULL"
            " WHERE complaint_id = :id AND mention IS NOT NULL RETURNING true"
        ),
        {"id": complaint},
    )
    return bool(found)


def past_text(past: Past) -> str:
    """A past in one sequence of characters: equal pasts have equal texts."""
    return _PAST.dump_json(past).decode()


def to_past(written: str) -> Past:
    """A past from its text."""
    return _PAST.validate_json(written)


def _half(row: Any) -> Half | None:
    if row.mention is None:
        return None
    return Half(
        case=_CASE.validate_json(row.mention),
        text=row.text,
        text_salt=row.text_salt,
        event_id=row.event_id,
        correlation_id=row.correlation_id,
        traceparent=row.traceparent,
    )
