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
#: requests a second that one source may make by its key, and for pages
_QUOTA, _VISITS = 20, 10
#: what it makes where it floods, and where it keeps within them; forms and pages share theirs
_FLOOD = {"mention": 300.0, "page": 60.0, "form": 30.0, "webhook": 60.0}
_WITHIN = {"mention": 18.0, "page": 6.0, "form": 3.0}
#: turn by turn, so that all meet the same machine
_TURNS, _TURN_S = 3, 8.0
#: until what a silent source may ask at once is spent: at first all, then what came back
_WARM_S, _SETTLE_S = 10.0, 2.0
#: queue reads a second
_READS = 20.0
_MOST = 1.2
#: below that a difference is the machine's
_NOISE_S = 0.004

Spans = list[tuple[float, float]]


async def happen(scene: Scene) -> None:
    """Silence, a source within its quota and the same far beyond it, in turns, while others work."""
    reads: Spans = []
    spans: dict[str, Spans] = {"silent": [], "within": [], "flooded": []}
    spent_s = dict.fromkeys(spans, 0.0)
    answers: list[dict[str, Any]] = []
    async with _officers(scene, reads):
        await _ask(scene, _FLOOD, _WARM_S)
        for _ in range(_TURNS):
            for phase, what in {"within": _WITHIN, "flooded": _FLOOD, "silent": {}}.items():
                asking = asyncio.create_task(_ask(scene, what, _SETTLE_S + _TURN_S))
                await asyncio.sleep(_SETTLE_S)
                began, cpu_s = scene.history.now_s(), _cpu_s(scene)
                await asyncio.sleep(_TURN_S)
                spans[phase].append((began, scene.history.now_s()))
                spent_s[phase] += _cpu_s(scene) - cpu_s
                told = await asking
                if phase == "flooded":
                    answers.append(told)
    told = _sum(answers)
    scene.measured["flood, answers"] = told
    for phase, seconds in spent_s.items():
        scene.measured[f"ingest, busy while {phase}"] = f"{seconds / _TURNS / _TURN_S:.0%}"
    if any("429" not in told[door] for door in ("mention", "page", "form")):
        scene.refuse("I6", "a flood that was not refused", told)
    mentions = [
        (one.began_s, one.ended_s - one.began_s)
        for one in scene.history.of("mention")
        if one.ended_s is not None
    ]
    for who, times in (("other sources", mentions), ("officers", reads)):
        found = {phase: _p99(times, spans[phase]) for phase in spans}
        ratio = found["flooded"] / found["within"]
        scene.measured[f"{who}, p99 ms"] = {
            phase: round(value * 1000, 1) for phase, value in found.items()
        } | {"flooded/within": round(ratio, 2)}
        if ratio > _MOST and found["flooded"] - found["within"] > _NOISE_S:
            scene.refuse("I6", f"{who}: p99 over {_MOST} x its quiet value", f"{ratio:.2f}")


def _cpu_s(scene: Scene) -> float:
    """Processor time that ingest has used."""
    [kept] = scene.city.services["ingest"]
    parts = Path(f"/proc/{kept.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(parts[11]) + int(parts[12])) / os.sysconf("SC_CLK_TCK")


async def _ask(scene: Scene, rates: Mapping[str, float], seconds: float) -> dict[str, Any]:
    if not rates:
        await asyncio.sleep(seconds)
        return {}
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
        "seconds": seconds,
        "doors": [
            {"name": name, "host": address.hostname, "port": address.port}
            | {"rate": rate, "request": requests[name]}
            for name, rate in rates.items()
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


def _p99(times: Spans, within: Spans) -> float:
    found = sorted(
        took for began, took in times if any(start <= began < end for start, end in within)
    )
    return found[int(len(found) * 0.99)] if found else float("inf")


def _sum(answers: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        door: {
            "rate": round(sum(one[door]["rate"] for one in answers) / len(answers), 1),
            **{
                status: sum(one[door].get(status, 0) for one in answers)
                for status in sorted({key for one in answers for key in one[door]} - {"rate"})
            },
        }
        for door in answers[0]
    }


FAULT = Fault(
    number=47,
    name="one-source-floods",
    title=(
        f"One source asks up to {sum(_FLOOD.values()):.0f} times a second at every front"
        f" door (its key may {_QUOTA}), in turns with silence"
    ),
    goal_s=30,
    happen=happen,
    load=Load(rate=15.0),
    settings={
        "LINTAS_QUOTA_KEY": str(_QUOTA * 60),
        "LINTAS_QUOTA_VISITS": str(_VISITS * 60),
        "LINTAS_ACCOUNTS_FILE": str(_ACCOUNTS),
    },
)
