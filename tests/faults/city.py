"""A whole city on one box, every part a process of ours, Kafka and PostgreSQL behind proxies."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import asyncpg
from tests.faults.pack import AGENCIES, write_pack
from tests.faults.processes import Exit, Kept
from tests.faults.proxy import Pipe, Proxy

from lintas.contracts.topics import TopicSpec, load
from lintas_local.applying import apply_pack
from lintas_local.demo.calls import Service
from lintas_local.demo.people import Staff
from lintas_local.layout import CHECKOUT, HOME, TOPICS, Home
from lintas_local.stack import SERVICES, Stack, probe
from lintas_local.stack.kafka import EmbeddedKafka
from lintas_local.stack.ports import Ports, free_ports
from lintas_local.stack.postgres import EmbeddedPostgres
from lintas_local.stack.secrets import SecretFolder
from lintas_local.stack.system_user import unprivileged
from lintas_local.stack.tools import find_java, kafka_jars

#: how many of each run; enough for a takeover, few enough for two cores
INSTANCES: Mapping[str, int] = {"ingest": 1, "router": 2, "agency-gateway": 2, "metrics": 2}
#: the only kind of environment in which fault points can be armed
ENVIRONMENT = "test"


class City:
    """Kafka, PostgreSQL, their proxies and some instances of each service.

    The stack's own launcher makes topics, tables, keys and programs; it believes the proxies to be
    the servers. Nothing outlives the folder it was made in.
    """

    def __init__(
        self,
        folder: Path,
        instances: Mapping[str, int] = INSTANCES,
        *,
        settings: Mapping[str, str] | None = None,
        kafka_pipe: type[Pipe] = Pipe,
        factories: Mapping[str, str] | None = None,
    ) -> None:
        """Describe a city; nothing is touched before `start`.

        Args:
            folder: where its data goes.
            instances: how many of each service.
            settings: LINTAS_* variables of all services.
            kafka_pipe: looks into what passes between clients and Kafka.
            factories: by service, another app factory than its own (`module:function`).
        """
        self.home = Home(folder)
        self.instances = dict(instances)
        self._factories = dict(factories or {})
        kafka_port, postgres_port = free_ports(2)
        self.ports = Ports.at(0)
        self.kafka_proxy = Proxy(kafka_port, self.ports.kafka, pipe=kafka_pipe)
        self.postgres_proxy = Proxy(postgres_port, self.ports.postgres)
        self._password = SecretFolder(self.home.secrets).password("postgres")
        self._environ = {
            "LINTAS_ENVIRONMENT": ENVIRONMENT,
            "LINTAS_KAFKA": f"127.0.0.1:{kafka_port}",
            "LINTAS_DATABASE_URL": self._server(postgres_port),
            **(settings or {}),
        }
        self.kafka: Kept
        self.postgres: Kept
        self.services: dict[str, list[Kept]] = {}
        self._addresses: dict[str, str] = {}
        self.stack: Stack
        self.staff: Staff
        self._sessions: dict[str, str] = {}

    @asynccontextmanager
    async def running(self) -> AsyncIterator["City"]:
        """The city for the length of a block."""
        try:
            await self.start()
            yield self
        finally:
            await self.stop()

    async def start(self) -> None:
        """Return once every service is ready and the officers are signed in."""
        await self.kafka_proxy.start()
        await self.postgres_proxy.start()
        await asyncio.gather(self._start_kafka(), self._start_postgres())
        self.stack = Stack(self.home.folder, environ=self._environ, port_base=0, services=())
        await self.stack.start()
        for service in SERVICES:
            await self.stack.migrate(service)
        for service in SERVICES:
            self.services[service] = [
                self._instance(service, number) for number in range(1, self.instances[service] + 1)
            ]
        for kept in self.all_instances():
            kept.start()
        await asyncio.gather(*(kept.ready() for kept in self.all_instances()))
        pack = write_pack(self.home.folder / "pack")
        await asyncio.to_thread(apply_pack, str(pack), self._for_operator())
        await self.all_ready()
        await self._enrol()

    async def stop(self) -> None:
        """End everything within a bound."""
        self.kafka_proxy.heal()
        self.postgres_proxy.heal()
        await asyncio.gather(*(kept.stop() for kept in self.all_instances()))
        if hasattr(self, "stack"):
            await self.stack.stop()
        servers = [getattr(self, name) for name in ("kafka", "postgres") if hasattr(self, name)]
        await asyncio.gather(*(kept.stop() for kept in servers))
        await self.kafka_proxy.stop()
        await self.postgres_proxy.stop()

    def all_instances(self) -> list[Kept]:
        """Every instance of every service."""
        return [kept for instances in self.services.values() for kept in instances]

    def all_parts(self) -> list[Kept]:
        """Every process there is."""
        return [self.kafka, self.postgres, *self.all_instances()]

    def unexpected_exits(self, since: float) -> list[Exit]:
        """Processes that ended although nobody ended them, since a moment of the monotonic clock."""
        exits = [one for kept in self.all_parts() for one in kept.exits]
        return [one for one in exits if one.at >= since and not one.expected]

    async def all_ready(self, within_s: float = 60) -> None:
        """Return once every instance says that it can do its work."""
        for kept in self.all_instances():
            async with asyncio.timeout(within_s):
                while not await probe.http_answers(self._port(kept), "/readyz"):
                    await asyncio.sleep(0.1)

    def addresses(self, service: str) -> list[str]:
        """Where each instance of a service answers."""
        return [self._addresses[kept.name] for kept in self.services[service]]

    def address(self, kept: Kept) -> str:
        """Where an instance answers."""
        return self._addresses[kept.name]

    def session(self, username: str) -> str:
        """The session of a member of staff, signed in since the city began."""
        return self._sessions[username]

    @property
    def bootstrap(self) -> str:
        """Kafka, through its proxy (Kafka itself sends every client there)."""
        return f"127.0.0.1:{self.kafka_proxy.port}"

    def topics(self) -> list[TopicSpec]:
        """The registry."""
        return load(TOPICS)

    async def database(self, service: str) -> asyncpg.Connection:
        """A service's database as the superuser, whom nothing is hidden from; not by the proxy."""
        name = self.stack.database_url(service).rpartition("/")[2]
        server = self._server(self.ports.postgres).rpartition("/")[0]
        return await asyncpg.connect(f"{server}/{name}", timeout=5)

    def _server(self, port: int) -> str:
        return f"postgresql://postgres:{self._password}@127.0.0.1:{port}/postgres"

    def _port(self, kept: Kept) -> int:
        return int(self.address(kept).rpartition(":")[2])

    async def _start_kafka(self) -> None:
        java, jars = find_java(None), kafka_jars(HOME)
        kafka = EmbeddedKafka(
            self.home.kafka, java.path, jars, self.ports, advertised=self.kafka_proxy.port
        )
        await asyncio.to_thread(kafka.make_ready)
        self.kafka = Kept(kafka.program(), self.home.logs / "kafka.log")
        self.kafka.start()
        await self.kafka.ready()

    async def _start_postgres(self) -> None:
        postgres = EmbeddedPostgres(
            self.home.postgres, self.ports.postgres, self._password, unprivileged()
        )
        await asyncio.to_thread(postgres.make_ready)
        self.postgres = Kept(postgres.program(), self.home.logs / "postgres.log")
        self.postgres.start()
        await self.postgres.ready()

    def _instance(self, service: str, number: int) -> Kept:
        name = f"{service}-{number}"
        port = self.stack.ports.of(service) if number == 1 else free_ports(1)[0]
        self._addresses[name] = f"http://127.0.0.1:{port}"
        program = self.stack.program(service, name=name, port=port)
        if service in self._factories:
            program = replace(
                program, command=_with_factory(program.command, self._factories[service])
            )
        return Kept(program, self.home.logs / f"{name}.log")

    def _for_operator(self) -> dict[str, str]:
        urls = {
            f"LINTAS_{service.upper().replace('-', '_')}_URL": self.addresses(service)[0]
            for service in SERVICES
        }
        return urls | {
            "LINTAS_OPERATOR_KEY": self.stack.key("operator"),
            "LINTAS_PUBLISHER_KEY": self.stack.key("publisher"),
        }

    async def _enrol(self) -> None:
        self.staff = Staff.of(self.home.keys / "staff.json", list(AGENCIES))
        gateway = self.addresses("agency-gateway")[0]
        names = [f"{role}.{code}" for code in AGENCIES for role in ("petugas", "penyetuju")]
        async with Service(gateway, self.stack.key("operator")) as service:
            await self.staff.enrol(service)
            for name in names:
                self._sessions[name] = await self.staff.session(service, name)


def _with_factory(command: tuple[str, ...], factory: str) -> tuple[str, ...]:
    """The same service, put together by somebody else's factory."""
    place = next(place for place, part in enumerate(command) if part.endswith(":from_environment"))
    return (
        *command[:place],
        factory,
        *command[place + 1 :],
        *("--app-dir", str(CHECKOUT)),
    )


@asynccontextmanager
async def temporary_city(**how: object) -> AsyncIterator[City]:
    """A city in a folder that goes with it."""
    with TemporaryDirectory(prefix="lintas-faults-", ignore_cleanup_errors=True) as folder:
        async with City(Path(folder), **how).running() as city:  # type: ignore[arg-type]
            yield city
