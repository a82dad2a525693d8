"""Requests just under, at and over every limit, and far over it."""

import json
from typing import Any

import httpx2
from tests.faults.history import Outcome
from tests.faults.observe import Final
from tests.faults.scene import Fault, Scene

_MIB = 1_048_576
_TEXT = 10_000
_LINES = 8 * _MIB
_ACCEPTED, _TOO_LARGE, _INVALID = 202, 413, 422


async def happen(scene: Scene) -> None:
    """One after the other, while the load goes on."""
    async with httpx2.AsyncClient(
        base_url=scene.city.addresses("ingest")[0],
        trust_env=False,
        timeout=30,
        headers={"Authorization": f"Bearer {scene.citizens.key}"},
    ) as client:
        for length in (_TEXT - 1, _TEXT, _TEXT + 1):
            for letter in ("a", "😀"):
                body, asked = _mention(scene, letter * length)
                expected = _ACCEPTED if length <= _TEXT else _INVALID
                await _send(scene, client, body, asked, expected)
        for size in (_MIB - 1, _MIB, _MIB + 1, 10_000_000):
            body, asked = _mention(scene, "padded ")
            expected = _ACCEPTED if size <= _MIB else _TOO_LARGE
            await _send(scene, client, _padded(body, size), asked, expected)
        await _largest(scene, client)
        for size in (_LINES - 1, _LINES, _LINES + 1):
            await _batch(scene, client, size)


async def judge(scene: Scene, _final: Final) -> None:
    """No producer had to be replaced: nothing that was accepted is too large for the log."""
    async with httpx2.AsyncClient(trust_env=False) as client:
        for service in ("ingest", "router", "agency-gateway"):
            for address in scene.city.addresses(service):
                page = (await client.get(f"{address}/metrics")).text
                for line in page.splitlines():
                    name, _, value = line.rpartition(" ")
                    if name == "lintas_producers_replaced_total" and float(value):
                        scene.refuse("I7", "producers replaced", f"{service}: {value}")


def _mention(scene: Scene, text: str) -> tuple[bytes, dict[str, Any]]:
    said = scene.citizens.say()
    words = f"{said.canary} {text}"[: max(len(text), len(said.canary) + 1)]
    body = said.body | {"text": words, "external_id": said.identity}
    return json.dumps(body, ensure_ascii=False).encode(), {
        "identity": said.identity,
        "canary": said.canary,
    }


async def _largest(scene: Scene, client: httpx2.AsyncClient) -> None:
    """As much as every field takes: the largest event there can be."""
    said = scene.citizens.say()
    media = [{"url": "https://example.org/" + "m" * 1_980, "media_type": "a/b"}] * 10
    body = {
        "channel": "w" * 32,
        "account": "a" * 500,
        "external_id": said.identity.ljust(500, "x"),
        "in_reply_to": "r" * 500,
        "text": f"{said.canary} ".ljust(_TEXT, "😀"),
        "author": {"handle": "h" * 100, "name": "😀" * 100, "email": "e" * 254},
        "location": {"lat": -6.5, "lon": 106.8, "address": "😀" * 500},
        "media": media,
    }
    asked = {"identity": said.identity, "canary": said.canary}
    encoded = json.dumps(body, ensure_ascii=True).encode()
    await _send(scene, client, encoded, asked, _ACCEPTED)


async def _batch(scene: Scene, client: httpx2.AsyncClient, size: int) -> None:
    body, _ = _mention(scene, "line")
    answer = await client.post(
        "/v1/mentions/batch",
        content=_padded(body, size),
        headers={"Content-Type": "application/x-ndjson"},
    )
    # one line of 8 MiB is over a line's own limit, but only a larger body is refused as a whole
    if (answer.status_code == _TOO_LARGE) is not (size > _LINES):
        scene.refuse("I7", f"batch of {size} bytes answered", str(answer.status_code))


async def _send(
    scene: Scene,
    client: httpx2.AsyncClient,
    body: bytes,
    asked: dict[str, Any],
    expected: int,
) -> None:
    operation = scene.history.invoke("sizes", "mention", **asked, bytes=len(body))
    try:
        answer = await client.post(
            "/v1/mentions", content=body, headers={"Content-Type": "application/json"}
        )
    except httpx2.HTTPError as error:
        # a server may close while a far too large body is still being sent
        scene.history.complete(operation, Outcome.INFO, told={"error": type(error).__name__})
        if expected != _TOO_LARGE:
            scene.refuse("I7", f"{len(body)} bytes answered", type(error).__name__)
        return
    told = answer.json() if answer.is_success else {}
    scene.history.complete(
        operation, Outcome.OK if answer.is_success else Outcome.FAIL, answer.status_code, told
    )
    if answer.status_code != expected:
        scene.refuse("I7", f"{len(body)} bytes answered", str(answer.status_code))


def _padded(body: bytes, size: int) -> bytes:
    return body + b" " * (size - len(body))


FAULT = Fault(
    number=32,
    name="sizes",
    title="Payloads at each limit -1, 0, +1 byte, and 10 MB",
    goal_s=5,
    happen=happen,
    judge=judge,
)
