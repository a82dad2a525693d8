"""A real ingest on a real database; Kafka is away unless a test brings it."""

import asyncio
import importlib.util
import json
import sys
from base64 import b64encode
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from itertools import chain, repeat
from pathlib import Path
from time import monotonic
from typing import Any

import asyncpg
import httpx2
import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from ingest.app import create_app, migrate
from lintas.auth import Pepper, new_key

# Test folders are no packages, so what several tests tell gets a name by hand.
if "ticket_story" not in sys.modules:
    spec = importlib.util.spec_from_file_location(
        "ticket_story", Path(__file__).with_name("ticket_story.py")
    )
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["ticket_story"] = module
    spec.loader.exec_module(module)

CITY = {
    "name": {"id": "Kota Bogor", "en": "Bogor City"},
    "ticket_prefix": "BGR",
    "zone": "Asia/Jakarta",
    "own_accounts": [{"channel": "x", "handles": ["pemkotbogor"]}],
}
_PEPPER = "pepper-0123456789-abcdefghijklmnopqrstuv"
#: client → what its key may do
CLIENTS = {
    "front-door": ["mentions:write"],
    "other-door": ["mentions:write"],
    "agency-gateway": ["vault:unseal", "media:read"],
    "importer": ["mentions:write", "history:write"],
    "archive": ["imports:write"],
    "other-archive": ["imports:write"],
    "operator": ["vault:erase", "quarantine:replay"],
    "counsel": ["vault:hold"],
}


@dataclass
class Ingest:
    """One running service, its clients, and a look into its database."""

    app: FastAPI
    keys: Mapping[str, str]
    database: asyncpg.Connection
    http: httpx2.AsyncClient = field(init=False)

    def __post_init__(self) -> None:
        transport = httpx2.ASGITransport(app=self.app, raise_app_exceptions=False)
        self.http = httpx2.AsyncClient(transport=transport, base_url="http://ingest")

    def bearer(self, client: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.keys[client]}"}

    async def post(
        self, mention: Any, *, key: str | None = None, client: str = "front-door", **more: Any
    ) -> httpx2.Response:
        headers = self.bearer(client) | ({"Idempotency-Key": f'"{key}"'} if key else {})
        return await self.http.post("/v1/mentions", json=mention, headers=headers, **more)

    async def batch(
        self,
        lines: list[Any],
        *,
        key: str | None = None,
        client: str = "front-door",
        query: str = "",
    ) -> httpx2.Response:
        body = b"\n".join(
            line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines
        )
        headers = {"Content-Type": "application/x-ndjson"} | self.bearer(client)
        headers |= {"Idempotency-Key": f'"{key}"'} if key else {}
        return await self.http.post(f"/v1/mentions/batch{query}", content=body, headers=headers)

    async def count(self, table: str) -> int:
        return int(await self.database.fetchval(f"SELECT count(*) FROM {table}"))

    async def events(self) -> list[dict[str, Any]]:
        rows = await self.database.fetch("SELECT value FROM outbox ORDER BY id")
        return [json.loads(row["value"]) for row in rows]


StartIngest = Callable[..., AbstractAsyncContextManager[Ingest]]


@pytest.fixture
async def database(empty_database: str, environ: dict[str, str]) -> AsyncIterator[str]:
    """An address of a database with ingest's tables and one city document."""
    await migrate(environ | {"LINTAS_DATABASE_OWNER_URL": empty_database})
    plain = empty_database.replace("+asyncpg", "")
    connection = await asyncpg.connect(plain)
    await connection.execute(
        "INSERT INTO city_document (id, version, known_from, body)"
        " VALUES ('bogor', '1', '2026-01-01', $1)",
        json.dumps(CITY),
    )
    await connection.close()
    return empty_database


@pytest.fixture
def keys() -> dict[str, str]:
    """Each client's key; filled with the ring."""
    return {}


@pytest.fixture
def environ(empty_database: str, keys: dict[str, str], tmp_path: Path) -> dict[str, str]:
    """Settings of an ingest whose Kafka is away."""
    pepper = Pepper(SecretStr(_PEPPER))
    records = []
    for client, scopes in CLIENTS.items():
        keys[client], record = new_key("test", pepper=pepper, client=client, scopes=scopes)
        records.append(record.to_json())
    ring = tmp_path / "ring.json"
    ring.write_text(json.dumps(records), encoding="utf-8")
    return {
        "LINTAS_KAFKA": "127.0.0.1:9",
        "LINTAS_DATABASE_URL": empty_database,
        "LINTAS_KEYS_FILE": str(ring),
        "LINTAS_KEY_PEPPER": _PEPPER,
        "LINTAS_VAULT_KEY": b64encode(bytes(range(32))).decode(),
        "LINTAS_COMPLAINT_ID_KEY": "complaint-ids-0123456789-abcdefghijk",
        "LINTAS_QUARANTINE_KEY": b64encode(bytes(range(100, 132))).decode(),
        "LINTAS_PUBLIC_URL": "https://lapor.example",
        "LINTAS_AGENCY_GATEWAY_URL": "https://jawab.example",
        "LINTAS_LOG_LEVEL": "error",
        "LINTAS_MEDIA_FOLDER": str(tmp_path / "media"),
    }


@pytest.fixture
def start(environ: dict[str, str], keys: dict[str, str]) -> StartIngest:
    """Runs an ingest for the length of a block; settings may be changed."""

    @asynccontextmanager
    async def run(*, wait_for_city: bool = True, **changes: str) -> AsyncIterator[Ingest]:
        app = create_app(environ | changes)
        connection = await asyncpg.connect(environ["LINTAS_DATABASE_URL"].replace("+asyncpg", ""))
        async with app.router.lifespan_context(app):
            service = Ingest(app, keys, connection)
            if wait_for_city:
                await until(lambda: _has_city(app))
            async with service.http:
                yield service
        await connection.close()

    return run


@pytest.fixture
async def ingest(database: str, start: StartIngest) -> AsyncIterator[Ingest]:
    """A running ingest with a city."""
    async with start() as service:
        yield service


async def _has_city(app: FastAPI) -> bool:
    return app.state.deps.cities.in_force() is not None


async def until(holds: Callable[[], Awaitable[bool]], timeout_s: float = 20) -> None:
    """Return as soon as a condition holds; fail if it does not in time."""
    end = monotonic() + timeout_s
    for pause_s in chain(repeat(0.01, 100), repeat(0.1)):
        if await holds():
            return
        assert monotonic() < end, "it never held"
        await asyncio.sleep(pause_s)


@pytest.fixture(name="until")
def until_fixture() -> Callable[..., Awaitable[None]]:
    """See `until`."""
    return until
