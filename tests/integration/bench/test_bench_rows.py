"""What a yardstick writes, against what was recorded, on the real database."""

from uuid import UUID, uuid4

import asyncpg
import pytest
from tests.bench.rows import Recording, Source

pytestmark = pytest.mark.stack

TABLES = """
CREATE TABLE parent (
    id uuid PRIMARY KEY, name text NOT NULL UNIQUE, told jsonb NOT NULL, note text,
    written_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE child (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    parent_id uuid NOT NULL REFERENCES parent, other uuid, raw bytea NOT NULL UNIQUE
);
CREATE TABLE outbox (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, topic text NOT NULL, key bytea NOT NULL,
    published_at timestamptz
);
"""
SOURCES = (
    Source("parent", "r.id = ANY($1)", "r.id", unique=("name",)),
    Source("child", "r.parent_id = ANY($1)", "r.parent_id", unique=("raw",)),
    Source(
        "outbox",
        "r.key IN (SELECT convert_to(id::text, 'UTF8') FROM unnest($1::uuid[]) AS k(id))",
        "convert_from(r.key, 'UTF8')::uuid",
        instead={"topic": "elsewhere"},
        without=("published_at",),
    ),
)


@pytest.fixture
async def database(empty_database):
    connection = await asyncpg.connect(empty_database.replace("+asyncpg", ""))
    await connection.execute(TABLES)
    yield connection
    await connection.close()


async def record(connection: asyncpg.Connection, url: str) -> tuple[list[UUID], Recording]:
    """Two complaints of different width."""
    ids = [uuid4(), uuid4()]
    for place, complaint in enumerate(ids):
        await connection.execute(
            "INSERT INTO parent (id, name, told, note) VALUES ($1, $2, $3, $4)",
            complaint, f"name {place}", '{"a": [1, null]}', None,
        )  # fmt: skip
        for number in range(place + 1):
            await connection.execute(
                "INSERT INTO child (parent_id, other, raw) VALUES ($1, $2, $3)",
                complaint, uuid4() if number else None, bytes([place, number] * 16),
            )  # fmt: skip
        await connection.execute(
            "INSERT INTO outbox (topic, key, published_at) VALUES ('here', $1, now())",
            str(complaint).encode(),
        )
    recording = await Recording.read(url.replace("+asyncpg", ""), SOURCES, [[one] for one in ids])
    return ids, recording


async def test_recorded_rows_are_written_again_under_new_ids(database, empty_database):
    _, recording = await record(database, empty_database)
    lot = [(template, uuid4()) for template in (0, 1, 1)]
    await recording.write(
        database, [(template, recording.new_ids(template, new)) for template, new in lot]
    )
    for template, new in lot:
        parent = await database.fetchrow("SELECT told, note FROM parent WHERE id = $1", new)
        assert (parent["told"], parent["note"]) == ('{"a": [1, null]}', None)
        children = await database.fetch("SELECT other, raw FROM child WHERE parent_id = $1", new)
        assert [child["other"] is None for child in children] == [True, False][: template + 1]
        assert {len(child["raw"]) for child in children} == {32}
        waiting = await database.fetch(
            "SELECT topic, published_at FROM outbox WHERE key = $1", str(new).encode()
        )
        assert [tuple(row) for row in waiting] == [("elsewhere", None)]


async def test_a_table_without_recorded_rows_is_a_mistake_not_a_saving(database, empty_database):
    with pytest.raises(ValueError, match="parent has no row of these complaints"):
        await Recording.read(empty_database.replace("+asyncpg", ""), SOURCES, [[uuid4()]])
