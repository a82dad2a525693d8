from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection


class RowSet:
    """Writes rows of one table in one statement, however many there are."""

    def __init__(self, table: str, columns: Mapping[str, str], on_conflict: str) -> None:
        self._names = tuple(columns)
        names = ", ".join(columns)
        arrays = ", ".join(f"CAST(:{name} AS {kind}[])" for name, kind in columns.items())
        self._insert = text(
            f"INSERT INTO {table} (generation, {names})"  # noqa: S608  # constants of this room
            f" SELECT :generation, {names} FROM unnest({arrays}) AS r({names})"
            f" ON CONFLICT {on_conflict}"
        )

    async def write(
        self, connection: AsyncConnection, generation: int, rows: Sequence[Sequence[Any]]
    ) -> Any:
        """Insert `rows`, whose values stand in the order of the columns; the statement's result."""
        columns = zip(*rows, strict=True)
        values = {name: list(column) for name, column in zip(self._names, columns, strict=True)}
        return await connection.execute(self._insert, {"generation": generation, **values})
