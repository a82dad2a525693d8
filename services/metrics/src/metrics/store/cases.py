from collections.abc import Iterable, Sequence
from dataclasses import fields
from operator import attrgetter
from uuid import UUID

from sqlalchemy import text

from lintas.database.work import Transaction
from metrics.domain.cases import Case, Share
from metrics.domain.folding import Story
from metrics.store.sets import RowSet

_TYPES = {"complaint_id": "uuid", "assignment_id": "uuid", "seq": "int", "unjudged": "boolean"}


def _columns(kind: type) -> dict[str, str]:
    """The columns of a table whose rows are `kind`."""
    return {
        field.name: _TYPES.get(field.name)
        or ("timestamptz" if field.name.endswith("_at") else "text")
        for field in fields(kind)
    }


def _overwrite(kind: type, *keys: str) -> str:
    names = [field.name for field in fields(kind) if field.name not in keys]
    return ", ".join(f"{name} = EXCLUDED.{name}" for name in names)


#: column → type, in the order of the fields of `Case` and `Share`
CASE_COLUMNS = _columns(Case)
SHARE_COLUMNS = _columns(Share)
_CASE_NAMES = ", ".join(f"c.{name}" for name in CASE_COLUMNS)
_SHARE_NAMES = ", ".join(f"a.{name}" for name in SHARE_COLUMNS)
_CASE_VALUES = attrgetter(*CASE_COLUMNS)
_SHARE_VALUES = attrgetter(*SHARE_COLUMNS)
_CASES = RowSet(
    "complaint_fact",
    CASE_COLUMNS,
    f"(generation, complaint_id) DO UPDATE SET {_overwrite(Case, 'complaint_id')}",
)
_SHARES = RowSet(
    "assignment_fact",
    SHARE_COLUMNS,
    "(generation, complaint_id, assignment_id)"
    f" DO UPDATE SET {_overwrite(Share, 'complaint_id', 'assignment_id')}",
)
_STORIES = text(
    f"SELECT {_CASE_NAMES} FROM complaint_fact c"  # noqa: S608  # column names of this room
    " WHERE c.generation = :generation AND c.complaint_id = ANY(CAST(:ids AS uuid[]))"
)
_SHARES_OF = text(
    f"SELECT {_SHARE_NAMES} FROM assignment_fact a"  # noqa: S608  # column names of this room
    " WHERE a.generation = :generation AND a.complaint_id = ANY(CAST(:ids AS uuid[]))"
)


async def stories(
    tx: Transaction, generation: int, complaints: Sequence[UUID]
) -> dict[UUID, Story]:
    """The complaints with their assignments, of those that are known."""
    values = {"generation": generation, "ids": list(complaints)}
    rows = await tx.connection.execute(_STORIES, values)
    found = {row.complaint_id: Story(Case(*row)) for row in rows}
    if found:
        for row in await tx.connection.execute(_SHARES_OF, values):
            found[row.complaint_id].shares[row.assignment_id] = Share(*row)
    return found


async def save(tx: Transaction, generation: int, told: Iterable[Story]) -> None:
    """Write complaints and assignments as they stand now."""
    # by id, so that two writers never wait for each other in a circle
    ordered = sorted(told, key=lambda story: story.case.complaint_id)
    cases = [_CASE_VALUES(story.case) for story in ordered]
    shares = [_SHARE_VALUES(share) for story in ordered for share in story.shares.values()]
    if cases:
        await _CASES.write(tx.connection, generation, cases)
    if shares:
        await _SHARES.write(tx.connection, generation, shares)
