"""The corpus over HTTP, to train on."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from lintas.auth import Principal, Scope
from lintas.web import Cursors, Limit, Moment, next_link, require
from router.schemas import CorpusPage
from router.usecases.exporting import Exporting

Who = Annotated[Principal, require(Scope.RULES_WRITE)]


@dataclass(frozen=True, slots=True)
class CorpusDeps:
    """What the route asks."""

    exporting: Exporting
    cursors: Cursors


def corpus_routes(deps: CorpusDeps) -> APIRouter:
    """The address of the corpus."""
    router = APIRouter(prefix="/v1", tags=["corpus"])

    @router.get("/corpus")
    async def page(
        who: Who,
        request: Request,
        response: Response,
        since: Moment | None = None,
        until: Moment | None = None,
        limit: Limit = 50,
        cursor: Annotated[str | None, Query(max_length=1024)] = None,
    ) -> CorpusPage:
        """Settled complaints in the order of receipt. A page may hold fewer than `limit`, or none.

        Until now, unless `until` says otherwise; later pages keep to the moment of the first.
        """
        response.headers["Cache-Control"] = "no-store"
        scope, after = f"corpus:{since}:{until}", None
        end = until or datetime.now(UTC)
        if cursor is not None:
            told, at, last = map(str, deps.cursors.read(cursor, scope=scope))
            end, after = datetime.fromisoformat(told), (datetime.fromisoformat(at), UUID(last))
        cases = await deps.exporting.page(who.actor, (since, end), after, limit)
        if len(cases) == limit:
            last_one = cases[-1]
            place = [str(end), str(last_one.mention.received_at), str(last_one.complaint_id)]
            signed = deps.cursors.sign(place, scope=scope)
            response.headers["Link"] = next_link(request, signed, limit)
        return CorpusPage.of(cases)

    return router
