from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import text

from lintas.database.work import Transaction
from metrics.domain.facts import CalendarKey, Fact, Step
from metrics.store.sets import RowSet

# In the order of their ids, so that two members that fold the same records wait for each other
# instead of forming a circle.
_FACTS = RowSet(
    "fact",
    {
        "event_id": "uuid",
        "topic": "text",
        "partition": "int",
        "record_offset": "bigint",
        "kind": "text",
        "occurred_at": "timestamptz",
        "recorded_at": "timestamptz",
        "complaint_id": "uuid",
        "seq": "int",
        "agency": "text",
        "role": "text",
        "assignment_id": "uuid",
        "calendar": "text",
        "calendar_version": "text",
    },
    "DO NOTHING RETURNING event_id",
)


async def add(tx: Transaction, generation: int, facts: Sequence[Fact]) -> set[UUID]:
    """Keep `facts`; the ids of those that are new."""
    rows = await _FACTS.write(
        tx.connection,
        generation,
        [_values(fact) for fact in sorted(facts, key=lambda fact: fact.place.event_id)],
    )
    return set(rows.scalars())


async def known(tx: Transaction, generation: int, event_ids: Iterable[UUID]) -> set[UUID]:
    """Those of `event_ids` that are kept."""
    rows = await tx.connection.execute(
        text(
            "SELECT event_id FROM fact WHERE generation = :generation"
            " AND event_id = ANY(CAST(:ids AS uuid[]))"
        ),
        {"generation": generation, "ids": list(event_ids)},
    )
    return set(rows.scalars())


async def beyond_gaps(
    tx: Transaction, generation: int, complaints: Sequence[UUID]
) -> dict[UUID, list[Step]]:
    """The facts of `complaints` that were kept earlier and not folded, as something was missing."""
    rows = await tx.connection.execute(
        text(
            "SELECT f.complaint_id, f.seq, f.kind, f.occurred_at, f.agency, f.role,"
            "  f.assignment_id, f.calendar, f.calendar_version"
            " FROM waiting w JOIN fact f USING (generation, complaint_id)"
            " LEFT JOIN complaint_fact c USING (generation, complaint_id)"
            " WHERE w.generation = :generation AND w.complaint_id = ANY(CAST(:ids AS uuid[]))"
            "  AND f.seq > COALESCE(c.seq, 0)"
        ),
        {"generation": generation, "ids": list(complaints)},
    )
    found: dict[UUID, list[Step]] = {}
    for row in rows:
        found.setdefault(row.complaint_id, []).append(_to_step(row))
    return found


async def after_registration(
    tx: Transaction, generation: int, complaints: Sequence[UUID]
) -> dict[UUID, list[Step]]:
    """The folded facts of `complaints` from the second on, in order."""
    rows = await tx.connection.execute(
        text(
            "SELECT f.complaint_id, f.seq, f.kind, f.occurred_at, f.agency, f.role,"
            "  f.assignment_id, f.calendar, f.calendar_version"
            " FROM fact f JOIN complaint_fact c USING (generation, complaint_id)"
            " WHERE f.generation = :generation AND f.complaint_id = ANY(CAST(:ids AS uuid[]))"
            "  AND f.seq BETWEEN 2 AND c.seq ORDER BY f.complaint_id, f.seq"
        ),
        {"generation": generation, "ids": list(complaints)},
    )
    found: dict[UUID, list[Step]] = {}
    for row in rows:
        found.setdefault(row.complaint_id, []).append(_to_step(row))
    return found


async def note_waiting(tx: Transaction, generation: int, waiting: Mapping[UUID, int]) -> None:
    """Say how many facts of each complaint wait behind a gap; 0 takes it off the list."""
    gone = [complaint for complaint, facts in waiting.items() if not facts]
    left = {complaint: facts for complaint, facts in waiting.items() if facts}
    if gone:
        await tx.connection.execute(
            text(
                "DELETE FROM waiting WHERE generation = :generation"
                " AND complaint_id = ANY(CAST(:ids AS uuid[]))"
            ),
            {"generation": generation, "ids": gone},
        )
    if left:
        await _WAITING.write(tx.connection, generation, sorted(left.items()))


_WAITING = RowSet(
    "waiting",
    {"complaint_id": "uuid", "facts": "int"},
    "(generation, complaint_id) DO UPDATE SET facts = EXCLUDED.facts",
)


async def waiting(tx: Transaction, generation: int) -> int:
    """How many facts wait behind a gap."""
    found = await tx.connection.scalar(
        text("SELECT sum(facts) FROM waiting WHERE generation = :generation"),
        {"generation": generation},
    )
    return int(found or 0)


def _values(fact: Fact) -> tuple[Any, ...]:
    place, step = fact.place, fact.step
    calendar, version = step.calendar or (None, None)
    return (
        place.event_id,
        place.topic,
        place.partition,
        place.offset,
        step.kind,
        place.occurred_at,
        place.recorded_at,
        step.complaint_id,
        step.seq,
        step.agency,
        step.role,
        step.assignment_id,
        calendar,
        version,
    )


def _to_step(row: Any) -> Step:
    calendar = None
    if row.calendar is not None and row.calendar_version is not None:
        calendar = CalendarKey(row.calendar, row.calendar_version)
    return Step(
        row.complaint_id,
        row.seq,
        row.kind,
        row.occurred_at,
        row.agency,
        row.role,
        row.assignment_id,
        calendar,
    )
