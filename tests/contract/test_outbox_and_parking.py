"""One suite for the tables and their twins in memory."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from lintas.contracts.records import OutRecord, Record
from lintas.database import outbox
from lintas.database.ddl import INBOX_V1, OUTBOX_V1, PARKED_EVENT_V1
from lintas.database.engine import create_engine, is_outage
from lintas.database.parking import SqlParking
from lintas.database.work import UnitOfWork
from lintas.testing.memory import MemoryOutbox, MemoryParking

RECORDS = [
    OutRecord("lintas.complaints.v1", f"k{n % 3}".encode(), f"v{n}".encode(), (("h", b"\xc3\xa9"),))
    for n in range(10)
]


@pytest.fixture
async def engine(empty_database: str) -> AsyncIterator[AsyncEngine]:
    engine = create_engine(empty_database, application="tests", pool_size=5)
    async with engine.begin() as connection:
        for statement in (INBOX_V1, OUTBOX_V1, PARKED_EVENT_V1):
            for part in statement.split(";"):
                if part.strip():
                    await connection.execute(text(part))
    yield engine
    await engine.dispose()


class Outbox:
    """What both outboxes promise."""

    async def add(self, outbox: Any, records: Sequence[OutRecord]) -> None:
        raise NotImplementedError

    async def test_what_was_added_waits_in_order_and_whole(self, box):
        await self.add(box, RECORDS)
        await box.acquire()
        assert [row.record for row in await box.waiting(100)] == RECORDS
        assert await box.depth() == 10

    async def test_marked_rows_wait_no_longer_and_a_limit_takes_the_oldest(self, box):
        await self.add(box, RECORDS)
        await box.acquire()
        first = await box.waiting(4)
        await box.mark([row.id for row in first])
        assert [row.record for row in await box.waiting(100)] == RECORDS[4:]
        assert await box.depth() == 6


class TestMemoryOutbox(Outbox):
    @pytest.fixture
    def box(self) -> MemoryOutbox:
        return MemoryOutbox()

    async def add(self, outbox: MemoryOutbox, records: Sequence[OutRecord]) -> None:
        outbox.add(records)


@pytest.mark.stack
class TestSqlOutbox(Outbox):
    @pytest.fixture
    async def box(self, engine: AsyncEngine) -> AsyncIterator[outbox.SqlOutbox]:
        box = outbox.SqlOutbox(engine)
        self.engine = engine
        yield box
        await box.release()

    async def add(self, box: Any, records: Sequence[OutRecord]) -> None:
        async with self.engine.begin() as connection:
            await outbox.add(connection, records)

    async def test_only_one_relay_of_a_database_is_active_and_the_next_takes_over(self, box):
        other = outbox.SqlOutbox(self.engine)
        assert await box.acquire()
        assert not await other.acquire()
        await box.release()
        assert await other.acquire()
        await other.release()

    async def test_nobody_but_the_active_relay_goes_on_before_the_disk_has_it(self, box):
        set_by = text("SELECT source FROM pg_settings WHERE name = 'synchronous_commit'")
        assert await box.acquire()
        assert await box._locked().scalar(set_by) == "session"
        assert not await outbox.SqlOutbox(self.engine).acquire()
        async with self.engine.connect() as refused:
            assert await refused.scalar(set_by) != "session"
        await box.release()
        async with self.engine.connect() as afterwards:
            assert await afterwards.scalar(set_by) != "session"

    async def test_a_lower_id_that_commits_later_is_not_skipped(self, box):
        await box.acquire()
        async with self.engine.connect() as slow:
            await outbox.add(slow, RECORDS[:1])
            await self.add(box, RECORDS[1:2])
            (early,) = await box.waiting(10)
            await box.mark([early.id])
            await slow.commit()
        (late,) = await box.waiting(10)
        assert late.id < early.id
        assert late.record == RECORDS[0]

    async def test_without_the_lock_nothing_is_read(self, box):
        with pytest.raises(RuntimeError):
            await box.waiting(1)

    async def test_a_relay_whose_connection_broke_fails_instead_of_racing(self, box, engine):
        await box.acquire()
        async with engine.begin() as connection:
            await connection.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_locks"
                    " WHERE locktype = 'advisory' AND pid <> pg_backend_pid()"
                )
            )
        with pytest.raises(DBAPIError) as broken:
            await box.waiting(1)
        assert is_outage(broken.value)
        await box.release()
        assert await box.acquire()

    async def test_old_published_rows_are_purged_and_waiting_ones_never(self, box):
        await self.add(box, RECORDS)
        await box.acquire()
        rows = await box.waiting(3)
        await box.mark([row.id for row in rows])
        await box.purge(keep_hours=0)
        async with self.engine.connect() as connection:
            assert await connection.scalar(text("SELECT count(*) FROM outbox")) == 7


def parked(offset: int, key: bytes | None = b"k") -> Record:
    return Record("t", 1, offset, 1_767_225_600_000, key, b"\x00\xff", (("h", b"\xff"),))


class Parking:
    """What both parking places promise."""

    async def test_records_come_back_whole_and_in_order(self, place):
        for offset in (3, 1, 2):
            await place.park(parked(offset), "gap")
        assert await place.parked() == [parked(3), parked(1), parked(2)]

    async def test_parking_twice_changes_nothing(self, place):
        await place.park(parked(1), "gap")
        await place.park(parked(1), "gap")
        assert await place.parked() == [parked(1)]

    async def test_released_records_are_gone_and_the_others_stay(self, place):
        await place.park(parked(1), "gap")
        await place.park(parked(2, b"other"), "gap")
        await place.release([parked(1)])
        assert await place.parked() == [parked(2, b"other")]


class TestMemoryParking(Parking):
    @pytest.fixture
    def place(self) -> MemoryParking:
        return MemoryParking()


@pytest.mark.stack
class TestSqlParking(Parking):
    @pytest.fixture
    def place(self, engine: AsyncEngine) -> SqlParking:
        return SqlParking(UnitOfWork(engine, "tests"), "tests.purpose")

    async def test_consumers_do_not_see_each_other(self, place, engine: AsyncEngine):
        await place.park(parked(1), "gap")
        assert await SqlParking(UnitOfWork(engine, "tests"), "another").parked() == []
