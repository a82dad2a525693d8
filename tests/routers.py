"""The router as tests run it: on the real stack, asked over HTTP by two parties."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx2
from fastapi import FastAPI

from lintas_local.stack import Stack
from router.app import create_app

WITHIN_S = 30.0


@dataclass
class Running:
    """A router, the operator who hands rules in, and the publisher who publishes them."""

    app: FastAPI
    client: httpx2.AsyncClient
    kafka: str
    publisher: dict[str, str]

    async def post(self, path: str, body: Any, **headers: str) -> httpx2.Response:
        """As the operator."""
        return await self.client.post(path, json=body, headers=headers)

    async def publish(self, version: str, **body: str) -> httpx2.Response:
        """As the publisher."""
        path = f"/v1/rulesets/{version}/publish"
        return await self.client.post(path, json=body, headers=self.publisher)

    async def apply(self, document: dict[str, Any]) -> dict[str, Any]:
        """Store and publish a version, and wait until it is in force."""
        assert (await self.post("/v1/rulesets", document)).status_code in {200, 201}
        published = await self.publish(document["version"])
        assert published.status_code == 200, published.text

        async def in_force() -> dict[str, Any] | None:
            shown = (await self.client.get(f"/v1/rulesets/{document['version']}")).json()
            return shown if shown["in_force"] else None

        return await eventually(in_force)


async def eventually(look: Callable[[], Awaitable[Any]]) -> Any:
    """What `look` finds once it finds something."""
    async with asyncio.timeout(WITHIN_S):
        while True:
            found = await look()
            if found:
                return found
            await asyncio.sleep(0.05)


@asynccontextmanager
async def asked(app: FastAPI, stack: Stack) -> AsyncIterator[Running]:
    """A router that runs already."""
    operator, publisher = (
        {"Authorization": f"Bearer {stack.key(name)}"} for name in ("operator", "publisher")
    )
    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app=app), base_url="http://router", headers=operator
    ) as client:
        yield Running(app, client, stack.kafka, publisher)


@asynccontextmanager
async def running(stack: Stack, *, notice_s: float = 0.5) -> AsyncIterator[Running]:
    """One more instance."""
    settings = {"LINTAS_RULES_POLL_S": "0.2", "LINTAS_RULES_NOTICE_S": str(notice_s)}
    app = create_app({**stack.environ("router"), **settings})
    async with app.router.lifespan_context(app), asked(app, stack) as router:
        yield router


def document(word: str = "jalan berlubang", **more: Any) -> dict[str, Any]:
    """A rule set of one rule, under a name of its own."""
    return {
        "version": f"v-{uuid4().hex[:12]}",
        "zone": "Asia/Jakarta",
        "agencies": ["dpupr", "dlh"],
        "categories": ["road_damage"],
        "rules": [{"id": "road", "category": "road_damage", "lead": "dpupr", "any": [word]}],
    } | more
