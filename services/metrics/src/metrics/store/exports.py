from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from lintas.database.work import Transaction
from metrics.domain.questions import Period

_OF_FACT = (
    "event_id",
    "topic",
    "partition",
    "record_offset",
    "kind",
    "complaint_id",
    "seq",
    "occurred_at",
    "recorded_at",
    "agency",
    "role",
    "assignment_id",
    "calendar",
    "calendar_version",
)
_OF_CASE = (
    "received_at",
    "posted_at",
    "origin",
    "channel",
    "mention_class",
    "category",
    "kecamatan",
    "kelurahan",
    "subject",
    "stance",
    "stakeholder",
    "first_response_due_at",
    "resolution_due_at",
)
#: one line of the export; the last two are the complaint's own calendar
COLUMNS = (*_OF_FACT, *_OF_CASE, "complaint_calendar", "complaint_calendar_version")
_NAMES = ", ".join(
    (
        *(f"f.{name}" for name in _OF_FACT),
        *(f"c.{name}" for name in _OF_CASE),
        "c.calendar AS complaint_calendar",
        "c.calendar_version AS complaint_calendar_version",
    )
)
_PAGE = text(
    "WITH page AS (SELECT generation, received_at, complaint_id FROM complaint_fact"  # noqa: S608  # constants
    "  WHERE generation = :generation AND registered_at <= :as_of"
    "   AND received_at >= :since AND received_at < :until"
    "   AND (received_at, complaint_id) > (:received_at, :complaint_id)"
    "  ORDER BY received_at, complaint_id LIMIT :complaints)"
    f" SELECT {_NAMES} FROM page JOIN complaint_fact c USING (generation, complaint_id)"
    " JOIN fact f USING (generation, complaint_id)"
    " WHERE f.seq <= c.seq AND f.occurred_at <= :as_of"
    " ORDER BY c.received_at, f.complaint_id, f.seq"
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page ended."""

    received_at: datetime
    complaint_id: UUID


#: before the first page
START = Place(datetime.min.replace(tzinfo=UTC), UUID(int=0))


async def page(
    tx: Transaction, generation: int, period: Period, as_of: datetime, after: Place, complaints: int
) -> Sequence[Any]:
    """The folded facts of the next `complaints` complaints, by receipt, as rows of `COLUMNS`."""
    rows = await tx.connection.execute(
        _PAGE,
        {
            "generation": generation,
            "as_of": as_of,
            "since": period.since or datetime.min.replace(tzinfo=UTC),
            "until": period.until or datetime.max.replace(tzinfo=UTC),
            "received_at": after.received_at,
            "complaint_id": after.complaint_id,
            "complaints": complaints,
        },
    )
    return rows.all()
