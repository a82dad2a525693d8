"""Gateways on a real database, as its restricted role; each test has a database of its own."""

import json
from base64 import b64encode
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4, uuid5

import asyncpg
import httpx2
import pytest
from fastapi import FastAPI
from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncEngine

from agency_gateway.app import create_app, migrate
from agency_gateway.domain.policies import Document
from agency_gateway.domain.records import Person
from agency_gateway.store import directory, people
from agency_gateway.usecases.cities import CityRules
from agency_gateway.usecases.routing import Registrar
from lintas.auth import KeyRecord, Pepper, new_key, new_session_token
from lintas.database.engine import create_engine
from lintas.database.work import UnitOfWork
from lintas.testing.builders import NOON, complaint_id, complaint_routed, decision
from lintas.vocabulary.ids import NAMESPACE, AgencyCode, PersonId
from lintas_local.stack import Stack

AGENCIES = ("dpupr", "dlh", "dishub", "dinkes", "tirta")
OFFICE = {
    "zone": "Asia/Jakarta",
    "weekly": {day: [["08:00", "16:00"]] for day in ("mon", "tue", "wed", "thu", "fri")},
}


def policy(stage: str, amount: int) -> dict[str, Any]:
    return {
        "class": "complaint",
        "stage": stage,
        "amount": amount,
        "unit": "working_days",
        "start": "next_day",
        "calendar": "office",
    }


CITY: list[tuple[str, str, dict[str, Any]]] = [
    *(("agency", code, {"name": {"id": code.upper(), "en": code}}) for code in AGENCIES),
    ("calendar", "office", OFFICE),
    ("policy", "verify", policy("verify", 3)),
    ("policy", "first", policy("first_response", 5)),
    ("policy", "resolution", policy("resolution", 14)),
]


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = NOON + timedelta(minutes=1)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> None:
        self.now += timedelta(**by)


@dataclass(frozen=True)
class Addresses:
    """One database, as the service's role, as its owner and as the server's administrator."""

    role: str
    owner: str
    admin: str


@pytest.fixture(scope="session")
async def addresses(stack: Stack) -> AsyncIterator[Addresses]:
    """A database with the newest tables and the documents of a small city."""
    name = f"gateway_{uuid4().hex}"
    admin = await asyncpg.connect(stack.admin_url)
    await admin.execute(f"CREATE DATABASE {name} OWNER lintas_gateway_owner")
    addresses = Addresses(
        role=_named(stack.database_url("agency-gateway"), name),
        owner=_named(stack.database_url("agency-gateway", owner=True), name),
        admin=_named(stack.admin_url, name),
    )
    environ = stack.environ("agency-gateway")
    await migrate({**environ, "LINTAS_DATABASE_OWNER_URL": addresses.owner})
    await _publish_city(addresses)
    yield addresses
    await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await admin.close()


async def _publish_city(addresses: Addresses) -> None:
    engine = create_engine(addresses.role, application="tests")
    async with UnitOfWork(engine, "tests").begin({"app.role": "worker"}) as tx:
        for kind, code, body in CITY:
            document = Document(kind, code, "1", None, None, datetime(2026, 1, 1, tzinfo=UTC), body)
            await directory.add(tx.connection, document, NOON)
    await engine.dispose()


@pytest.fixture(scope="session")
async def engine(addresses: Addresses) -> AsyncIterator[AsyncEngine]:
    engine = create_engine(addresses.role, application="tests", pool_size=5)
    yield engine
    await engine.dispose()


@pytest.fixture(scope="session")
async def administrator(addresses: Addresses) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(addresses.admin)
    yield connection
    await connection.close()


@pytest.fixture
async def owner(administrator: asyncpg.Connection) -> asyncpg.Connection:
    """The database as its administrator sees it, past row-level security; emptied for each test."""
    tables = await administrator.fetch(
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        " AND relname NOT IN ('alembic_version', 'directory_document')"
    )
    # past foreign keys and the guards of the history
    await administrator.execute(
        "SET session_replication_role = replica;"
        + "".join(f"DELETE FROM {row['relname']};" for row in tables)
        + f"DELETE FROM directory_document WHERE revision > {len(CITY)};"
        + "SET session_replication_role = DEFAULT"
    )
    return administrator


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def work(engine: AsyncEngine, clock: Clock, owner: asyncpg.Connection) -> UnitOfWork:
    return UnitOfWork(engine, "agency-gateway", clock=clock)


@pytest.fixture
def city() -> CityRules:
    return CityRules()


@pytest.fixture
def registrar(work: UnitOfWork, city: CityRules) -> Registrar:
    return Registrar(work, city)


def _named(url: str, database: str) -> str:
    return f"{url.rpartition('/')[0]}/{database}"


@dataclass
class Gateway:
    """One service over HTTP, without its loops, and ways to be somebody there."""

    app: FastAPI
    http: httpx2.AsyncClient
    work: UnitOfWork
    registrar: Registrar
    admin: dict[str, str]

    async def register(self, *numbers: int, **decided: Any) -> None:
        """Open complaints, led by `dpupr` unless something else is said."""
        chosen = decision(**decided)
        await self.registrar.apply([complaint_routed(n, chosen) for n in numbers])

    async def person(
        self, username: str, agency: str | None = None, roles: str = "officer"
    ) -> dict[str, str]:
        """Headers of a person who signed in; the account is made without hashing a password."""
        token, token_hash = new_session_token()
        now = datetime.now(UTC)
        person = Person(
            PersonId(uuid5(NAMESPACE, username)),
            username,
            username.title(),
            AgencyCode(agency) if agency else None,
            frozenset(roles.split()),
        )
        async with self.work.begin({"app.role": "worker"}) as tx:
            await people.add(tx.connection, person, "none", now)
            until = now + timedelta(hours=1)
            await people.add_session(tx.connection, person.id, token_hash, now, until)
        return {"Authorization": f"Bearer {token}"}

    async def key(self, agency: str, *scopes: str) -> dict[str, str]:
        """Headers of an agency's system."""
        wanted = {
            "client": "system",
            "agency": agency,
            "scopes": list(scopes or ("queue:read", "queue:write")),
        }
        answer = await self.post("/v1/keys", wanted, self.admin)
        assert answer.status_code == 201
        return {"Authorization": f"Bearer {answer.json()['key']}"}

    async def post(
        self, path: str, body: Any, who: dict[str, str], **headers: str
    ) -> httpx2.Response:
        """POST with an Idempotency-Key of its own, and If-Match where it is given as `etag`."""
        more = {"Idempotency-Key": f'"{uuid4()}"', **who}
        if "etag" in headers:
            more["If-Match"] = headers.pop("etag")
        return await self.http.post(path, json=body, headers=more | headers)

    async def tell(self, pasts: list[dict[str, Any]]) -> dict[str, Any]:
        """What became of these lines of history."""
        headers = {"Content-Type": "application/x-ndjson", **self.admin}
        lines = b"\n".join(json.dumps(past).encode() for past in pasts)
        answer = await self.http.post("/v1/history", content=lines, headers=headers)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def get(self, path: str, who: dict[str, str]) -> httpx2.Response:
        return await self.http.get(path, headers=who)

    async def act(
        self, number: int, act: str, who: dict[str, str], body: Any = None
    ) -> httpx2.Response:
        """An act on complaint `number`, on the version that is there now."""
        path = f"/v1/complaints/{complaint_id(number)}"
        now = await self.get(path, who)
        tag = now.headers.get("ETag", '"none"')
        return await self.post(f"{path}/{act}", body or {}, who, etag=tag)

    async def state(self, number: int, who: dict[str, str]) -> str:
        answer = await self.get(f"/v1/complaints/{complaint_id(number)}", who)
        return str(answer.json()["state"])

    async def draft(
        self, who: dict[str, str], *numbers: int, text: str = "Lubang ditutup Jumat.", **more: Any
    ) -> httpx2.Response:
        """A new answer to some complaints."""
        body = {
            "kind": "answer",
            "purpose": "listening",
            "complaint_ids": [str(complaint_id(n)) for n in numbers],
            "text": text,
            "variants": {"x": "Lubang ditutup Jumat. {ticket}"},
        }
        return await self.post("/v1/statements", body | more, who)

    async def confirmed(
        self, author: dict[str, str], confirmer: dict[str, str], *numbers: int, **more: Any
    ) -> dict[str, Any]:
        """An answer that is confirmed and not published."""
        drafted = await self.draft(author, *numbers, **more)
        assert drafted.status_code == 201, drafted.text
        path = f"/v1/statements/{drafted.json()['id']}"
        assert (await self.post(f"{path}/review", {}, author)).status_code == 200
        seen = {"sha256": drafted.json()["sha256"]}
        answer = await self.post(f"{path}/confirm", seen, confirmer)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())


_PEPPER = "pepper-0123456789-abcdefghijklmnopqrstuv"


@pytest.fixture(scope="session")
def admin_key() -> tuple[str, KeyRecord]:
    """The operator's key and its entry in the ring."""
    scopes = ("persons:write", "keys:write", "directory:write", "history:write", "returns:read")
    pepper = Pepper(SecretStr(_PEPPER))
    return new_key("test", pepper=pepper, client="operator", scopes=scopes)


@pytest.fixture(scope="session")
def environ(
    addresses: Addresses,
    admin_key: tuple[str, KeyRecord],
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, str]:
    """Settings of a gateway whose Kafka is away."""
    ring = tmp_path_factory.mktemp("keys") / "ring.json"
    ring.write_text(json.dumps([admin_key[1].to_json()]), encoding="utf-8")
    return {
        "LINTAS_KAFKA": "127.0.0.1:9",
        "LINTAS_DATABASE_URL": addresses.role,
        "LINTAS_KEYS_FILE": str(ring),
        "LINTAS_KEY_PEPPER": _PEPPER,
        "LINTAS_QUARANTINE_KEY": b64encode(bytes(range(32))).decode(),
        "LINTAS_PUBLIC_URL": "https://jawab.example",
        "LINTAS_INGEST_URL": "http://127.0.0.1:9",
        "LINTAS_INGEST_KEY": "ingest-key-0123456789-abcdefghijklmnop",
        "LINTAS_LOG_LEVEL": "error",
        "LINTAS_DATABASE_POOL": "5",
    }


@pytest.fixture(scope="session")
async def app(environ: dict[str, str]) -> AsyncIterator[FastAPI]:
    app = create_app(environ)
    yield app
    await app.state.engine.dispose()


@pytest.fixture
async def gateway(
    app: FastAPI, admin_key: tuple[str, KeyRecord], work: UnitOfWork, registrar: Registrar
) -> AsyncIterator[Gateway]:
    transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://gateway") as http:
        yield Gateway(app, http, work, registrar, {"Authorization": f"Bearer {admin_key[0]}"})
