import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from lintas.contracts.topics import MENTIONS
from lintas.database.ddl import INBOX_V1, OUTBOX_V1
from lintas.database.engine import create_engine
from lintas.database.work import UnitOfWork
from lintas.testing.builders import mention_received
from lintas.vocabulary.errors import Unavailable

pytestmark = pytest.mark.stack


@pytest.fixture
async def engine(empty_database: str) -> AsyncIterator[AsyncEngine]:
    engine = create_engine(empty_database, application="tests", pool_size=3)
    async with engine.begin() as connection:
        for part in (INBOX_V1 + OUTBOX_V1).split(";"):
            if part.strip():
                await connection.execute(text(part))
    yield engine
    await engine.dispose()


async def count(engine: AsyncEngine, table: str) -> int:
    async with engine.connect() as connection:
        return int(await connection.scalar(text(f"SELECT count(*) FROM {table}")) or 0)


async def test_inbox_and_outbox_commit_together_and_wake_the_relay(engine: AsyncEngine):
    woken: list[bool] = []
    work = UnitOfWork(engine, "ingest", on_published=lambda: woken.append(True))
    events = [mention_received(n) for n in range(5)]
    async with work.begin() as tx:
        assert await tx.first_time("c", events) == events
        await tx.publish(MENTIONS, events)
        assert not woken
    assert woken == [True]
    assert (await count(engine, "inbox"), await count(engine, "outbox")) == (5, 5)


async def test_an_error_rolls_back_inbox_and_outbox_and_wakes_nobody(engine: AsyncEngine):
    woken: list[bool] = []
    work = UnitOfWork(engine, "ingest", on_published=lambda: woken.append(True))

    async def fail() -> None:
        async with work.begin() as tx:
            await tx.first_time("c", [mention_received(1)])
            await tx.publish(MENTIONS, [mention_received(1)])
            raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011
        await fail()
    assert woken == []
    assert (await count(engine, "inbox"), await count(engine, "outbox")) == (0, 0)


async def test_an_event_seen_before_or_twice_in_a_batch_is_applied_once(engine: AsyncEngine):
    work = UnitOfWork(engine, "ingest")
    one, two = mention_received(1), mention_received(2)
    async with work.begin() as tx:
        assert await tx.first_time("c", [one, one, two]) == [one, two]
    async with work.begin() as tx:
        assert await tx.first_time("c", [two, mention_received(3)]) == [mention_received(3)]
        assert await tx.first_time("another", [one]) == [one]


async def test_settings_end_with_their_transaction(engine: AsyncEngine):
    work = UnitOfWork(engine, "gateway")
    read = text("SELECT NULLIF(current_setting('app.agency', true), '')")

    async def agency(name: str | None) -> str | None:
        async with work.begin({"app.agency": name} if name else None) as tx:
            seen = await tx.connection.scalar(read)
            await tx.connection.execute(text("SELECT pg_sleep(0.001)"))
            assert await tx.connection.scalar(read) == seen
            return seen

    names = [f"agency-{n % 7}" if n % 3 else None for n in range(200)]
    assert await asyncio.gather(*map(agency, names)) == names


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param("SELECT pg_sleep(10)", id="statement time-out"),
        pytest.param("SELECT pg_terminate_backend(pg_backend_pid())", id="connection cut"),
    ],
)
async def test_an_outage_is_unavailable_and_leaves_nothing(engine: AsyncEngine, statement: str):
    work = UnitOfWork(engine, "ingest")

    async def attempt() -> None:
        async with work.begin() as tx:
            await tx.first_time("c", [mention_received(1)])
            await tx.connection.execute(text(statement))

    with pytest.raises(Unavailable):
        await attempt()
    assert await count(engine, "inbox") == 0


async def test_an_exhausted_pool_is_unavailable_and_heals(engine: AsyncEngine):
    work = UnitOfWork(engine, "ingest")
    held = [await engine.connect() for _ in range(3)]
    with pytest.raises(Unavailable):
        async with work.begin():
            pass
    for connection in held:
        await connection.close()
    async with work.begin() as tx:
        assert await tx.connection.scalar(text("SELECT 1")) == 1


async def test_a_connection_the_server_closed_is_replaced_before_the_next_transaction(
    engine: AsyncEngine, empty_database: str
):
    work = UnitOfWork(engine, "ingest")
    async with work.begin() as tx:
        kept = (await tx.connection.get_raw_connection()).driver_connection
        backend = await tx.connection.scalar(text("SELECT pg_backend_pid()"))
    other = create_engine(empty_database, application="tests")
    async with other.begin() as connection:
        await connection.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": backend})
    await other.dispose()
    async with asyncio.timeout(5):
        while not kept.is_closed():  # noqa: ASYNC110  # the driver tells nobody
            await asyncio.sleep(0.01)
    async with work.begin() as tx:
        assert await tx.connection.scalar(text("SELECT pg_backend_pid()")) != backend
