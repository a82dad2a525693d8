"""Where it is measured: Apache Kafka and PostgreSQL as in production, services one by one."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import asyncpg
from aiokafka import AIOKafkaConsumer
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete
from aiokafka.structs import TopicPartition

from lintas.contracts.topics import load
from lintas.messaging.admin import create_topics
from lintas.messaging.reader import TopicReader
from lintas_local.applying import apply_pack
from lintas_local.layout import CHECKOUT, TOPICS
from lintas_local.stack import SERVICES, Stack
from lintas_local.stack.databases import make_databases
from lintas_local.stack.ports import Ports
from lintas_local.stack.probe import http_answers
from lintas_local.stack.program import Program
from lintas_local.stack.services import PACKAGES
from lintas_local.stack.supervisor import Supervisor

_LOOK_S = 0.02
_PATIENCE_S = 60.0


class BenchFailed(Exception):
    """A run that lost, doubled or never finished something; its figures count for nothing."""


def twin(topic: str) -> str:
    """The topic that yardsticks use in the place of `topic`."""
    return topic.replace("lintas.", "lintas.yardstick.", 1)


@dataclass(frozen=True, slots=True)
class Running:
    """One process under load."""

    name: str
    pid: int
    address: str = ""


class Lab:
    """Kafka and PostgreSQL with fsync, every table and topic twice: for services and yardsticks.

    The city pack is applied. Services and yardsticks run only inside `service` and `yardstick`, so
    that nothing else wants the cores.
    """

    def __init__(self, stack: Stack, folder: Path) -> None:
        self.stack = stack
        self.folder = folder
        self._heads: AIOKafkaConsumer | None = None

    @classmethod
    @asynccontextmanager
    async def opened(cls, *, counting: bool = False) -> AsyncIterator["Lab"]:
        """A lab for the length of a block; its data go with it.

        With `counting` PostgreSQL keeps statistics of its statements, which costs a little.
        """
        with TemporaryDirectory(prefix="lintas-bench-", ignore_cleanup_errors=True) as name:
            folder = Path(name)
            stack = Stack(folder / "stack", environ=_environ(), port_base=0, services=())
            if counting:
                await _count_statements(stack)
            async with stack.running():
                lab = cls(stack, folder)
                await lab._prepare()
                try:
                    yield lab
                finally:
                    if lab._heads is not None:
                        await lab._heads.stop()

    async def _prepare(self) -> None:
        surroundings = self.stack._surroundings
        for service in SERVICES:
            await self.stack.migrate(service)
        twins = {
            service: replace(database, name=f"yardstick_{database.name}")
            for service, database in surroundings.databases.items()
        }
        await make_databases(self.stack.admin_url, list(twins.values()))
        for service, database in twins.items():
            owner = database.url(self.stack.admin_url, owner=True)
            told = self.stack.environ(service) | {"LINTAS_DATABASE_OWNER_URL": owner}
            await import_module(f"{PACKAGES[service]}.app").migrate(told)
        specs = [
            spec.model_copy(update={"name": twin(spec.name)})
            for spec in load(TOPICS)
            if not spec.compact
        ]
        await create_topics(self.stack.kafka, specs)
        self._heads = AIOKafkaConsumer(bootstrap_servers=self.stack.kafka)
        await self._heads.start()
        # alive is enough: ready they are once the pack is there
        async with self.services(*SERVICES, ready=False):
            urls = {
                f"LINTAS_{service.upper().replace('-', '_')}_URL": self.address(service)
                for service in SERVICES
            }
            operator = urls | {
                "LINTAS_OPERATOR_KEY": self.stack.key("operator"),
                "LINTAS_PUBLISHER_KEY": self.stack.key("publisher"),
            }
            await asyncio.to_thread(apply_pack, "bogor", operator)

    def address(self, service: str) -> str:
        """Where a service answers while it runs."""
        return self.stack._surroundings.address(service)

    def database(self, service: str, *, yardstick: bool = False) -> str:
        """A service's database, or its twin, as the service's restricted role."""
        url = self.stack.database_url(service).replace("+asyncpg", "")
        head, _, name = url.rpartition("/")
        return f"{head}/yardstick_{name}" if yardstick else url

    @asynccontextmanager
    async def looking(
        self, service: str, *, yardstick: bool = False
    ) -> AsyncIterator[asyncpg.Connection]:
        """A look into a database, past row-level security."""
        name = self.database(service, yardstick=yardstick).rpartition("/")[2]
        connection = await asyncpg.connect(f"{self.stack.admin_url.rpartition('/')[0]}/{name}")
        try:
            yield connection
        finally:
            await connection.close()

    def cpu_parts(self, *running: Running) -> dict[str, int]:
        """Process ids by the name a figure gets."""
        servers = self.stack.processes
        return {one.name: one.pid for one in running} | {
            "kafka": servers["kafka"],
            "postgres": servers["postgres"],
        }

    @asynccontextmanager
    async def services(self, *names: str, ready: bool = True) -> AsyncIterator[list[Running]]:
        """Services for the length of a block, as the launcher would run them."""
        programs = [self.stack._surroundings.program(name) for name in names]
        async with self._supervised(programs) as pids:
            for name in names if ready else ():
                await until(partial(self._is_ready, name), f"{name} is not ready")
            yield [Running(name, pids[name], self.address(name)) for name in names]

    @asynccontextmanager
    async def yardsticks(self, **settings: Mapping[str, Any]) -> AsyncIterator[list[Running]]:
        """Yardsticks by name for the length of a block, each with its settings."""
        programs = [self._yardstick(name, dict(given)) for name, given in settings.items()]
        async with self._supervised(programs) as pids:
            yield [
                Running(name, pids[name], f"http://127.0.0.1:{given.get('port', 0)}")
                for name, given in settings.items()
            ]

    def _yardstick(self, name: str, settings: dict[str, Any]) -> Program:
        file = self.folder / f"{name}.json"
        ready = self.folder / f"{name}.ready"
        ready.unlink(missing_ok=True)
        settings = {"kafka": self.stack.kafka, "ready": str(ready), **settings}
        file.write_text(json.dumps(settings), encoding="utf-8")
        if "port" in settings:
            asked: Callable[[], Awaitable[bool]] = partial(
                http_answers, settings["port"], "/healthz"
            )
        else:
            asked = partial(_exists, ready)
        return Program(
            name=name,
            command=(sys.executable, "-m", f"tests.bench.yardsticks.{settings['kind']}", str(file)),
            environ=_environ() | {"PYTHONPATH": str(CHECKOUT), "PYTHONUNBUFFERED": "1"},
            ready=asked,
            folder=self.folder,
        )

    @asynccontextmanager
    async def _supervised(self, programs: list[Program]) -> AsyncIterator[dict[str, int]]:
        supervisor = Supervisor(self.folder / "logs")
        try:
            await supervisor.start(*programs)
            yield supervisor.processes
            fallen = [name for name, times in supervisor.restarts.items() if times]
            if fallen:
                raise BenchFailed(f"{', '.join(fallen)} fell and was started again")
        finally:
            await supervisor.stop()

    async def _is_ready(self, service: str) -> bool:
        return await http_answers(self.stack.ports.of(service), "/readyz")

    async def forget(self) -> None:
        """Empty every topic of events: what one bench left behind is no work for the next one."""
        topics = [spec.name for spec in load(TOPICS) if not spec.compact and spec.partitions > 1]
        admin = AIOKafkaAdminClient(bootstrap_servers=self.stack.kafka)
        await admin.start()
        try:
            await admin.delete_records(
                {
                    TopicPartition(name, number): RecordsToDelete(_ALL)
                    for topic in topics
                    for name in (topic, twin(topic))
                    for number in range(_PARTITIONS)
                }
            )
        finally:
            await admin.close()
        # ingest would miss what it told of erasures there
        async with self.looking("ingest") as database:
            await database.execute("UPDATE erasure_check SET positions = '{}'")

    @asynccontextmanager
    async def reading(self, topic: str) -> AsyncIterator[TopicReader]:
        """Reads what a topic gets from now on."""
        reader = TopicReader(self.stack.kafka, "bench", [topic])
        try:
            await reader.read_on()
            yield reader
        finally:
            await reader.stop()

    async def head(self, topic: str) -> int:
        """How many records a topic has ever got."""
        heads = self._heads
        if heads is None:
            raise RuntimeError("the lab is not open")
        partitions = [TopicPartition(topic, number) for number in range(_PARTITIONS)]
        return sum((await heads.end_offsets(partitions)).values())


_PARTITIONS = 6
#: up to the newest record
_ALL = -1


async def until(
    holds: Callable[[], Awaitable[bool]], otherwise: str, *, within_s: float = _PATIENCE_S
) -> None:
    """Return as soon as a condition holds.

    Raises:
        BenchFailed: `otherwise`, if it does not in time.
    """
    loop = asyncio.get_running_loop()
    end = loop.time() + within_s
    while not await holds():
        if loop.time() > end:
            raise BenchFailed(f"{otherwise} within {within_s:.0f} s")
        await asyncio.sleep(_LOOK_S)


async def _count_statements(stack: Stack) -> None:
    """Let the server load its statistics; that takes a start of its own."""
    async with stack.running():
        connection = await asyncpg.connect(stack.admin_url)
        await connection.execute("ALTER SYSTEM SET shared_preload_libraries = pg_stat_statements")
        await connection.execute("CREATE EXTENSION pg_stat_statements")
        await connection.close()


async def _exists(path: Path) -> bool:
    return path.exists()  # noqa: ASYNC240  # a local file, looked at between runs


def _environ() -> dict[str, str]:
    """Nothing of the caller's configuration: a figure must not hang on it."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("LINTAS_", "PYTHON"))
    }


def free_port() -> int:
    """A port nobody has at this moment."""
    return Ports.at(0).ingest
