"""Yardstick of claiming: the service's own statements behind a raw route, without its checks."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import orjson
import uvicorn
from fastapi import FastAPI, Request, Response
from tests.bench.yardsticks import plain

from agency_gateway.store import queue

_TYPES = {
    "claim": "uuid",
    "agency": "text",
    "holder": "text",
    "now": "timestamptz",
    "expires_at": "timestamptz",
    "most": "bigint",
}
_NAME = re.compile(r"(?<!:):(\w+)")
_RELEASE = "UPDATE claim SET released_at = $2 WHERE id = $1"
_FREE = (
    "UPDATE assignment SET claim_id = NULL, claimed_by = NULL, claimed_until = NULL"
    " WHERE claim_id = $1"
)
_CONNECTIONS = 8


def positional(statement: str) -> tuple[str, list[str]]:
    """A statement with its named parameters by number, and their names in order."""
    names = list(dict.fromkeys(_NAME.findall(statement)))
    numbers = {name: place for place, name in enumerate(names, 1)}
    return _NAME.sub(lambda found: f"${numbers[found[1]]}::{_TYPES[found[1]]}", statement), names


def create_app(given: dict[str, Any]) -> FastAPI:
    """Claiming and releasing."""
    claim, names = positional(queue._CLAIM.text)
    held, _ = positional(queue._HELD.text)
    state: dict[str, asyncpg.Pool] = {}

    async def as_officer(connection: asyncpg.Connection) -> None:
        await connection.execute(
            "SELECT set_config('app.role', 'officer', false), set_config('app.agency', $1, false)",
            given["agency"],
        )

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        # settings of a session would be forgotten when a connection goes back into the pool
        async with asyncpg.create_pool(
            given["database"], min_size=_CONNECTIONS, max_size=_CONNECTIONS, setup=as_officer
        ) as pool:
            state["pool"] = pool
            yield

    app = FastAPI(lifespan=lifespan)

    @app.get("/healthz")
    async def healthz() -> Response:
        return Response()

    @app.post("/v1/agencies/{agency}/claims")
    async def claims(agency: str, request: Request) -> Response:
        wanted = orjson.loads(await request.body())
        now = datetime.now(UTC)
        values = {
            "claim": uuid4(),
            "agency": agency,
            "holder": "client:yardstick",
            "now": now,
            "expires_at": now + timedelta(seconds=wanted["lease_s"]),
            "most": wanted["max"],
        }
        async with state["pool"].acquire() as connection, connection.transaction():
            await connection.execute(claim, *(values[name] for name in names))
            rows = await connection.fetch(held, values["claim"])
        items = [dict(row) for row in rows]
        body = orjson.dumps({"claim_id": values["claim"], "items": items}, default=str)
        return Response(body, media_type="application/json")

    @app.post(f"/v1/agencies/{given['agency']}/claims/{{claim_id}}/release")
    async def release(claim_id: str) -> Response:
        async with state["pool"].acquire() as connection, connection.transaction():
            await connection.execute(_RELEASE, claim_id, datetime.now(UTC))
            await connection.execute(_FREE, claim_id)
        return Response(status_code=204)

    return app


if __name__ == "__main__":
    told = plain.settings()
    uvicorn.run(
        create_app(told), host="127.0.0.1", port=told["port"], access_log=False, log_level="warning"
    )
