"""The addresses that operators and machines ask: alive, ready, metrics, what a problem means."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import orjson
from fastapi import APIRouter
from starlette.responses import PlainTextResponse, Response

from lintas.telemetry import METRICS_CONTENT_TYPE, gauge, render_metrics
from lintas.vocabulary.errors import NotFound
from lintas.web.policies import allow, public
from lintas.web.problems import kinds, sentence_of, status_of

PROBE_S = 2.0


@dataclass(frozen=True, slots=True)
class Probe:
    """One thing a service needs in order to be ready."""

    name: str
    #: None if it is well, otherwise why not, in words an operator may read
    check: Callable[[], Awaitable[str | None]]


def operations(service: str, probes: Sequence[Probe]) -> APIRouter:
    """The routes every service has."""
    router = APIRouter(dependencies=[allow(public)], tags=["operations"])

    @router.get("/healthz")
    async def alive() -> dict[str, str]:
        """The process answers; says nothing about what it depends on."""
        return {"status": "alive", "service": service}

    @router.get("/readyz", responses={503: {"description": "A probe is red"}})
    async def ready() -> Response:
        """Whether the service can do its work, with each probe and, if it is red, why."""
        reasons = await asyncio.gather(*[_ask(probe) for probe in probes])
        report = {
            probe.name: {"ok": why is None} | ({"why": why} if why else {})
            for probe, why in zip(probes, reasons, strict=True)
        }
        ok = all(why is None for why in reasons)
        body = {"status": "ready" if ok else "not ready", "service": service, "probes": report}
        return Response(orjson.dumps(body), 200 if ok else 503, media_type="application/json")

    @router.get("/metrics", response_class=PlainTextResponse)
    async def metrics() -> Response:
        """Prometheus metrics."""
        return Response(render_metrics(), media_type=METRICS_CONTENT_TYPE)

    @router.get("/problems/{code}", response_class=PlainTextResponse)
    async def problem(code: str) -> PlainTextResponse:
        """What a problem type means."""
        kind = kinds().get(code)
        if kind is None:
            raise NotFound("There is no such problem type.")
        return PlainTextResponse(f"{code} (HTTP {status_of(kind)})\n\n{sentence_of(kind)}\n")

    return router


async def _ask(probe: Probe) -> str | None:
    try:
        async with asyncio.timeout(PROBE_S):
            why = await probe.check()
    except TimeoutError:
        why = f"no answer within {PROBE_S:g} s"
    except Exception as error:  # noqa: BLE001  # any failure of a probe is an answer: not ready
        why = type(error).__name__
    gauge("lintas_ready", float(why is None), probe=probe.name)
    return why
