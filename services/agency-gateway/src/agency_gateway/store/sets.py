"""Many rows in one statement: `INSERT … SELECT unnest(…)`."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection


@dataclass(frozen=True, slots=True)
class RowSet:
    """A table's columns with their PostgreSQL types, and how rows go in together."""

    table: str
    columns: Mapping[str, str]
    #: what follows the rows, such as ON CONFLICT or RETURNING
    tail: str = ""

    async def insert(
        self, connection: AsyncConnection, values: Mapping[str, Sequence[Any]]
    ) -> Sequence[Any]:
        """Insert rows in one statement; `values` has each column as a list, all of one length.

        The rows of RETURNING, if the tail asks for any.
        """
        if not values[next(iter(self.columns))]:
            return ()
        done = await connection.execute(self._statement(), {n: values[n] for n in self.columns})
        return done.all() if done.returns_rows else ()

    def _statement(self) -> TextClause:
        names = list(self.columns)
        # jsonb goes over as text: an array of json documents has no codec of its own
        arrays = [f"CAST(:{name} AS {_sent_as(kind)}[])" for name, kind in self.columns.items()]
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
        return text(" ".join(f"{keyword} {rest}" for keyword, rest in parts))


def _sent_as(kind: str) -> str:
    return "text" if kind == "jsonb" else kind


def columns_of(names: Iterable[str], things: Sequence[object]) -> dict[str, list[Any]]:
    """The attributes `names` of each thing, as columns."""
    return {name: list(map(attrgetter(name), things)) for name in names}
