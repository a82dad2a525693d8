"""The addresses of metrics."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID, uuid5

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from lintas.auth import Principal, Scope
from lintas.database.work import UnitOfWork
from lintas.vocabulary.ids import NAMESPACE
from lintas.web import allow, public, require, require_idempotency_key
from metrics.domain.questions import Question
from metrics.schemas import (
    DefinitionsOut,
    KpiQuery,
    ListeningOut,
    RebuildOut,
    ReportOut,
    Selection,
)
from metrics.usecases import exporting, rebuilding, reporting


@dataclass(frozen=True, slots=True)
class Deps:
    """What the addresses need."""

    #: reads reports; patient
    reports: UnitOfWork
    work: UnitOfWork
    clock: Callable[[], datetime]


def routes(deps: Deps) -> APIRouter:
    """Every address under /v1."""
    router = APIRouter()

    async def moment(ask: Selection) -> datetime:
        known_to = None if ask.as_of else (await reporting.standing(deps.reports)).known_to
        return ask.moment(known_to, deps.clock())

    @router.get("/v1/kpis", tags=["kpis"], dependencies=[allow(public)], response_model=ReportOut)
    async def kpis(query: Annotated[KpiQuery, Query()]) -> Response:
        """Exact figures: the same facts, calendars and `as_of` give the same bytes."""
        question = query.question(await moment(query))
        report = await reporting.report(deps.reports, question)
        # written here, not by the framework, so that the bytes are ours
        return Response(
            ReportOut.of(report).model_dump_json(by_alias=True), media_type="application/json"
        )

    @router.get("/v1/kpis/definitions", tags=["kpis"], dependencies=[allow(public)])
    async def definitions() -> DefinitionsOut:
        """What each figure means, exact enough to recompute it from the raw topics."""
        return DefinitionsOut.current()

    @router.get("/v1/listening", tags=["kpis"], dependencies=[allow(public)])
    async def listening(query: Annotated[Selection, Query()]) -> ListeningOut:
        """Stance by stakeholder on every policy people speak about."""
        as_of = await moment(query)
        question = Question(as_of, period=query.period, filters=query.filters)
        return ListeningOut.of(await reporting.listening(deps.reports, question))

    @router.get("/v1/facts.csv", tags=["kpis"], dependencies=[require()])
    async def facts(query: Annotated[Selection, Query()]) -> Response:
        """Every fact behind the figures, one line each, by the receipt of its complaint."""
        as_of = await moment(query)
        lines = exporting.facts_csv(deps.reports, query.period, as_of)
        name = f"facts-{as_of:%Y%m%dT%H%M%SZ}.csv"
        return StreamingResponse(
            lines,
            media_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )

    @router.post("/v1/rebuilds", tags=["rebuilds"], status_code=202)
    async def rebuild(
        request: Request,
        response: Response,
        who: Annotated[Principal, require(Scope.KPIS_REBUILD)],
    ) -> RebuildOut:
        """Fold the whole log again beside the present figures, then show the result.

        While a rebuild is not finished it is the answer to every further request.
        """
        key = require_idempotency_key(request)
        asked = await rebuilding.request(
            deps.work, uuid5(NAMESPACE, f"rebuild/{who.actor}/{key}"), who.actor
        )
        response.headers["Location"] = f"/v1/rebuilds/{asked.id}"
        return RebuildOut.of(asked)

    @router.get("/v1/rebuilds/{rebuild_id}", tags=["rebuilds"])
    async def progress(
        rebuild_id: UUID, _who: Annotated[Principal, require(Scope.KPIS_REBUILD)]
    ) -> RebuildOut:
        """How far a rebuild is."""
        return RebuildOut.of(await rebuilding.find(deps.work, rebuild_id))

    return router
