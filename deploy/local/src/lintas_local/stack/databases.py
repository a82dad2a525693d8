"""A database, an owner role and a runtime role per service, on any server we may administer."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlsplit, urlunsplit

import asyncpg

from lintas_local.stack.problems import StackProblem

#: the short name of each service's database and roles
SHORT: Mapping[str, str] = {
    "ingest": "ingest",
    "router": "router",
    "agency-gateway": "gateway",
    "metrics": "metrics",
}
#: what the owner makes later, the runtime role may use; never TRUNCATE, never DDL
_GRANTS = (
    "GRANT USAGE ON SCHEMA public TO {role}",
    "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {role}",
    "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {role}",
)


@dataclass(frozen=True, slots=True)
class ServiceDatabase:
    """One service's database: migrations run as its owner, the service as its restricted role."""

    name: str
    owner: str
    owner_password: str
    role: str
    role_password: str

    @classmethod
    def of(cls, service: str, *, owner_password: str, role_password: str) -> "ServiceDatabase":
        """The database of a service by its name."""
        name = f"lintas_{SHORT[service]}"
        return cls(name, f"{name}_owner", owner_password, name, role_password)

    def url(
        self, admin_url: str, *, owner: bool = False, scheme: str = "postgresql+asyncpg"
    ) -> str:
        """Its address on the server of `admin_url`."""
        parts = urlsplit(admin_url)
        user, password = (
            (self.owner, self.owner_password) if owner else (self.role, self.role_password)
        )
        server = parts.netloc.rpartition("@")[2]
        return urlunsplit(
            (
                scheme,
                f"{user}:{quote(password, safe='')}@{server}",
                f"/{self.name}",
                parts.query,
                "",
            )
        )


async def make_databases(admin_url: str, databases: list[ServiceDatabase]) -> None:
    """Make what is missing and set the passwords; what exists keeps its contents.

    `admin_url` needs CREATEDB and CREATEROLE, not superuser.
    """
    plain = admin_url.replace("postgresql+asyncpg://", "postgresql://", 1)
    try:
        admin = await asyncpg.connect(plain, timeout=10)
    except (OSError, TimeoutError, asyncpg.PostgresError) as error:
        server = urlsplit(plain).netloc.rpartition("@")[2]
        raise StackProblem(
            f"the database server at {server} does not let us in ({type(error).__name__})",
            "Check LINTAS_DATABASE_URL",
        ) from error
    try:
        for database in databases:
            await _make(admin, database)
    finally:
        await admin.close()
    for database in databases:
        owner = await asyncpg.connect(database.url(plain, owner=True, scheme="postgresql"))
        try:
            for grant in _GRANTS:
                await owner.execute(grant.format(role=database.role))
        finally:
            await owner.close()


async def _make(admin: asyncpg.Connection, database: ServiceDatabase) -> None:
    for role, password in (
        (database.owner, database.owner_password),
        (database.role, database.role_password),
    ):
        exists = await admin.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", role)
        verb = "ALTER" if exists else "CREATE"
        await _run(
            admin,
            f"{verb} ROLE %I LOGIN NOCREATEDB NOCREATEROLE INHERIT PASSWORD %L",
            role,
            password,
        )
        # stronger than not granting it: a server's default or an earlier hand may have
        flags = await admin.fetchrow(
            "SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = $1", role
        )
        if any(flags):
            raise StackProblem(
                f"role {role} may pass over row-level security on this server",
                f"`ALTER ROLE {role} NOSUPERUSER NOBYPASSRLS`",
            )
    exists = await admin.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", database.name)
    if not exists:
        await _run(admin, "GRANT %I TO CURRENT_USER", database.owner)
        await _run(admin, "CREATE DATABASE %I OWNER %I", database.name, database.owner)
    await _run(admin, "REVOKE ALL ON DATABASE %I FROM PUBLIC", database.name)
    await _run(admin, "GRANT CONNECT, TEMPORARY ON DATABASE %I TO %I", database.name, database.role)


async def _run(admin: asyncpg.Connection, statement: str, *names: str) -> None:
    """Run a statement with its names and literals quoted by the server."""
    slots = ", ".join(f"${place}::text" for place in range(2, len(names) + 2))
    await admin.execute(await admin.fetchval(f"SELECT format($1, {slots})", statement, *names))
