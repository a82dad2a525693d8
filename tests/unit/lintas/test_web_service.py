import asyncio
from datetime import UTC, datetime, timedelta
from typing import Annotated

import pytest
from fastapi import APIRouter, Request
from starlette.responses import PlainTextResponse, Response
from structlog.testing import capture_logs
from tests.unit.lintas.sample import client_of, service

from lintas.auth import Principal
from lintas.telemetry import current_trace, metric_value
from lintas.vocabulary.errors import (
    Conflict,
    Forbidden,
    NotFound,
    TooManyRequests,
    Unauthenticated,
    Unavailable,
)
from lintas.web import (
    Probe,
    Problem,
    RouteWithoutPolicy,
    Strict,
    allow,
    json_body,
    link,
    public,
    require,
    require_person,
    sign_in,
    sign_out,
    signed,
)

PERSON = "b3c1c2f0-0000-4000-8000-000000000001"
PEOPLE = {
    "lts_system": Principal(key_id="k1", client="sp4n", scopes=frozenset({"queue:read"})),
    "officer": Principal(person_id=PERSON, roles=frozenset({"officer"}), scopes=frozenset()),
    "chief": Principal(
        person_id=PERSON, roles=frozenset({"coordinator"}), scopes=frozenset({"queue:read"})
    ),
}


class KnownPeople:
    async def authenticate(self, credential):
        try:
            return PEOPLE[credential]
        except KeyError:
            raise Unauthenticated("The credential is not valid.") from None


class Frozen(Conflict):
    """It is frozen until a coordinator decides (409)."""

    code = "test-frozen"


class Note(Strict):
    text: str


def router_raising(error):
    router = APIRouter(dependencies=[allow(public)])

    @router.get("/it/{ref}")
    async def it(ref: str) -> str:
        raise error

    return router


@pytest.mark.parametrize(
    ("refusal", "status", "headers", "extra"),
    [
        (NotFound("No such complaint."), 404, {}, {}),
        (Forbidden("Not yours."), 403, {}, {}),
        (Frozen("Frozen.", state="answered"), 409, {}, {"state": "answered"}),
        (Unauthenticated("Who?"), 401, {"www-authenticate": 'Bearer realm="lintas"'}, {}),
        (Unavailable("Later.", retry_after_s=5), 503, {"retry-after": "5"}, {}),
        (TooManyRequests("Slower.", retry_after_s=9), 429, {"retry-after": "9"}, {}),
    ],
)
async def test_a_domain_error_has_one_status_and_shape(refusal, status, headers, extra):
    async with client_of(service(router_raising(refusal))) as client:
        answer = await client.get("/it/1")
        explained = await client.get(answer.json()["type"])
    problem = answer.json()
    assert answer.status_code == status
    assert problem["detail"] == refusal.detail
    assert problem["type"] == f"/problems/{refusal.code}"
    assert {name: answer.headers[name] for name in headers} == headers
    assert {name: problem[name] for name in extra} == extra
    assert explained.status_code == 200
    assert explained.text.startswith(f"{refusal.code} (HTTP {status})")


async def test_a_kind_of_a_service_is_titled_by_its_docstring():
    async with client_of(service(router_raising(Frozen("Frozen.")))) as client:
        answer = await client.get("/it/1")
    assert answer.json()["title"] == "It is frozen until a coordinator decides"


async def test_an_unforeseen_error_is_a_problem_found_by_its_request_id():
    app = service(router_raising(RuntimeError("row 17: canary-5512\ncanary-5513")))
    before = metric_value("lintas_unexpected_errors_total")
    with capture_logs() as logs:
        async with client_of(app) as client:
            answer = await client.get("/it/canary-5514")
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert "canary" not in answer.text
    assert "Traceback" not in answer.text
    (line,) = [line for line in logs if line["event"] == "unexpected_error"]
    assert line["route"] == "/it/{ref}"
    assert metric_value("lintas_unexpected_errors_total") == before + 1


async def test_a_given_trace_is_continued_and_an_invalid_one_replaced():
    router = APIRouter(dependencies=[allow(public)])

    @router.get("/trace")
    async def trace() -> str | None:
        running = current_trace()
        return running.trace_id if running else None

    trace_id = "4bf92f3577b34da6a3ce929d0e0e4736"
    async with client_of(service(router)) as client:
        good = await client.get(
            "/trace", headers={"traceparent": f"00-{trace_id}-00f067aa0ba902b7-01"}
        )
        bad = await client.get("/trace", headers={"traceparent": "00-zz"})
    assert good.headers["x-request-id"] == good.json() == trace_id
    assert bad.headers["x-request-id"] == bad.json() != trace_id


async def test_every_answer_carries_the_security_headers():
    async with client_of(service()) as client:
        for path in ("/healthz", "/nowhere", "/docs"):
            headers = (await client.get(path)).headers
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["x-frame-options"] == "DENY"
            assert headers["referrer-policy"] == "same-origin"
            assert "default-src 'none'" in headers["content-security-policy"]
            assert headers["cache-control"] == "no-store"


async def test_readiness_names_each_probe_and_why_it_is_red(monkeypatch):
    monkeypatch.setattr("lintas.web.operations.PROBE_S", 0.05)

    async def fine() -> str | None:
        return None

    async def lagging() -> str | None:
        return "120 s behind"

    async def broken() -> str | None:
        raise ConnectionRefusedError("password=canary-1")

    async def stuck() -> str | None:
        await asyncio.Event().wait()
        return None

    def probes(*checks):
        return [Probe(check.__name__, check) for check in checks]

    async with client_of(service(probes=probes(fine))) as client:
        assert (await client.get("/readyz")).status_code == 200
    async with client_of(service(probes=probes(fine, lagging, broken, stuck))) as client:
        answer = await client.get("/readyz")
        alive = await client.get("/healthz")
    assert answer.status_code == 503
    assert answer.json()["probes"] == {
        "fine": {"ok": True},
        "lagging": {"ok": False, "why": "120 s behind"},
        "broken": {"ok": False, "why": "ConnectionRefusedError"},
        "stuck": {"ok": False, "why": "no answer within 0.05 s"},
    }
    assert alive.status_code == 200
    assert metric_value("lintas_ready", probe="lagging") == 0


async def test_requests_are_measured_by_template_and_never_by_path():
    app = service(router_raising(NotFound("No.")))
    labels = {"method": "GET", "route": "/it/{ref}", "status": "404"}
    before = metric_value("lintas_http_requests_total", **labels)
    async with client_of(app) as client:
        await client.get("/it/canary-9911")
        await client.get("/canary-9912")
        await client.request("BREW", "/it/1")
        text = (await client.get("/metrics")).text
    assert metric_value("lintas_http_requests_total", **labels) == before + 1
    assert "canary" not in text
    assert "BREW" not in text
    assert 'route="unmatched"' in text


def policy_of(*policies, **options):
    router = APIRouter()
    router.add_api_route("/open", lambda: None, dependencies=list(policies))
    return service(router, **options)


@pytest.mark.parametrize(
    "policies",
    [
        pytest.param((), id="none"),
        pytest.param((allow(public), require("queue:read")), id="two"),
        pytest.param((require("queue:read"),), id="nobody-can-be-known"),
    ],
)
def test_a_service_with_an_undeclared_route_does_not_start(policies):
    with pytest.raises(RouteWithoutPolicy, match="/open"):
        policy_of(*policies)


def test_a_body_is_not_read_before_the_policy_is_asked():
    router = APIRouter()

    @router.post("/late")
    async def late(
        note: Annotated[Note, json_body(Note)],
        who: Annotated[Principal, require("queue:read")],
    ) -> None: ...

    with pytest.raises(RouteWithoutPolicy, match="before its policy"):
        service(router, authenticator=KnownPeople())


async def test_a_route_added_later_without_a_policy_stops_the_start():
    app = service()
    app.add_api_route("/later", lambda: None)
    with pytest.raises(RouteWithoutPolicy, match="/later"):
        async with app.router.lifespan_context(app):
            pass


async def test_the_lifespan_of_the_service_runs():
    seen = []

    class Living:
        def __init__(self, app):
            self.app = app

        async def __aenter__(self):
            seen.append("open")

        async def __aexit__(self, *_):
            seen.append("closed")

    app = service(lifespan=Living)
    async with app.router.lifespan_context(app):
        assert seen == ["open"]
    assert seen == ["open", "closed"]


def guarded_service():
    router = APIRouter()

    @router.get("/anyone", dependencies=[allow(public)])
    async def anyone() -> str:
        return "ok"

    @router.get("/by-link", dependencies=[allow(link)])
    async def by_link() -> str:
        return "ok"

    @router.post("/signed", dependencies=[allow(signed)])
    async def by_signature() -> str:
        return "ok"

    @router.get("/known")
    async def known(who: Annotated[Principal, require()]) -> str:
        return who.actor

    @router.get("/queue")
    async def queue(who: Annotated[Principal, require("queue:read")]) -> str:
        return who.actor

    @router.post("/confirm")
    async def confirm(
        who: Annotated[Principal, require_person("officer", "confirmer")],
    ) -> str:
        return who.actor

    @router.post("/decide")
    async def decide(
        who: Annotated[Principal, require_person("coordinator", scope="queue:read")],
    ) -> str:
        return who.actor

    return service(router, authenticator=KnownPeople())


@pytest.mark.parametrize(
    ("method", "path", "credential", "status"),
    [
        ("GET", "/anyone", None, 200),
        ("GET", "/by-link", None, 200),
        ("POST", "/signed", None, 200),
        ("GET", "/known", None, 401),
        ("GET", "/known", "stranger", 401),
        ("GET", "/known", "officer", 200),
        ("GET", "/queue", None, 401),
        ("GET", "/queue", "lts_system", 200),
        ("GET", "/queue", "officer", 403),
        ("GET", "/queue", "chief", 200),
        ("POST", "/confirm", None, 401),
        ("POST", "/confirm", "lts_system", 403),
        ("POST", "/confirm", "officer", 200),
        ("POST", "/confirm", "chief", 403),
        ("POST", "/decide", "officer", 403),
        ("POST", "/decide", "chief", 200),
    ],
)
async def test_a_policy_decides_who_may_pass(method, path, credential, status):
    headers = {"authorization": f"Bearer {credential}"} if credential else {}
    async with client_of(guarded_service()) as client:
        answer = await client.request(method, path, headers=headers)
    assert answer.status_code == status
    if status == 401:
        assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic b2ZmaWNlcjo=", "officer"])
async def test_an_unreadable_authorization_is_401(header):
    async with client_of(guarded_service()) as client:
        answer = await client.get("/known", headers={"authorization": header})
    assert answer.status_code == 401


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        pytest.param("GET", "/known", {}, 200, id="reading"),
        pytest.param("POST", "/confirm", {}, 401, id="no-origin"),
        pytest.param("POST", "/confirm", {"sec-fetch-site": "same-origin"}, 200, id="own-page"),
        pytest.param("POST", "/confirm", {"sec-fetch-site": "same-site"}, 401, id="sister-site"),
        pytest.param("POST", "/confirm", {"sec-fetch-site": "cross-site"}, 401, id="other-site"),
        pytest.param("POST", "/confirm", {"origin": "http://sample"}, 200, id="own-origin"),
        pytest.param("POST", "/confirm", {"origin": "http://evil"}, 401, id="other-origin"),
        pytest.param(
            "POST", "/confirm", {"sec-fetch-site": "cross-site", "origin": "http://sample"}, 401,
            id="site-outweighs-origin",
        ),
    ],
)  # fmt: skip
async def test_a_cookie_speaks_for_its_holder_only_on_our_own_pages(method, path, headers, status):
    async with client_of(guarded_service()) as client:
        headers = headers | {"cookie": "lintas_session=officer"}
        answer = await client.request(method, path, headers=headers)
    assert answer.status_code == status


def test_the_session_cookie_is_out_of_reach_for_scripts_and_other_sites():
    response = Response()
    sign_in(response, "token", datetime.now(UTC) + timedelta(hours=8), secure=True)
    cookie = response.headers["set-cookie"]
    assert all(word in cookie for word in ("HttpOnly", "Secure", "SameSite=lax", "Path=/"))
    sign_out(response)
    assert "Max-Age=0" in response.headers.getlist("set-cookie")[1]


async def test_another_error_format_holds_below_its_prefix():
    router = APIRouter(dependencies=[allow(public)])

    @router.get("/open311/v2/services")
    async def services() -> None:
        raise NotFound("No services.")

    def plain(_request: Request, problem: Problem) -> Response:
        return PlainTextResponse(f"{problem.status}|{problem.detail}", problem.status)

    app = service(router, error_formats={"/open311/v2/": plain})
    async with client_of(app) as client:
        own = await client.get("/open311/v2/services")
        framework = await client.get("/open311/v2/nothing")
        early = await client.get("/open311/v2/services?a=1&a=2")
        other = await client.get("/nothing")
    assert own.text == "404|No services."
    assert framework.text == "404|There is nothing at this address."
    assert early.status_code == 400
    assert early.text.startswith("400|")
    assert other.headers["content-type"] == "application/problem+json"


async def test_the_openapi_document_shows_bodies_problems_and_policies():
    router = APIRouter()

    @router.post("/notes", status_code=201)
    async def add(
        who: Annotated[Principal, require("queue:read")],
        note: Annotated[Note, json_body(Note)],
        limit: int = 1,
    ) -> None: ...

    async with client_of(service(router, authenticator=KnownPeople())) as client:
        schema = (await client.get("/openapi.json")).json()
    operation = schema["paths"]["/notes"]["post"]
    body = operation["requestBody"]["content"]["application/json"]["schema"]
    assert body == {"$ref": "#/components/schemas/Note"}
    assert schema["components"]["schemas"]["Note"]["additionalProperties"] is False
    assert operation["x-policy"] == "principal queue:read"
    assert operation["security"] == [{"bearer": []}]
    assert "application/problem+json" in operation["responses"]["default"]["content"]
    assert "422" not in operation["responses"]
    assert schema["paths"]["/healthz"]["get"]["x-policy"] == "public"


async def test_the_documentation_page_asks_nobody_else():
    async with client_of(service()) as client:
        page = await client.get("/docs")
        assert "//" not in page.text.replace("<!doctype html>", "")
        for name in ("swagger-ui.css", "swagger-ui-bundle.js", "start.js", "favicon-32x32.png"):
            answer = await client.get(f"/docs/assets/{name}")
            assert answer.status_code == 200
            assert "max-age" in answer.headers["cache-control"]


async def test_own_static_files_are_served_and_nothing_beside_them(tmp_path):
    (tmp_path / "static").mkdir()
    (tmp_path / "static" / "site.css").write_text("body{}")
    (tmp_path / "secret").write_text("canary")
    async with client_of(service(static=tmp_path / "static")) as client:
        assert (await client.get("/static/site.css")).text == "body{}"
        for path in ("/static/../secret", "/static/%2e%2e/secret", "/static/..%2fsecret"):
            answer = await client.get(path)
            assert answer.status_code == 404
            assert "canary" not in answer.text
