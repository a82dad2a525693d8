"""A database restored from a backup forgets what was erased since, before it is ready."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import ClassVar

import asyncpg
import pytest

from ingest.consumer import ErasedLoop
from ingest.usecases.erasing import erase_old
from ingest.usecases.restored import Restored
from lintas.contracts.records import Record
from lintas.contracts.topics import MENTIONS
from lintas.messaging.reader import TopicReader

pytestmark = pytest.mark.stack

STREET = "pagar cokelat berukir kancil"
MENTION = {
    "channel": "x",
    "account": "kotabogor",
    "text": f"Rumah dekat {STREET} kebanjiran",
    "author": {"handle": "warga_kancil7"},
}
OTHER = MENTION | {"text": "Lampu jalan mati di gang kutilang", "author": {"handle": "orang_lain"}}


async def is_ready(ingest) -> bool:
    return (await ingest.http.get("/readyz")).status_code == 200


async def is_drained(ingest) -> bool:
    return await ingest.count("outbox WHERE published_at IS NULL") == 0


async def erase(ingest, ticket: str) -> int:
    answer = await ingest.http.post(
        "/v1/vault/erase",
        json={"purpose": "data_subject_request", "ticket": ticket},
        headers=ingest.bearer("operator"),
    )
    return answer.status_code


async def words(connection: asyncpg.Connection) -> tuple[int, int]:
    """How many sealed originals can still be opened, or redacted words be read."""
    sealed = await connection.fetchval(
        "SELECT count(*) FROM mention m JOIN complaint c USING (complaint_id)"
        " JOIN reporter_key k ON k.key_id = coalesce(m.key_id, c.key_id)"
        " WHERE m.sealed <> '' AND k.wrapped IS NOT NULL"
    )
    said = await connection.fetchval(
        "SELECT count(*) FROM outbox WHERE convert_from(value, 'UTF8') LIKE $1", f"%{STREET}%"
    )
    return int(sealed), int(said)


@pytest.fixture
async def backup(stack, database) -> AsyncIterator:
    """Takes a backup of the database, and puts it back in its place."""
    name = database.rpartition("/")[2]
    admin = await asyncpg.connect(stack.admin_url)

    class Backup:
        async def take(self) -> None:
            await admin.execute(f"CREATE DATABASE {name}_backup TEMPLATE {name}")

        async def restore(self) -> None:
            await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
            await admin.execute(f"CREATE DATABASE {name} TEMPLATE {name}_backup")

    yield Backup()
    await admin.execute(f"DROP DATABASE IF EXISTS {name}_backup")
    await admin.close()


@pytest.fixture
def first_look(database):
    """What the database held when the service first said that it is ready."""

    @asynccontextmanager
    async def looking(ingest):
        connection = await asyncpg.connect(database.replace("+asyncpg", ""))
        looks = []

        async def look() -> None:
            while not await is_ready(ingest):
                looks.append(await words(connection))
                await asyncio.sleep(0.01)
            looks.append(await words(connection))

        yield asyncio.create_task(look()), looks
        await connection.close()

    return looking


async def test_what_was_erased_since_the_backup_is_gone_before_the_service_is_ready(
    stack, start, until, backup, first_look
):
    kafka = {"LINTAS_KAFKA": stack.kafka}
    async with start(**kafka) as ingest:
        first = (await ingest.post(MENTION | {"external_id": "restored-1"})).json()
        await ingest.post(OTHER | {"external_id": "restored-2"})
        text = f"Tiket {first['ticket']}: tembok retak dekat {STREET}"
        await ingest.post(
            MENTION | {"external_id": "restored-3", "text": text, "author": {"handle": "tamu"}}
        )
        await until(lambda: is_drained(ingest))
        await until(lambda: is_ready(ingest))
        assert await words(ingest.database) == (3, 2)
    await backup.take()
    async with start(**kafka) as ingest:
        assert await erase(ingest, first["ticket"]) == 200
        await ingest.http.post(
            "/v1/vault/erase",
            json={
                "purpose": "data_subject_request",
                "reporter": {"channel": "x", "account": "kotabogor", "handle": "tamu"},
            },
            headers=ingest.bearer("operator"),
        )
        await until(lambda: is_drained(ingest))
        assert await words(ingest.database) == (1, 0)
    await backup.restore()
    async with start(**kafka) as ingest:
        async with first_look(ingest) as (ready, looks):
            await asyncio.wait_for(ready, 30)
        assert looks[0] == (3, 2), "the backup did bring it back"
        assert looks[-1] == (1, 0), "ready too early"
        lines = await ingest.database.fetch("SELECT purpose, actor FROM erasure_audit")
        assert {(line["purpose"], line["actor"]) for line in lines} == {
            ("restored_backup", "ingest")
        }
        assert await is_drained(ingest), "readers know already"


async def test_a_service_that_runs_while_its_database_goes_back_is_not_ready_until_it_forgot(
    stack, start, until, backup
):
    async with start(LINTAS_KAFKA=stack.kafka) as ingest:
        first = (await ingest.post(MENTION | {"external_id": "running-1"})).json()
        await until(lambda: is_drained(ingest))
        await until(lambda: is_ready(ingest))
    await backup.take()
    async with start(LINTAS_KAFKA=stack.kafka) as ingest:
        await until(lambda: is_ready(ingest))
        await erase(ingest, first["ticket"])
        await until(lambda: is_drained(ingest))
        await backup.restore()
        assert not await is_ready(ingest)


async def test_what_was_erased_for_its_age_leaves_the_others_of_its_reporter_again(
    stack, start, until, backup
):
    kafka = {"LINTAS_KAFKA": stack.kafka}
    async with start(**kafka) as ingest:
        old = (await ingest.post(MENTION | {"external_id": "aged-1"})).json()["complaint_id"]
        await ingest.post(MENTION | {"external_id": "aged-2"})
        await until(lambda: is_drained(ingest))
    await backup.take()
    async with start(**kafka) as ingest:
        for table in ("mention", "complaint"):
            await ingest.database.execute(
                f"UPDATE {table} SET received_at = '2020-01-01' WHERE complaint_id = $1", old
            )
        before = datetime(2021, 1, 1, tzinfo=UTC)
        assert await erase_old(ingest.app.state.deps.work, before, 10) == 1
        await until(lambda: is_drained(ingest))
    # a usual start reads the same event, and then one after a restored backup
    for restored in (False, True):
        if restored:
            await backup.restore()
        async with start(**kafka) as ingest:
            await until(lambda: is_ready(ingest))
            assert await words(ingest.database) == (1, 1)


async def test_a_start_needs_no_kafka_unless_the_database_is_an_old_one(database, start, until):
    async with start() as ingest:
        await until(lambda: is_ready(ingest))
    async with start() as ingest:
        await ingest.database.execute(
            "UPDATE erasure_check SET checked_at = now() - interval '1 hour'"
        )
        probes = (await ingest.http.get("/readyz")).json()["probes"]
        assert probes["erasures"]["ok"] is False
        assert probes["database"]["ok"] is True


class Topic:
    """A reader of a topic that has deleted what the database had not read."""

    gaps = frozenset({f"{MENTIONS}/0"})
    positions: ClassVar[dict[str, int]] = {f"{MENTIONS}/0": 12}

    async def read_on(self) -> list[Record]:
        return []

    async def stop(self) -> None:
        """Nothing to disconnect."""


async def test_a_backup_older_than_the_topic_reaches_is_never_ready(ingest):
    restored = Restored(ingest.app.state.deps.work)
    await ErasedLoop(restored, lambda _: Topic()).run_once()
    assert "older" in str(await restored.why_not())


async def test_a_reader_begins_where_an_earlier_one_ended_and_sees_gaps_and_new_topics(stack):
    reader = TopicReader(stack.kafka, "tests", [MENTIONS])
    everything = await reader.read_on()
    await reader.stop()
    known = dict(reader.positions)
    assert sum(known.values()) >= len(everything)
    later = TopicReader(stack.kafka, "tests", [MENTIONS], known=known)
    assert await later.read_on() == []
    assert await later.ends() == known
    await later.stop()
    anew = TopicReader(stack.kafka, "tests", [MENTIONS], known=dict.fromkeys(known, 10**9))
    assert len(await anew.read_on()) == len(everything)
    assert not anew.gaps
    await anew.stop()
