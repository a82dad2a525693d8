"""Large tables made from one recorded row, by the server itself."""

from collections.abc import Mapping

import asyncpg


async def one_row(connection: asyncpg.Connection, table: str, where: str) -> str:
    """A row of a table as JSON, to be multiplied here or in another database."""
    row: str = await connection.fetchval(
        f"SELECT to_jsonb(r)::text FROM {table} r WHERE {where} LIMIT 1"
    )
    return row


async def multiply(
    connection: asyncpg.Connection, table: str, row: str, changed: Mapping[str, str], rows: str
) -> None:
    """Insert `row` once for each row of the query `rows` (known as `n`), with columns changed.

    Args:
        connection: of somebody to whom row-level security does not apply.
        table: where they go.
        row: the row as JSON.
        changed: column → expression over `n`.
        rows: a query.
    """
    names = [
        found["name"]
        for found in await connection.fetch(
            "SELECT attname AS name FROM pg_attribute WHERE attrelid = $1::regclass"
            " AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
            table,
        )
    ]
    values = ", ".join(changed.get(name, f"r.{name}") for name in names)
    await connection.execute(
        f"INSERT INTO {table} ({', '.join(names)}) SELECT {values}"
        f" FROM ({rows}) AS n, jsonb_populate_record(NULL::{table}, $1::jsonb) AS r",
        row,
        timeout=600,
    )
