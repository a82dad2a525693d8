"""Rows that a service once wrote, written again under new ids: many tables, one statement each."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from os import urandom
from typing import Any
from uuid import UUID

import asyncpg
from asyncpg.pgproto import pgproto

_UUID_BYTES = 16
#: about as wide as a ticket, and wide enough to differ
_TEXT = 14


@dataclass(frozen=True, slots=True)
class Source:
    """One table, and how the rows of a complaint are found in it."""

    table: str
    #: a condition on `r`, with everything the complaints are known as in $1
    where: str
    #: which of that a row belongs to
    complaint: str = "r.complaint_id"
    #: columns besides uuids that must differ from row to row
    unique: tuple[str, ...] = ()
    #: column → what stands there instead
    instead: Mapping[str, Any] = field(default_factory=dict)
    #: left to the database, or to whoever publishes
    without: tuple[str, ...] = ()


@dataclass(slots=True)
class _Column:
    name: str
    type: str
    #: how a new value is made from the new ids of a complaint; None keeps the old one
    kind: str | None
    #: per template: the values, or the places of the ids they are made from
    cells: list[list[Any]]


class Recording:
    """What one service wrote for some complaints, ready to be written for others."""

    def __init__(self, templates: int) -> None:
        self._tables: list[tuple[str, list[_Column]]] = []
        #: old ids of each complaint, the complaint's own first
        self._ids: list[dict[UUID, int]] = [{} for _ in range(templates)]

    @classmethod
    async def read(
        cls, url: str, sources: Iterable[Source], known_as: Sequence[Sequence[UUID]]
    ) -> "Recording":
        """Read rows from the database that the service wrote.

        Args:
            url: that database.
            sources: its tables, in the order in which foreign keys allow rows in.
            known_as: per complaint its id, then the ids of events that brought its rows about.
        """
        recording = cls(len(known_as))
        places = {one: place for place, ids in enumerate(known_as) for one in ids}
        for place, ids in enumerate(known_as):
            recording._ids[place][ids[0]] = 0
        connection = await asyncpg.connect(url)
        try:
            await connection.execute("SELECT set_config('app.role', 'worker', false)")
            for source in sources:
                await recording._read_table(connection, source, places)
        finally:
            await connection.close()
        return recording

    async def _read_table(
        self, connection: asyncpg.Connection, source: Source, places: Mapping[UUID, int]
    ) -> None:
        described = await connection.fetch(_COLUMNS, source.table)
        names = [row["name"] for row in described if row["name"] not in source.without]
        types = {row["name"]: row["type"] for row in described}
        found = await connection.fetch(
            f"SELECT {source.complaint} AS of_complaint, {', '.join('r.' + n for n in names)}"
            f" FROM {source.table} r WHERE {source.where}",
            list(places),
        )
        if not found:
            raise ValueError(f"{source.table} has no row of these complaints")
        columns = []
        for name in names:
            column = _Column(name, types[name], _kind(name, types[name], source), [])
            column.cells = [[] for _ in places]
            columns.append(column)
        for row in found:
            place = places[row["of_complaint"]]
            ids = self._ids[place]
            for column in columns:
                value = source.instead.get(column.name, row[column.name])
                if column.kind == "key":
                    value = ids[UUID(value.decode())]
                elif column.kind == "uuid" and value is not None:
                    value = ids.setdefault(UUID(bytes=value.bytes), len(ids))
                elif column.kind in {"text", "bytes"}:
                    # an id of its own, so that it differs
                    value = ids.setdefault(UUID(bytes=urandom(_UUID_BYTES)), len(ids))
                column.cells[place].append(value)
        self._tables.append((source.table, columns))

    def new_ids(self, template: int, complaint: UUID) -> list[UUID]:
        """Ids for one more complaint like `template`."""
        more = len(self._ids[template]) - 1
        noise = urandom(_UUID_BYTES * more)
        return [
            complaint,
            *(
                pgproto.UUID(noise[at : at + _UUID_BYTES])
                for at in range(0, len(noise), _UUID_BYTES)
            ),
        ]

    async def write(
        self, connection: asyncpg.Connection, lot: Sequence[tuple[int, Sequence[UUID]]]
    ) -> None:
        """Write the rows of a lot of complaints (template, new ids), one statement per table."""
        for table, columns in self._tables:
            arrays = [_array(column, lot) for column in columns]
            await connection.execute(_insert(table, columns), *arrays)

    @property
    def rows(self) -> dict[str, float]:
        """Rows per complaint and table, on average."""
        return {
            table: sum(len(cells) for cells in columns[0].cells) / len(self._ids)
            for table, columns in self._tables
        }


def _kind(name: str, kind: str, source: Source) -> str | None:
    if name == "key" and source.table == "outbox":
        return "key"
    if kind == "uuid":
        return "uuid"
    if name in source.unique:
        return "bytes" if kind == "bytea" else "text"
    return None


def _array(column: _Column, lot: Sequence[tuple[int, Sequence[UUID]]]) -> list[Any]:
    cells = column.cells
    match column.kind:
        case "uuid":
            return [
                None if cell is None else ids[cell]
                for template, ids in lot
                for cell in cells[template]
            ]
        case "key":
            return [str(ids[0]).encode() for template, ids in lot for _ in cells[template]]
        case "text":
            return [ids[cell].hex[:_TEXT] for template, ids in lot for cell in cells[template]]
        case "bytes":
            return [ids[cell].bytes * 2 for template, ids in lot for cell in cells[template]]
        case _:
            return [cell for template, _ in lot for cell in cells[template]]


def _insert(table: str, columns: Sequence[_Column]) -> str:
    names = ", ".join(column.name for column in columns)
    shown = ", ".join(
        f"CAST(r.{column.name} AS jsonb)" if column.type == "jsonb" else f"r.{column.name}"
        for column in columns
    )
    arrays = ", ".join(
        f"${place}::{'text' if column.type == 'jsonb' else column.type}[]"
        for place, column in enumerate(columns, 1)
    )
    return f"INSERT INTO {table} ({names}) SELECT {shown} FROM unnest({arrays}) AS r({names})"


#: what a row is made of, without what the database fills in itself
_COLUMNS = """
SELECT a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type
FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE a.attrelid = $1::regclass AND a.attnum > 0 AND NOT a.attisdropped
    AND a.attidentity = '' AND a.attgenerated = ''
    AND (d.adbin IS NULL OR pg_get_expr(d.adbin, d.adrelid) <> 'now()')
ORDER BY a.attnum
"""
