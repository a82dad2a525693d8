from typing import Annotated

import httpx2
import pytest
from fastapi import APIRouter, Depends, Request
from starlette.responses import JSONResponse

from lintas.auth import Principal
from lintas.vocabulary.errors import Unauthenticated
from lintas.web import (
    LeanRoute,
    RouteWithoutPolicy,
    Strict,
    allow,
    create_service,
    json_body,
    public,
    require,
)


class Note(Strict):
    text: str


class OneSystem:
    async def authenticate(self, credential):
        if credential != "known":
            raise Unauthenticated("The credential is not valid.")
        return Principal(key_id="k1", client="sp4n", scopes=frozenset({"notes:write"}))


def service(*routers):
    return create_service(name="sample", title="Sample", routers=routers, authenticator=OneSystem())


def notes():
    routes = APIRouter(route_class=LeanRoute)

    @routes.post("/notes")
    async def keep(
        request: Request,
        who: Annotated[Principal, require("notes:write")],
        note: Annotated[Note, json_body(Note)],
    ) -> JSONResponse:
        return JSONResponse([request.method, who.client, note.text], 201)

    @routes.get("/open", dependencies=[allow(public)])
    async def anyone(request: Request) -> JSONResponse:
        return JSONResponse(request.method)

    return routes


@pytest.mark.parametrize(
    ("credential", "body", "status"),
    [("known", {"text": "a"}, 201), ("other", {"text": "a"}, 401), ("known", {"text": 1}, 422)],
)
async def test_a_lean_route_asks_its_policy_reads_the_body_and_refuses_as_any_other(
    credential, body, status
):
    transport = httpx2.ASGITransport(service(notes()))
    async with httpx2.AsyncClient(transport=transport, base_url="http://sample") as client:
        headers = {"Authorization": f"Bearer {credential}"}
        answer = await client.post("/notes", json=body, headers=headers)
        assert answer.status_code == status
        if status == 201:
            assert answer.json() == ["POST", "sp4n", "a"]
        else:
            assert answer.headers["content-type"] == "application/problem+json"
        assert (await client.get("/open")).json() == "GET"
        assert (await client.delete("/notes")).headers["allow"] == "POST"


def test_a_lean_route_is_documented_with_its_policy_and_its_body():
    operation = service(notes()).openapi()["paths"]["/notes"]["post"]
    assert operation["x-policy"] == "principal notes:write"
    assert "requestBody" in operation


def _nothing() -> None: ...


def _with_a_query(request: Request, page: int) -> None: ...


def _without_a_request(who: Annotated[Principal, require()]) -> None: ...


def _with_a_dependency(request: Request, more: Annotated[None, Depends(_nothing)]) -> None: ...


@pytest.mark.parametrize("endpoint", [_with_a_query, _without_a_request, _with_a_dependency])
def test_what_a_lean_route_cannot_give_is_refused_at_start(endpoint):
    routes = APIRouter(route_class=LeanRoute)
    with pytest.raises(TypeError, match="more than a lean route gives"):
        routes.add_api_route("/x", endpoint)


def test_a_lean_route_needs_a_policy_as_any_other():
    routes = APIRouter(route_class=LeanRoute)

    @routes.get("/x")
    async def forgotten(request: Request) -> JSONResponse:
        return JSONResponse(request.method)

    with pytest.raises(RouteWithoutPolicy):
        service(routes)
