from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from lintas.database.work import Transaction
from metrics.domain.cases import Case, Share
from metrics.domain.questions import Dimension, Metric, Question
from metrics.store.cases import CASE_COLUMNS, SHARE_COLUMNS

_EARLIEST = datetime.min.replace(tzinfo=UTC)
_LATEST = datetime.max.replace(tzinfo=UTC)
#: fixed at registration, so the database may filter by them
_FIXED = (*(name.value for name in Dimension if name is not Dimension.AGENCY), "subject")

_WANTED = (
    "c.generation = $1 AND c.registered_at <= $2"
    " AND ($3 OR c.received_at >= $4 AND c.received_at < $5)"
) + "".join(
    f" AND (${place}::text IS NULL OR c.{name} = ${place})"
    for place, name in enumerate(_FIXED, start=6)
)
#: every question reads these
_ALWAYS = frozenset({"received_at", "state", "lead", "calendar", "calendar_version"})
_RESPONSE = frozenset({"first_response_at", "answered_elsewhere_at", "first_response_due_at"})
_RESOLUTION = frozenset({"resolved_at", "resolution_due_at"})
_OF_SHARE = frozenset(
    {
        "complaint_id",
        "agency",
        "assigned_at",
        "accepted_at",
        "ended_at",
        "calendar",
        "calendar_version",
    }
)
_READ: dict[Metric, frozenset[str]] = {
    Metric.COUNTS: _RESPONSE | {"outcome", "resolved_at"},
    Metric.TIME_TO_ASSIGN: frozenset({"first_assigned_at", "outcome"}),
    Metric.TIME_TO_ACCEPT: frozenset({"complaint_id", "origin"}),
    Metric.FIRST_RESPONSE: _RESPONSE,
    Metric.RESOLUTION: _RESOLUTION,
    Metric.SLA_COMPLIANCE: _RESPONSE | _RESOLUTION | {"ended_at", "unjudged"},
    Metric.BACKLOG: _RESPONSE | _RESOLUTION,
}


async def freeze(tx: Transaction) -> None:
    """Let every statement of this transaction see the same rows; must be its first one."""
    await tx.connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))


async def settled(
    tx: Transaction, generation: int, ask: Question, groupings: Collection[Dimension | None]
) -> list[Case]:
    """The complaints `ask` may be about to which nothing happened after `as_of`.

    Fields that it does not need in any of `groupings` are None.
    """
    return await _cases(tx, generation, ask, _needed(ask, groupings), "c.last_at <= $2")


async def unsettled(tx: Transaction, generation: int, ask: Question) -> list[Case]:
    """The others, as they stand now, with every field."""
    return await _cases(tx, generation, ask, set(CASE_COLUMNS), "c.last_at > $2")


async def shares(
    tx: Transaction, generation: int, ask: Question, cases: Sequence[Case]
) -> list[tuple[Share, Case]]:
    """The assignments of `cases`, which are settled."""
    names = _select("a", SHARE_COLUMNS, _OF_SHARE)
    rows = await _fetch(
        tx,
        f"SELECT {names} FROM assignment_fact a"  # noqa: S608  # constants of this room
        " JOIN complaint_fact c USING (generation, complaint_id)"
        f" WHERE {_WANTED} AND c.last_at <= $2",
        _values(generation, ask),
    )
    known: dict[UUID, Case] = {case.complaint_id: case for case in cases}
    return [(Share(*row), known[row["complaint_id"]]) for row in rows]


async def _cases(
    tx: Transaction, generation: int, ask: Question, needed: set[str], when: str
) -> list[Case]:
    names = _select("c", CASE_COLUMNS, needed)
    # a question without metrics is about stances
    about = "" if ask.metrics else " AND c.subject IS NOT NULL"
    rows = await _fetch(
        tx,
        f"SELECT {names} FROM complaint_fact c WHERE {_WANTED} AND {when}{about}",  # noqa: S608  # constants of this room
        _values(generation, ask),
    )
    return [Case(*row) for row in rows]


def _select(table: str, columns: Mapping[str, str], needed: Collection[str]) -> str:
    """All columns in order, typed nothings for those not needed: what is not sent is not read."""
    return ", ".join(
        f"{table}.{name}" if name in needed else f"NULL::{kind}" for name, kind in columns.items()
    )


async def _fetch(tx: Transaction, query: str, values: Sequence[Any]) -> list[Any]:
    """Rows as the driver gives them: a hundred thousand in half the time."""
    connection = await tx.connection.get_raw_connection()
    rows: list[Any] = await connection.driver_connection.fetch(query, *values)  # type: ignore[union-attr]  # asyncpg is untyped
    return rows


def _needed(ask: Question, groupings: Collection[Dimension | None]) -> set[str]:
    if not ask.metrics:
        return set(CASE_COLUMNS)
    names = set(_ALWAYS).union(*(_READ[metric] for metric in ask.metrics))
    groups = {grouping.value for grouping in groupings if grouping}
    return (names | groups | ask.filters.keys()) & CASE_COLUMNS.keys()


def _values(generation: int, ask: Question) -> tuple[Any, ...]:
    return (
        generation,
        ask.as_of,
        # deadlines have a period of their own
        Metric.SLA_COMPLIANCE in ask.metrics,
        ask.period.since or _EARLIEST,
        ask.period.until or _LATEST,
        *(ask.filters.get(name) for name in _FIXED),
    )
