"""Backtests over HTTP."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID, uuid5

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from lintas.auth import Principal, Scope
from lintas.vocabulary.ids import NAMESPACE
from lintas.web import json_body, require, require_idempotency_key
from router.schemas import BacktestIn, BacktestOut
from router.usecases.backtesting import Asked, Backtesting, Found
from router.usecases.following import Rules

Who = Annotated[Principal, require(Scope.RULES_WRITE)]
#: the page of a backtest, in the language of who asks
Report = Callable[[Request, BacktestOut], Response]


@dataclass(frozen=True, slots=True)
class BacktestDeps:
    """What the routes ask."""

    backtesting: Backtesting
    rules: Rules
    report: Report


def backtest_routes(deps: BacktestDeps) -> APIRouter:
    """The addresses of backtests."""
    router = APIRouter(prefix="/v1/backtests", tags=["backtests"])

    @router.post("", status_code=202)
    async def ask(
        who: Who,
        request: Request,
        response: Response,
        body: Annotated[BacktestIn, json_body(BacktestIn)],
    ) -> BacktestOut:
        """Hold a candidate against the corpus. The same key again is the same backtest."""
        key = require_idempotency_key(request)
        candidate = body.candidate
        against = deps.rules.in_force().version if body.against == "in_force" else None
        asked = Asked(
            candidate=candidate
            if isinstance(candidate, str)
            else candidate.model_dump(mode="json", by_alias=True),
            against=against,
            since=body.since,
            until=body.until,
        )
        backtest_id = uuid5(NAMESPACE, f"backtest/{who.actor}/{key}")
        backtest = await deps.backtesting.request(backtest_id, who.actor, asked)
        response.headers["Location"] = f"/v1/backtests/{backtest.id}"
        return BacktestOut.of(backtest)

    @router.get(
        "/{backtest_id}",
        response_model=BacktestOut,
        responses={200: {"content": {"text/html": {}}}},
    )
    async def find(_who: Who, request: Request, backtest_id: UUID) -> Response:
        """How far it is and what was found; as a page where `Accept` asks for one."""
        shown = _shown(await deps.backtesting.find(backtest_id))
        headers = {"Vary": "Accept, Accept-Language", "Cache-Control": "no-store"}
        if "text/html" in request.headers.get("accept", ""):
            page = deps.report(request, shown)
            page.headers.update(headers)
            return page
        return Response(shown.model_dump_json(), media_type="application/json", headers=headers)

    @router.post("/{backtest_id}/cancel")
    async def cancel(_who: Who, backtest_id: UUID) -> BacktestOut:
        """End it; what is over stays as it is."""
        return _shown(await deps.backtesting.cancel(backtest_id))

    return router


def _shown(found: Found) -> BacktestOut:
    return BacktestOut.of(found.backtest, found.result, dict(found.texts))
