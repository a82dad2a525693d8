import json

import httpx2
import pytest

from lintas_local.client import CallFailed, Service
from lintas_local.layout import Home

KEY = "lts_local_abcdefgh_" + "0123456789abcdefghijklmnopqrstuvwxyzABCDEFG"


def service(answer) -> Service:
    return Service("router", "http://router", KEY, transport=httpx2.MockTransport(answer))


def test_a_call_speaks_as_the_operator():
    seen = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        seen.append(request.headers)
        return httpx2.Response(200, json={"version": "1"})

    with service(answer) as router:
        assert router.get("/v1/rulesets/1") == {"version": "1"}
        router.post("/v1/keys", {}, idempotency_key="k")
    assert seen[0]["Authorization"] == f"Bearer {KEY}"
    assert seen[1]["Idempotency-Key"] == '"k"'


def test_a_refusal_says_what_the_problem_document_says():
    problem = {
        "title": "Invalid input",
        "detail": "One field is wrong.",
        "errors": [{"pointer": "/rules/0/lead", "code": "unknown", "detail": "no such agency"}],
    }
    with (
        service(lambda _: httpx2.Response(422, json=problem)) as router,
        pytest.raises(CallFailed) as refused,
    ):
        router.post("/v1/rulesets", {})
    assert str(refused.value) == (
        "router refuses POST /v1/rulesets: 422, Invalid input, One field is wrong.,"
        " /rules/0/lead: no such agency"
    )


@pytest.mark.parametrize("content", [b"", b"[]", b"<html>", b'{"errors": 3}'])
def test_a_refusal_of_another_shape_is_still_one_line(content):
    with (
        service(lambda _: httpx2.Response(502, content=content)) as router,
        pytest.raises(CallFailed, match="502"),
    ):
        router.get("/v1/rulesets")


def test_a_service_that_is_away_is_named_without_the_key():
    def away(request: httpx2.Request) -> httpx2.Response:
        raise httpx2.ConnectError("refused", request=request)

    with service(away) as router, pytest.raises(CallFailed) as failed:
        router.get("/v1/rulesets")
    assert "router at http://router does not answer" in str(failed.value)
    assert KEY not in str(failed.value)


def test_a_paged_list_is_read_to_its_end():
    def answer(request: httpx2.Request) -> httpx2.Response:
        if "cursor" in request.url.params:
            return httpx2.Response(200, json={"items": [{"id": 3}], "has_more": False})
        following = {"Link": '<http://router/v1/persons?cursor=x>; rel="next"'}
        page = {"items": [{"id": 1}, {"id": 2}], "has_more": True}
        return httpx2.Response(200, json=page, headers=following)

    with service(answer) as router:
        assert [item["id"] for item in router.items("/v1/persons")] == [1, 2, 3]


def test_an_address_that_was_set_comes_before_the_stack_that_runs_here(tmp_path):
    home = Home(tmp_path)
    here = {"LINTAS_HOME": str(tmp_path)}
    assert Service.of("metrics", here).address == "http://127.0.0.1:8004"
    home.running.write_text(json.dumps({"addresses": {"metrics": "http://127.0.0.1:18006"}}))
    assert Service.of("metrics", here).address == "http://127.0.0.1:18006"
    chosen = here | {"LINTAS_METRICS_URL": "https://kinerja.example"}
    assert Service.of("metrics", chosen).address == "https://kinerja.example"
