from typing import Annotated

from fastapi import APIRouter
from starlette.responses import Response

from agency_gateway.api.asking import UseCases, respond, shown
from agency_gateway.schemas.returns import ReturnOut, ReturnsIn, ReturnsOut
from lintas.auth import Principal, Scope
from lintas.vocabulary.ids import ComplaintId
from lintas.web import json_body, require

router = APIRouter(tags=["returns"])


@router.post("/v1/returns", response_model=ReturnsOut)
async def read(
    _who: Annotated[Principal, require(Scope.RETURNS_READ)],
    use: UseCases,
    asked: Annotated[ReturnsIn, json_body(ReturnsIn)],
) -> Response:
    """What the router needs to decide anew, for up to 200 open requests; changes nothing."""
    found = await use.returns.read([ComplaintId(item.complaint_id) for item in asked.items])
    items = tuple(ReturnOut.of(item, found.get(item.complaint_id)) for item in asked.items)
    return respond(shown(ReturnsOut(items=items)))
