"""Backtests over HTTP."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID, uuid5

from fastapi import APIRouter, Query
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from lintas.auth import Principal, Scope
from lintas.vocabulary.ids import NAMESPACE
from lintas.web import (
    Cursors,
    Limit,
    json_body,
    next_address,
    next_link,
    require,
    require_idempotency_key,
)
from router.schemas import BacktestIn, BacktestListed, BacktestOut, BacktestPage
from router.usecases.backtesting import Asked, Backtesting, Found
from router.usecases.following import Rules

Who = Annotated[Principal, require(Scope.RULES_WRITE)]
#: the page of a backtest, in the language of who asks
Report = Callable[[Request, BacktestOut], Response]
#: the page of the list, and the address of the next page
Listing = Callable[[Request, BacktestPage, str | None], Response]
_LIST = "backtests"
_PAGE: dict[int | str, dict[str, Any]] = {200: {"content": {"text/html": {}}}}


@dataclass(frozen=True, slots=True)
class BacktestDeps:
    """What the routes ask."""

    backtesting: Backtesting
    rules: Rules
    report: Report
    listing: Listing
    cursors: Cursors


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

    @router.get("", response_model=BacktestPage, responses=_PAGE)
    async def page(
        _who: Who,
        request: Request,
        limit: Limit = 50,
        cursor: Annotated[str | None, Query(max_length=1024)] = None,
    ) -> Response:
        """Backtests, the latest first; as a page where `Accept` asks for one."""
        before = None
        if cursor is not None:
            at, last = map(str, deps.cursors.read(cursor, scope=_LIST))
            before = datetime.fromisoformat(at), UUID(last)
        found = await deps.backtesting.page(limit + 1, before)
        items = [BacktestListed.listed(one) for one in found[:limit]]
        shown, following, headers = BacktestPage(items=items), None, {}
        if len(found) > limit:
            place = [items[-1].requested_at.isoformat(), str(items[-1].id)]
            cursor = deps.cursors.sign(place, scope=_LIST)
            following = next_address(request, cursor, limit)
            headers["Link"] = next_link(request, cursor, limit)
        answer = _answer(request, shown, lambda: deps.listing(request, shown, following))
        answer.headers.update(headers)
        return answer

    @router.get("/{backtest_id}", response_model=BacktestOut, responses=_PAGE)
    async def find(_who: Who, request: Request, backtest_id: UUID) -> Response:
        """How far it is and what was found; as a page where `Accept` asks for one."""
        shown = _shown(await deps.backtesting.find(backtest_id))
        return _answer(request, shown, lambda: deps.report(request, shown))

    @router.post("/{backtest_id}/cancel")
    async def cancel(_who: Who, backtest_id: UUID) -> BacktestOut:
        """End it; what is over stays as it is."""
        return _shown(await deps.backtesting.cancel(backtest_id))

    return router


def _answer(request: Request, shown: BaseModel, page: Callable[[], Response]) -> Response:
    """As it is asked for: a page, or JSON."""
    if "text/html" in request.headers.get("accept", ""):
        answer = page()
    else:
        answer = Response(shown.model_dump_json(), media_type="application/json")
    answer.headers.update({"Vary": "Accept, Accept-Language", "Cache-Control": "no-store"})
    return answer


def _shown(found: Found) -> BacktestOut:
    return BacktestOut.of(found.backtest, found.result, dict(found.texts))
