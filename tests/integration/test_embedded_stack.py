"""Apache Kafka and PostgreSQL as the launcher runs them: rights, crashes, restarts, orphans."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import asyncpg
import pytest

from lintas.contracts.records import OutRecord
from lintas.contracts.topics import MENTIONS, load
from lintas.messaging.admin import check_topics
from lintas.messaging.producer import KafkaProducer
from lintas.messaging.reader import read_to_end
from lintas_local.layout import HOME, TOPICS, Home
from lintas_local.stack import SERVICES, Stack, StackProblem
from lintas_local.stack.ports import Ports, holder, is_free, require_free
from lintas_local.stack.processes import is_alive, listener

pytestmark = pytest.mark.stack


@pytest.fixture
def own_folder() -> Iterator[Path]:
    """A folder that PostgreSQL's own user can reach, whatever other test runs do meanwhile."""
    with TemporaryDirectory(prefix="lintas-own-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@pytest.fixture(scope="module")
def home(home_folder) -> Path:
    return home_folder / "embedded"


@pytest.fixture(scope="module")
async def own(home):
    """A stack of our own, as people run it: with fsync, and to be killed."""
    stack = Stack(home, environ={}, port_base=0, services=())
    async with stack.running():
        yield stack


async def connect(url: str) -> asyncpg.Connection:
    return await asyncpg.connect(url.replace("+asyncpg", ""), timeout=5)


async def until(condition, within_s: float = 60) -> None:
    async with asyncio.timeout(within_s):
        while not condition():  # noqa: ASYNC110 - another process tells nobody
            await asyncio.sleep(0.02)


async def test_every_topic_of_the_registry_is_there(own):
    await check_topics(own.kafka, load(TOPICS))


@pytest.mark.parametrize("service", SERVICES)
async def test_a_runtime_role_uses_rows_and_nothing_else(own, service):
    owner = await connect(own.database_url(service, owner=True))
    await owner.execute("CREATE TABLE thing (id bigint GENERATED ALWAYS AS IDENTITY, word text)")
    role = await connect(own.database_url(service))
    try:
        await role.execute("INSERT INTO thing (word) VALUES ('a'), ('b')")
        await role.execute("UPDATE thing SET word = 'c' WHERE word = 'a'")
        await role.execute("DELETE FROM thing WHERE word = 'b'")
        assert await role.fetchval("SELECT word FROM thing") == "c"
        for forbidden in (
            "TRUNCATE thing",
            "DROP TABLE thing",
            "ALTER TABLE thing ADD COLUMN x int",
            "CREATE TABLE other (id int)",
            "CREATE SCHEMA other",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await role.execute(forbidden)
        flags = await role.fetchrow(
            "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles"
            " WHERE rolname = current_user"
        )
        assert not any(flags)
    finally:
        await role.close()
        await owner.execute("DROP TABLE thing")
        await owner.close()


async def test_a_role_cannot_enter_another_services_database(own):
    url = own.database_url("ingest").rpartition("/")[0] + "/lintas_gateway"
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await connect(url)


async def test_a_role_without_its_password_does_not_get_in(own):
    server = f"127.0.0.1:{own.ports.postgres}"
    with pytest.raises(asyncpg.InvalidPasswordError):
        await connect(f"postgresql://lintas_ingest:wrong@{server}/lintas_ingest")
    with pytest.raises(asyncpg.InvalidPasswordError):
        await connect(f"postgresql://postgres:wrong@{server}/postgres")


async def test_names_sort_the_same_on_every_machine(own):
    role = await connect(own.database_url("metrics"))
    locale = await role.fetchrow(
        "SELECT datlocprovider, datlocale, pg_encoding_to_char(encoding) AS encoding"
        " FROM pg_database WHERE datname = current_database()"
    )
    await role.close()
    assert (locale["datlocprovider"], locale["datlocale"], locale["encoding"]) == (
        b"b",
        "C.UTF-8",
        "UTF8",
    )


async def test_a_second_stack_on_the_same_folder_is_refused(own, home):
    before = Home(home).running.read_text()
    second = Stack(home, environ={}, port_base=0, services=())
    with pytest.raises(StackProblem, match=rf"already runs .*pid {os.getpid()}"):
        await second.start()
    await second.stop()
    assert own.processes.keys() == {"kafka", "postgres"}
    assert Home(home).running.read_text() == before


async def test_a_port_in_use_is_named_with_its_holder(own):
    port = own.ports.postgres
    assert not is_free(port)
    assert listener(port) == own.processes["postgres"]
    with pytest.raises(StackProblem, match=rf"port {port} for postgres is held by pid .*postgres"):
        await require_free([("postgres", port)])
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        assert f"pid {os.getpid()} " in holder(other.getsockname()[1])


async def test_external_servers_are_used_and_none_is_started(own, own_folder):
    environ = {"LINTAS_KAFKA": own.kafka, "LINTAS_DATABASE_URL": own.admin_url}
    outer = Stack(own_folder, environ=environ, services=())
    await outer.prepare()
    async with outer.running():
        assert outer.processes == {}
        assert outer.kafka == own.kafka
        role = await connect(outer.database_url("router"))
        assert await role.fetchval("SELECT current_database()") == "lintas_router"
        await role.close()
    # the passwords of the other folder hold again
    await own.prepare()


async def test_an_external_server_that_is_away_is_one_clear_line(own_folder):
    port = Ports.at(0)
    environ = {
        "LINTAS_KAFKA": f"127.0.0.1:{port.kafka}",
        "LINTAS_DATABASE_URL": f"postgresql://admin:2f9c1e77@127.0.0.1:{port.postgres}/postgres",
    }
    with pytest.raises(StackProblem) as refused:
        await Stack(own_folder, environ=environ, services=()).start()
    assert "\n" not in str(refused.value)
    assert "2f9c1e77" not in str(refused.value)


async def test_a_killed_postgresql_comes_back_with_what_was_committed(own):
    owner = await connect(own.database_url("ingest", owner=True))
    await owner.execute("CREATE TABLE kept AS SELECT generate_series(1, 1000) AS id")
    idle = await connect(own.database_url("ingest"))
    os.kill(own.processes["postgres"], signal.SIGKILL)
    await until(lambda: own.restarts["postgres"] == 1)
    await until(lambda: not is_free(own.ports.postgres))
    async with asyncio.timeout(30):
        while True:
            try:
                again = await connect(own.database_url("ingest", owner=True))
                break
            except (OSError, asyncpg.PostgresError):
                await asyncio.sleep(0.05)
    assert await again.fetchval("SELECT count(*) FROM kept") == 1000
    await again.execute("DROP TABLE kept")
    await again.close()
    owner.terminate()
    idle.terminate()


async def test_a_killed_kafka_comes_back_with_what_it_acknowledged(own):
    producer = KafkaProducer(own.kafka, "ingest")
    values = [f"value {number}".encode() for number in range(200)]
    await producer.send([OutRecord(topic=MENTIONS, key=value, value=value) for value in values])
    await producer.stop()
    os.kill(own.processes["kafka"], signal.SIGKILL)
    await until(lambda: own.restarts["kafka"] == 1)
    await until(lambda: not is_free(own.ports.kafka))
    async with asyncio.timeout(60):
        while True:
            try:
                await check_topics(own.kafka, load(TOPICS))
                break
            except Exception:  # noqa: BLE001 - whatever it says while it starts
                await asyncio.sleep(0.2)
    found = await read_to_end(own.kafka, "ingest", [MENTIONS])
    assert sorted(record.value for record in found) == sorted(values)


async def test_what_runs_is_told_to_other_commands_without_a_secret(own, home):
    text = Home(home).running.read_text()
    running = json.loads(text)
    assert running["pid"] == os.getpid()
    assert running["processes"] == own.processes
    assert running["kafka"] == own.kafka


async def test_a_stack_starts_again_on_its_data_and_on_other_ports(own_folder):
    async with Stack(
        own_folder, environ={}, port_base=0, services=(), fast=True
    ).running() as first:
        owner = await connect(first.database_url("router", owner=True))
        await owner.execute("CREATE TABLE kept (id int)")
        await owner.close()
        pids = list(first.processes.values())
    assert not any(map(is_alive, pids))
    assert not Home(own_folder).running.exists()
    async with Stack(
        own_folder, environ={}, port_base=0, services=(), fast=True
    ).running() as again:
        assert again.ports != first.ports
        owner = await connect(again.database_url("router", owner=True))
        assert await owner.fetchval("SELECT count(*) FROM kept") == 0
        await owner.close()


async def up(home: Path) -> tuple[asyncio.subprocess.Process, dict[str, int]]:
    """`lintas up` as a person starts it, with the process ids of its children."""
    process = await asyncio.create_subprocess_exec(
        *(str(Path(sys.executable).with_name("lintas")), "up", "--only-servers", "--json"),
        *("--ports", "0"),
        env={**os.environ, "LINTAS_HOME": str(home)},
        stdout=subprocess.PIPE,
    )
    assert process.stdout
    async with asyncio.timeout(60):
        async for line in process.stdout:
            if json.loads(line)["event"] == "up":
                break
    return process, json.loads(Home(home).running.read_text())["processes"]


async def test_sigterm_ends_the_launcher_and_everything_it_started(own_folder):
    process, children = await up(own_folder)
    process.send_signal(signal.SIGTERM)
    async with asyncio.timeout(45):
        _, _ = await process.communicate()
    assert process.returncode == 0
    assert not any(map(is_alive, children.values()))


async def test_a_killed_launcher_leaves_no_orphan_and_the_next_start_recovers(own_folder):
    process, children = await up(own_folder)
    process.kill()
    await process.communicate()
    await until(lambda: not any(map(is_alive, children.values())), within_s=15)
    async with Stack(own_folder, environ={}, port_base=0, services=()).running() as again:
        await check_topics(again.kafka, load(TOPICS))
        role = await connect(again.database_url("ingest"))
        await role.close()


def test_the_broker_of_the_checkout_is_in_place():
    assert HOME.joinpath("kafka").is_dir()
