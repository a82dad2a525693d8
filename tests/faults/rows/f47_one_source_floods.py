"""One source floods every front door; others and the officers must hardly notice."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

import httpx2
from tests.faults.flood import NUMBER
from tests.faults.pack import AGENCIES
from tests.faults.scene import Fault, Load, Scene

_ACCOUNTS = Path(__file__).parents[1] / "accounts" / "accounts.yaml"
#: requests a second that one source may make by its key, and for pages; others stay within it
_QUOTA, _VISITS = 10, 5
#: what it makes where it floods, and where it uses all of them and no more; forms and pages share theirs
_FLOOD = {"mention": 800.0, "page": 120.0, "form": 20.0, "webhook": 60.0}
_WITHIN = {"mention": 9.8, "page": 4.2, "form": 0.7}
#: enough for a thousand a second where refusals are let wait
_CONNECTIONS = 800
#: turn by turn, so that both meet the same machine
_TURNS, _TURN_S = 4, 28.0
#: until what a source may ask at once is spent
_SETTLE_S = 2.0
#: queue reads a second
_READS = 9.5
#: how often the measuring process looks whether it is late itself
_BEAT_S = 0.01
_MOST = 1.2
#: below that a difference is the machine's
_NOISE_S = 0.004

Spans = list[tuple[float, float]]


async def happen(scene: Scene) -> None:
    """A source that uses its quota and the same far beyond it, in turns, while others work."""
    reads: Spans = []
    beats: Spans = []
    spans: dict[str, Spans] = {"within": [], "flooded": []}
    spent_s = {"ingest": dict.fromkeys(spans, 0.0), "the machine": dict.fromkeys(spans, 0.0)}
    told: dict[str, list[dict[str, Any]]] = {phase: [] for phase in spans}
    async with _officers(scene, reads), _beating(scene, beats):
        for _ in range(_TURNS):
            for phase, rates in {"within": _WITHIN, "flooded": _FLOOD}.items():
                asking = asyncio.create_task(_ask(scene, rates, _SETTLE_S + _TURN_S))
                await asyncio.sleep(_SETTLE_S)
                began, before = scene.history.now_s(), _busy_s(scene)
                await asyncio.sleep(_TURN_S)
                spans[phase].append((began, scene.history.now_s()))
                for who, busy_s in _busy_s(scene).items():
                    spent_s[who][phase] += busy_s - before[who]
                told[phase].append(await asking)
    for phase, turns in told.items():
        scene.measured[f"{phase}, answers a second"] = _answers(turns)
    for who, busy in spent_s.items():
        scene.measured[f"cores busy, {who}"] = {
            phase: round(seconds / _TURNS / _TURN_S, 2) for phase, seconds in busy.items()
        }
    scene.measured["the flood itself"] = {
        "late p99 ms": max(one["late_p99_ms"] for one in told["flooded"]),
        "cores busy": round(
            sum(one["processor_s"] for one in told["flooded"]) / (_TURNS * (_SETTLE_S + _TURN_S)),
            2,
        ),
    }
    flooded = _answers(told["flooded"])
    if any("429" not in flooded[door] for door in ("mention", "page", "form")):
        scene.refuse("I6", "a flood that was not refused", flooded)
    mentions = [
        (one.began_s, one.ended_s - one.began_s)
        for one in scene.history.of("mention")
        if one.ended_s is not None
    ]
    _compare(scene, "the measuring process, late", beats, spans)
    for who, times in (("other sources", mentions), ("officers", reads)):
        found = _compare(scene, who, times, spans)
        ratio = found["flooded"] / found["within"]
        if ratio > _MOST and found["flooded"] - found["within"] > _NOISE_S:
            scene.refuse("I6", f"{who}: p99 over {_MOST} x its quiet value", f"{ratio:.2f}")


def _compare(scene: Scene, who: str, times: Spans, spans: dict[str, Spans]) -> dict[str, float]:
    """The 99th percentile of each phase; it is noted, with the median and how many it is of."""
    told: dict[str, Any] = {}
    found: dict[str, float] = {}
    for phase, within in spans.items():
        taken = sorted(
            took for began, took in times if any(start <= began < end for start, end in within)
        )
        found[phase] = taken[int(len(taken) * 0.99)] if taken else float("inf")
        told[phase] = {
            "p50": round(taken[len(taken) // 2] * 1000, 1) if taken else None,
            "p99": round(found[phase] * 1000, 1),
            "of": len(taken),
        }
    told["flooded/within"] = round(found["flooded"] / found["within"], 2)
    scene.measured[f"{who}, ms"] = told
    return found


def _busy_s(scene: Scene) -> dict[str, float]:
    """Processor time that was used so far, by ingest and in all."""
    [kept] = scene.city.services["ingest"]
    own = Path(f"/proc/{kept.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    # all but idle and waiting for disks
    user, nice, system, _, _, *rest = Path("/proc/stat").read_text(encoding="utf-8").split()[1:9]
    tick = os.sysconf("SC_CLK_TCK")
    return {
        "ingest": (int(own[11]) + int(own[12])) / tick,
        "the machine": sum(map(int, (user, nice, system, *rest))) / tick,
    }


async def _ask(scene: Scene, rates: Mapping[str, float], seconds: float) -> dict[str, Any]:
    address = urlsplit(scene.city.addresses("ingest")[0])
    assert address.hostname
    body = (
        f'{{"channel":"web","external_id":"flood-{scene.run}-{NUMBER}","text":"Banjir {NUMBER}"}}'
    )
    form = "text=Lampu+mati+di+jalan&address=Jalan+Mawar"
    key = f"Authorization: Bearer {scene.city.stack.key('operator')}\r\n"
    requests = {
        "mention": _request("POST", "/v1/mentions", "application/json", body, key),
        "page": _request("GET", "/lapor", None, ""),
        "form": _request("POST", "/lapor", "application/x-www-form-urlencoded", form),
        "webhook": _request(
            "POST", "/v1/webhooks/telegram/kota", "application/json", "{}" + " " * 20_000
        ),
    }
    order = {
        "host": address.hostname,
        "port": address.port,
        "seconds": seconds,
        "connections": _CONNECTIONS,
        "doors": [
            {"name": name, "rate": rate, "request": requests[name]} for name, rate in rates.items()
        ],
    }
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.faults.flood"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[3],
    )
    told, _ = await process.communicate(json.dumps(order).encode())
    answers: dict[str, Any] = json.loads(told)
    return answers


def _request(method: str, path: str, kind: str | None, body: str, more: str = "") -> str:
    of_body = f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n" if kind else ""
    return f"{method} {path} HTTP/1.1\r\nHost: flood\r\n{more}{of_body}\r\n{body}"


@asynccontextmanager
async def _officers(scene: Scene, reads: Spans) -> AsyncIterator[None]:
    """Officers read their queues at a steady rate; when each reading began, and how long it took."""
    gateway = scene.city.addresses("agency-gateway")[0]

    async def read(client: httpx2.AsyncClient, agency: str) -> None:
        began_s, began = scene.history.now_s(), monotonic()
        session = {"Authorization": f"Bearer {scene.city.session(f'petugas.{agency}')}"}
        answer = await client.get(f"/v1/agencies/{agency}/queue?limit=50", headers=session)
        if answer.is_success:
            reads.append((began_s, monotonic() - began))

    async def work(client: httpx2.AsyncClient, agency: str) -> None:
        while True:
            began = monotonic()
            await read(client, agency)
            await asyncio.sleep(max(0.0, len(AGENCIES) / _READS - (monotonic() - began)))

    async with httpx2.AsyncClient(base_url=gateway, trust_env=False, timeout=10) as client:
        tasks = [asyncio.create_task(work(client, agency)) for agency in AGENCIES]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


@asynccontextmanager
async def _beating(scene: Scene, beats: Spans) -> AsyncIterator[None]:
    """How late the process is that measures: what it sees of others can be no sharper."""

    async def beat() -> None:
        while True:
            began_s, began = scene.history.now_s(), monotonic()
            await asyncio.sleep(_BEAT_S)
            beats.append((began_s, monotonic() - began - _BEAT_S))

    task = asyncio.create_task(beat())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def _answers(turns: list[dict[str, Any]]) -> dict[str, dict[str, float]]:
    """By door and status, in the mean of a phase's turns."""
    seconds = len(turns) * (_SETTLE_S + _TURN_S)
    doors = turns[0]["answers"]
    return {
        door: {
            status: round(sum(one["answers"][door].get(status, 0) for one in turns) / seconds, 1)
            for status in sorted({status for one in turns for status in one["answers"][door]})
        }
        for door in doors
    }


FAULT = Fault(
    number=47,
    name="one-source-floods",
    title=(
        f"One source asks {sum(_FLOOD.values()):.0f} times a second at all front doors"
        f" (its key may {_QUOTA}, its address {_VISITS} pages), in turns with its quota"
    ),
    goal_s=30,
    happen=happen,
    # few new mentions, one of each service: where the machine has no room left, all wait for that
    instances=dict.fromkeys(("ingest", "router", "agency-gateway", "metrics"), 1),
    load=Load(rate=9.0),
    settings={
        "LINTAS_QUOTA_KEY": str(_QUOTA * 60),
        "LINTAS_QUOTA_VISITS": str(_VISITS * 60),
        "LINTAS_ACCOUNTS_FILE": str(_ACCOUNTS),
    },
)
