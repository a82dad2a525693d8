"""Many rows in one statement: `INSERT … SELECT unnest(…)`, for one table or for several."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import attrgetter
from typing import Any

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection

from lintas.database import outbox

Columns = Mapping[str, Sequence[Any]]


@dataclass(frozen=True, slots=True, eq=False)
class RowSet:
    """A table's columns with their PostgreSQL types, and how rows go in together."""

    table: str
    columns: Mapping[str, str]
    #: what follows the rows, such as ON CONFLICT or RETURNING
    tail: str = ""

    async def insert(self, connection: AsyncConnection, values: Columns) -> Sequence[Any]:
        """Insert rows in one statement; `values` has each column as a list, all of one length.

        The rows of RETURNING, if the tail asks for any.
        """
        if not self._any(values):
            return ()
        done = await connection.execute(_one(self), {n: values[n] for n in self.columns})
        return done.all() if done.returns_rows else ()

    def _any(self, values: Columns) -> bool:
        return bool(values[next(iter(self.columns))])

    def _sql(self, prefix: str = "") -> str:
        names = list(self.columns)
        # jsonb goes over as text: an array of json documents has no codec of its own
        arrays = [
            f"CAST(:{prefix}{name} AS {_sent_as(kind)}[])" for name, kind in self.columns.items()
        ]
        shown = [
            f"CAST(r.{name} AS jsonb)" if kind == "jsonb" else f"r.{name}"
            for name, kind in self.columns.items()
        ]
        parts = [
            ("INSERT INTO", f"{self.table} ({', '.join(names)})"),
            ("SELECT", ", ".join(shown)),
            ("FROM", f"unnest({', '.join(arrays)}) AS r({', '.join(names)})"),
            (self.tail, ""),
        ]
        return " ".join(f"{keyword} {rest}" for keyword, rest in parts)


async def insert_together(
    connection: AsyncConnection,
    lots: Iterable[tuple[RowSet, Columns]],
    publishing: Columns | None = None,
) -> None:
    """Insert rows of several tables in one statement, so that they cost one round trip.

    Foreign keys between them hold at its end; a policy that looks into one of the tables sees it
    as it was before. `publishing` is what `Transaction.publishing` gave, if there are events too.
    """
    filled = [(rows, values) for rows, values in lots if rows._any(values)]  # noqa: SLF001  # of this module
    if filled:
        given = {
            f"{rows.table}_{name}": values[name] for rows, values in filled for name in rows.columns
        }
        statement = _several(tuple(rows for rows, _ in filled), publishing is not None)
        await connection.execute(statement, given | dict(publishing or {}))


@lru_cache
def _one(rows: RowSet) -> TextClause:
    return text(rows._sql())  # noqa: SLF001  # of this module


@lru_cache
def _several(sets: tuple[RowSet, ...], publishes: bool) -> TextClause:  # a key of the cache
    parts = [f"new_{rows.table} AS ({rows._sql(f'{rows.table}_')})" for rows in sets]  # noqa: SLF001  # of this module
    if publishes:
        parts.append(f"published AS ({outbox.ADD})")
    return text(f"WITH {', '.join(parts)} SELECT")


def _sent_as(kind: str) -> str:
    return "text" if kind == "jsonb" else kind


def columns_of(names: Iterable[str], things: Sequence[object]) -> dict[str, list[Any]]:
    """The attributes `names` of each thing, as columns."""
    return {name: list(map(attrgetter(name), things)) for name in names}
