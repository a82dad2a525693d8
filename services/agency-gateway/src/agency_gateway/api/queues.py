from datetime import datetime, timedelta
from functools import partial
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from agency_gateway.api.asking import (
    AgencyPath,
    Cursor,
    Signer,
    UseCases,
    ask,
    identified,
    respond,
    shown,
)
from agency_gateway.schemas.queues import ClaimIn, ClaimOut, QueueOut, RenewIn, items_of
from agency_gateway.schemas.shapes import CODE, Nothing
from agency_gateway.usecases.asking import Answer
from agency_gateway.usecases.queues import Filter, Leased, position
from agency_gateway.usecases.sight import actor_of
from lintas.auth import Principal, Scope
from lintas.vocabulary.ids import AgencyCode
from lintas.web import Limit, json_body, next_link, require

router = APIRouter(tags=["queue"])

_Word = Annotated[str | None, Query(pattern=CODE)]


@router.get("/v1/agencies/{agency}/queue", response_model=QueueOut)
async def queue(  # one parameter per filter, each in the documentation
    request: Request,
    who: Annotated[Principal, require(Scope.QUEUE_READ)],
    use: UseCases,
    cursors: Signer,
    agency: AgencyPath,
    state: Annotated[Literal["queued", "accepted"] | None, Query()] = None,
    category: _Word = None,
    channel: _Word = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """An agency's open assignments, the next breach first."""
    of = Filter(AgencyCode(agency), state, category, channel)
    scope = f"queue/{agency}/{state}/{category}/{channel}"
    after = None
    if cursor is not None:
        due_at, id_ = cursors.read(cursor, scope=scope)
        after = (datetime.fromisoformat(str(due_at)), UUID(str(id_)))
    items, has_more = await use.queues.page(who, of, after, limit)
    response = respond(shown(QueueOut(items=items_of(items, actor_of(who)), has_more=has_more)))
    if has_more:
        following = cursors.sign(position(items), scope=scope)
        response.headers["Link"] = next_link(request, following, limit)
    return response


@router.post("/v1/agencies/{agency}/claims", response_model=ClaimOut)
async def claim(
    request: Request,
    who: Annotated[Principal, require(Scope.QUEUE_WRITE)],
    use: UseCases,
    agency: AgencyPath,
    wanted: Annotated[ClaimIn, json_body(ClaimIn)],
) -> Response:
    """Lease up to `max` queued assignments; what is not accepted in time is free again."""
    asked = await ask(request, who, partial(_claimed, who=who))
    lease = timedelta(seconds=wanted.lease_s)
    return respond(await use.queues.claim(asked, AgencyCode(agency), wanted.max, lease))


@router.post("/v1/agencies/{agency}/claims/{claim}/renew", response_model=ClaimOut)
async def renew(
    request: Request,
    who: Annotated[Principal, require(Scope.QUEUE_WRITE)],
    use: UseCases,
    agency: AgencyPath,
    claim: str,
    wanted: Annotated[RenewIn, json_body(RenewIn)],
) -> Response:
    """Keep what is in hand for longer."""
    asked = await ask(request, who, partial(_claimed, who=who))
    lease = timedelta(seconds=wanted.lease_s)
    id_ = identified(claim, "claim")
    return respond(await use.queues.renew(asked, AgencyCode(agency), id_, lease))


@router.post("/v1/agencies/{agency}/claims/{claim}/release", status_code=204)
async def release(
    request: Request,
    who: Annotated[Principal, require(Scope.QUEUE_WRITE)],
    use: UseCases,
    agency: AgencyPath,
    claim: str,
    _nothing: Annotated[Nothing, json_body(Nothing)],
) -> Response:
    """Give back what was not accepted."""
    asked = await ask(request, who, _released)
    id_ = identified(claim, "claim")
    return respond(await use.queues.release(asked, AgencyCode(agency), id_))


def _claimed(leased: Leased, who: Principal) -> Answer:
    return shown(
        ClaimOut(
            claim_id=leased.claim_id,
            expires_at=leased.expires_at,
            items=items_of(leased.items, actor_of(who)),
        )
    )


def _released(_nothing: None) -> Answer:
    return Answer(204)
