import asyncio
import json
import os
from collections.abc import AsyncIterator, Collection, Coroutine, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from lintas_local.layout import HOME, Home
from lintas_local.settings import LauncherSettings
from lintas_local.stack import probe
from lintas_local.stack.databases import ServiceDatabase, make_databases
from lintas_local.stack.kafka import EmbeddedKafka
from lintas_local.stack.keys import KeyFolder
from lintas_local.stack.lock import HomeLock
from lintas_local.stack.notices import Notice, Report, silent
from lintas_local.stack.ports import Ports, require_free
from lintas_local.stack.postgres import SUPERUSER, EmbeddedPostgres
from lintas_local.stack.problems import StackProblem
from lintas_local.stack.program import Program
from lintas_local.stack.secrets import SecretFolder, write_private
from lintas_local.stack.services import PACKAGES, Surroundings
from lintas_local.stack.supervisor import Supervisor
from lintas_local.stack.system_user import unprivileged
from lintas_local.stack.tools import find_java, kafka_jars
from lintas_local.stack.topics import make_topics

_OK = 200
#: all that a stack can run, by name
SERVICES = tuple(PACKAGES)


class Stack:
    """Kafka, PostgreSQL and the services as child processes of this one.

    After `start` every part answers, and is restarted when it falls. Data, secrets and ports
    outlive restarts. `stop` ends everything within a bound; if this process dies in any way, the
    kernel ends the children, and the next start recovers their data.

    Start it in the main thread: the children die with the thread that started them.
    """

    def __init__(
        self,
        home: Path | None = None,
        *,
        environ: Mapping[str, str] = os.environ,
        port_base: int | None = None,
        services: Collection[str] = SERVICES,
        fast: bool = False,
        report: Report = silent,
    ) -> None:
        """Describe a stack; nothing is touched before `start`.

        Args:
            home: its folder; LINTAS_HOME or `.lintas` of the checkout if None.
            environ: the launcher's settings (LINTAS_*), handed on to the services.
            port_base: first of consecutive ports, 0 for free ones; by LINTAS_* if None.
            services: which of the four to run; Kafka and PostgreSQL always do.
            fast: PostgreSQL without fsync, for tests whose data nobody needs.
            report: told everything that happens.
        """
        self.settings = LauncherSettings.load(environ)
        self.home = Home((home or self.settings.home or HOME).resolve())
        self.ports = Ports.of_settings(self.settings, port_base)
        self._environ = environ
        self._services = tuple(name for name in SERVICES if name in set(services))
        self._fast = fast
        self._report = report
        self._secrets = SecretFolder(self.home.secrets)
        self._lock = HomeLock(self.home.lock)
        self._supervisor = self._new_supervisor()
        self._started_at = datetime.now(UTC)

    @property
    def kafka(self) -> str:
        """Bootstrap servers."""
        return self.settings.kafka or f"127.0.0.1:{self.ports.kafka}"

    @property
    def processes(self) -> dict[str, int]:
        """Process ids of the parts that run at this moment, by name."""
        return self._supervisor.processes

    @property
    def restarts(self) -> dict[str, int]:
        """How often each part was restarted."""
        return self._supervisor.restarts

    @property
    def addresses(self) -> dict[str, str]:
        """Where each service of this stack answers."""
        return {service: self._surroundings.address(service) for service in self._services}

    @property
    def admin_url(self) -> str:
        """The database server, as the role that makes databases."""
        if self.settings.database_url:
            return self.settings.database_url.get_secret_value()
        password = self._secrets.password(SUPERUSER)
        return f"postgresql://{SUPERUSER}:{password}@127.0.0.1:{self.ports.postgres}/postgres"

    def database_url(self, service: str, *, owner: bool = False) -> str:
        """A service's database, as its restricted role or as its owner."""
        return self._surroundings.databases[service].url(self.admin_url, owner=owner)

    def environ(self, service: str, *, owner: bool = False) -> dict[str, str]:
        """The LINTAS_* variables of a service; with `owner` also what its migrations need."""
        told = self._surroundings.told(service)
        if owner:
            told["LINTAS_DATABASE_OWNER_URL"] = self.database_url(service, owner=True)
        return told

    def program(self, service: str, *, name: str | None = None, port: int | None = None) -> Program:
        """How a service of this stack is run; for whoever runs further instances of it."""
        return self._surroundings.program(service, name=name, port=port)

    def key(self, client: str) -> str:
        """The key of one of this machine's own clients (`operator`, `front-door`)."""
        return self._surroundings.keys.key(client)

    def for_operator(self) -> dict[str, str]:
        """The LINTAS_* variables under which the operator's own calls reach this stack.

        Who holds this machine holds both keys that publishing rules takes.
        """
        urls = {
            f"LINTAS_{service.upper().replace('-', '_')}_URL": address
            for service, address in self.addresses.items()
        }
        return urls | {
            "LINTAS_OPERATOR_KEY": self.key("operator"),
            "LINTAS_PUBLISHER_KEY": self.key("publisher"),
        }

    async def start(self) -> None:
        """Return once everything answers.

        Raises:
            StackProblem: what is in the way, in one line; nothing is left running then.
        """
        try:
            self._lock.take()
        except PermissionError as error:
            raise _not_ours(error) from error
        self._supervisor = self._new_supervisor()
        self._started_at = datetime.now(UTC)
        try:
            await self._start()
        except PermissionError as error:
            await self.stop()
            raise _not_ours(error) from error
        except BaseException:
            await self.stop()
            raise

    async def ready(self, *, within_s: float = 60.0) -> None:
        """Return once every service says it can do its work (a city pack is applied, and so on).

        Raises:
            StackProblem: one does not say so in time; names it and its reason.
        """
        end = asyncio.get_running_loop().time() + within_s
        for service in self._services:
            while True:
                status, body = await probe.http_status(self.ports.of(service), "/readyz")
                if status == _OK:
                    break
                if asyncio.get_running_loop().time() > end:
                    raise StackProblem(f"{service} is not ready: {body.strip() or 'no answer'}")
                await asyncio.sleep(0.1)

    async def stop(self) -> None:
        """End everything, in reverse order of starting. May be called again."""
        await self._supervisor.stop()
        if self._lock.held:
            self.home.running.unlink(missing_ok=True)
            self._lock.release()

    def kill(self) -> None:
        """End everything at once; the next start recovers the data."""
        self._supervisor.kill()

    async def prepare(self) -> None:
        """Make topics, databases, roles and tables where they are missing, on servers that run.

        Raises:
            StackProblem: a server is away or is not what it should be.
        """
        await _all(self._make_topics(), self._make_databases())
        for service in self._services:
            self._report(Notice(f"{service} tables", "starting"))
            await self._surroundings.migrate(service)
            self._report(Notice(f"{service} tables", "done"))

    async def migrate(self, service: str) -> None:
        """Bring a service's tables to the newest schema."""
        await self._surroundings.migrate(service)

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Stack"]:
        """The stack for the length of a block."""
        await self.start()
        try:
            yield self
        finally:
            await self.stop()

    async def _start(self) -> None:
        surroundings = self._surroundings
        surroundings.keys.make_ready()
        kafka = None if self.settings.kafka else self._embedded_kafka()
        postgres = None if self.settings.database_url else self._embedded_postgres()
        await require_free(self._needed_ports())
        await _all(
            self._start_kafka(kafka) if kafka else None,
            self._start_postgres(postgres) if postgres else None,
        )
        await self.prepare()
        await self._supervisor.start(*(surroundings.program(name) for name in self._services))

    def _embedded_kafka(self) -> EmbeddedKafka:
        java = find_java(self.settings.java)
        return EmbeddedKafka(self.home.kafka, java.path, kafka_jars(HOME), self.ports)

    def _embedded_postgres(self) -> EmbeddedPostgres:
        return EmbeddedPostgres(
            self.home.postgres,
            self.ports.postgres,
            self._secrets.password(SUPERUSER),
            unprivileged(),
            fast=self._fast,
        )

    async def _start_kafka(self, kafka: EmbeddedKafka) -> None:
        await asyncio.to_thread(kafka.make_ready)
        await self._supervisor.start(kafka.program())

    async def _start_postgres(self, postgres: EmbeddedPostgres) -> None:
        for folder in await asyncio.to_thread(postgres.make_ready):
            self._report(
                Notice("postgres", "note", f"made {folder} passable for the system user it runs as")
            )
        await self._supervisor.start(postgres.program())

    async def _make_topics(self) -> None:
        self._report(Notice("topics", "starting"))
        detail = await make_topics(self.kafka)
        self._report(Notice("topics", "done", detail))

    async def _make_databases(self) -> None:
        self._report(Notice("databases", "starting"))
        await make_databases(self.admin_url, list(self._surroundings.databases.values()))
        self._report(Notice("databases", "done"))

    def _needed_ports(self) -> list[tuple[str, int]]:
        parts = list(self._services)
        if not self.settings.database_url:
            parts.insert(0, "postgres")
        if not self.settings.kafka:
            parts[:0] = ["kafka", "kafka-controller"]
        return [(part, self.ports.of(part)) for part in parts]

    @cached_property
    def _surroundings(self) -> Surroundings:
        secrets = self._secrets
        return Surroundings(
            home=self.home,
            ports=self.ports,
            kafka=self.kafka,
            admin_url=self.admin_url,
            databases={
                service: ServiceDatabase.of(
                    service,
                    owner_password=secrets.password(f"{service}.owner"),
                    role_password=secrets.password(service),
                )
                for service in SERVICES
            },
            secrets=secrets,
            keys=KeyFolder(self.home.keys, secrets, environment=self.settings.environment),
            environ=self._environ,
        )

    def _new_supervisor(self) -> Supervisor:
        return Supervisor(self.home.logs, report=self._report, changed=self._write_running)

    def _write_running(self) -> None:
        """Tell other commands what runs and where; holds no secret."""
        if not self._lock.held:
            return
        state = {
            "pid": os.getpid(),
            "started_at": self._started_at.isoformat(),
            "kafka": self.kafka,
            "addresses": self.addresses,
            "processes": self.processes,
        }
        # a full disk must not end the supervision
        with suppress(OSError):
            write_private(self.home.running, json.dumps(state, indent=1) + "\n")


def _not_ours(error: PermissionError) -> StackProblem:
    return StackProblem(
        f"{error.filename} belongs to another user",
        "Run `lintas up` as the user who made it, or set LINTAS_HOME to another folder",
    )


async def _all(*steps: Coroutine[None, None, None] | None) -> None:
    """Take steps side by side; the first that fails ends the others."""
    tasks = [asyncio.create_task(step) for step in steps if step is not None]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
