import csv
import io
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from metrics_lives import NOON, Life, office, received, records, statement, varied

from lintas.database.work import UnitOfWork
from lintas.vocabulary.terms import Origin
from lintas_local.stack import Stack
from metrics.app import create_app
from metrics.usecases.folding import Folder

pytestmark = pytest.mark.stack
AS_OF = (NOON + timedelta(days=30)).isoformat().replace("+00:00", "Z")


@pytest.fixture
async def http(stack: Stack, database: str) -> AsyncIterator[httpx2.AsyncClient]:
    """The addresses of metrics; nothing turns behind them."""
    app = create_app({**stack.environ("metrics"), "LINTAS_DATABASE_URL": database})
    transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://metrics") as client:
        yield client


@pytest.fixture
def operator(stack: Stack) -> dict[str, str]:
    return {"Authorization": f"Bearer {stack.key('operator')}"}


@pytest.fixture
async def told(work: UnitOfWork) -> list[Life]:
    lives = varied(16)
    events = [office(), statement(1), *(event for life in lives for event in life.events)]
    await Folder(work, 1).fold(received(records(events)))
    return lives


async def test_kpis_have_every_metric_with_its_n_in_both_clocks(
    http: httpx2.AsyncClient, told: list[Life]
):
    body = (await http.get("/v1/kpis", params={"as_of": AS_OF})).json()
    assert body["as_of"] == AS_OF
    assert body["kpi_version"] == "2"
    assert body["calendars"] == [{"id": "office", "version": "1", "n": 12}]
    assert sum(place["next"] for place in body["positions"]) == 2 + sum(
        len(life.events) for life in told
    )
    found = [(row["metric"], row["stage"], row["clock"]) for row in body["kpis"]]
    assert found == [
        ("counts", None, None),
        ("time_to_assign", None, "wall"),
        ("time_to_assign", None, "working"),
        ("time_to_accept", None, "wall"),
        ("time_to_accept", None, "working"),
        ("first_response", None, "wall"),
        ("first_response", None, "working"),
        ("resolution", None, "wall"),
        ("resolution", None, "working"),
        ("sla_compliance", "first_response", None),
        ("sla_compliance", "resolution", None),
        ("backlog", None, "wall"),
        ("backlog", None, "working"),
    ]
    for row in body["kpis"]:
        assert {"n", "n_open", "p50_s", "p90_s"} <= row.keys()
    counts = body["kpis"][0]
    assert counts["registered"] == counts["routed"] + counts["triage"] + counts["no_action"] == 16
    assert counts["published"] == 1


async def test_a_question_may_name_metric_clock_group_and_filters(
    http: httpx2.AsyncClient, told: list[Life]
):
    answer = await http.get(
        "/v1/kpis",
        params={
            "metric": "first_response",
            "clock": "wall",
            "group_by": "agency",
            "channel": "x",
            "from": "2026-03-17T11:00:00+07:00",
            "to": AS_OF,
            "as_of": AS_OF,
        },
    )
    body = answer.json()
    assert (body["group_by"], body["filters"]) == ("agency", {"channel": "x"})
    assert (body["from"], body["to"]) == ("2026-03-17T04:00:00Z", AS_OF)
    assert [(row["group"], row["n"]) for row in body["kpis"]] == [
        ("dishub", 0),
        ("dlh", 0),
        ("dpupr", 4),
        (None, 0),
    ]


async def test_a_plus_that_became_a_space_is_still_an_offset(http: httpx2.AsyncClient):
    answer = await http.get("/v1/kpis?from=2026-03-17T11:00:00+07:00&metric=counts")
    assert answer.json()["from"] == "2026-03-17T04:00:00Z"


async def test_the_same_question_gives_the_same_bytes(http: httpx2.AsyncClient, told: list[Life]):
    address = f"/v1/kpis?as_of={AS_OF}&group_by=channel"
    assert (await http.get(address)).content == (await http.get(address)).content


@pytest.mark.parametrize(
    ("query", "status", "pointer"),
    [
        pytest.param("metric=speed", 422, "#/query/metric", id="unknown metric"),
        pytest.param("group_by=person", 422, "#/query/group_by", id="unknown dimension"),
        pytest.param("clock=lunar", 422, "#/query/clock", id="unknown clock"),
        pytest.param("as_of=2999-01-01T00:00:00Z", 422, "#/query/as_of", id="far ahead"),
        pytest.param("as_of=yesterday", 422, "#/query/as_of", id="not a time"),
        pytest.param("from=2026-01-01T00:00:00", 422, "#/query/from", id="no offset"),
        pytest.param("from=1700000000", 422, "#/query/from", id="a number is no time"),
        pytest.param(
            "from=2026-02-01T00:00:00Z&to=2026-01-01T00:00:00Z", 422, "#/query/to", id="backwards"
        ),
        pytest.param("agency=%3Cscript%3E", 422, "#/query/agency", id="not a code"),
        pytest.param("colour=red", 422, "#/query/colour", id="unknown parameter"),
        pytest.param("metric=counts&metric=backlog", 400, None, id="repeated"),
        pytest.param("agency=%00", 400, None, id="control character"),
    ],
)
async def test_bad_questions_are_refused_without_an_echo(
    http: httpx2.AsyncClient, query: str, status: int, pointer: str | None
):
    for path in ("/v1/kpis", "/v1/listening"):
        if path == "/v1/listening" and query.startswith(("metric", "group_by", "clock")):
            continue
        answer = await http.get(f"{path}?{query}")
        assert answer.status_code == status
        assert answer.headers["content-type"] == "application/problem+json"
        if pointer:
            assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
        for value in ("speed", "person", "lunar", "script", "red", "yesterday", "1700000000"):
            assert value not in answer.text


async def test_definitions_cover_every_metric(http: httpx2.AsyncClient):
    body = (await http.get("/v1/kpis/definitions")).json()
    assert {one["metric"] for one in body["metrics"]} == {
        "counts",
        "time_to_assign",
        "time_to_accept",
        "first_response",
        "resolution",
        "sla_compliance",
        "backlog",
    }
    assert set(body["clocks"]) == {"wall", "working"}


async def test_listening(http: httpx2.AsyncClient, told: list[Life]):
    body = (await http.get("/v1/listening", params={"as_of": AS_OF})).json()
    cell = {"stance": "contra", "stakeholder": "citizen", "n": 2, "n_answered": 2}
    assert body["subjects"] == [{"subject": "ganjil-genap", "n": 2, "cells": [cell]}]


async def test_facts_need_a_key_and_are_complete(
    http: httpx2.AsyncClient, told: list[Life], operator: dict[str, str]
):
    assert (await http.get("/v1/facts.csv")).status_code == 401
    answer = await http.get("/v1/facts.csv", params={"as_of": AS_OF}, headers=operator)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    lines = list(csv.DictReader(io.StringIO(answer.text)))
    assert [(line["event_id"], line["seq"]) for line in lines] == [
        (str(event.event_id), str(event.seq)) for life in told for event in life.events
    ]
    assert lines[0]["received_at"] == "2026-03-17T05:00:00Z"
    until = (NOON + timedelta(minutes=20)).isoformat().replace("+00:00", "Z")
    early = await http.get("/v1/facts.csv", params={"to": until, "as_of": AS_OF}, headers=operator)
    assert len({line["complaint_id"] for line in csv.DictReader(io.StringIO(early.text))}) == 3


async def test_a_long_export_comes_in_pieces_without_loss(
    http: httpx2.AsyncClient,
    work: UnitOfWork,
    operator: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
):
    from metrics.usecases import exporting

    monkeypatch.setattr(exporting, "_COMPLAINTS", 3)
    lives = varied(20)
    # many received in the same instant
    events = [event for life in lives for event in Life(life.number).registered().events]
    await Folder(work, 1).fold(received(records(events)))
    answer = await http.get("/v1/facts.csv", params={"as_of": AS_OF}, headers=operator)
    assert len({line["event_id"] for line in csv.DictReader(io.StringIO(answer.text))}) == 20


async def test_a_rebuild_needs_its_scope_and_an_idempotency_key(
    http: httpx2.AsyncClient, operator: dict[str, str], stack: Stack
):
    keyed = {"Idempotency-Key": '"once"'}
    assert (await http.post("/v1/rebuilds", headers=keyed)).status_code == 401
    door = {"Authorization": f"Bearer {stack.key('front-door')}"}
    assert (await http.post("/v1/rebuilds", headers=door | keyed)).status_code == 403
    assert (await http.post("/v1/rebuilds", headers=operator)).status_code == 400
    first = await http.post("/v1/rebuilds", headers=operator | keyed)
    again = await http.post("/v1/rebuilds", headers=operator | {"Idempotency-Key": '"twice"'})
    assert (first.status_code, first.json()) == (202, again.json())
    assert (first.json()["state"], first.json()["generation"]) == ("requested", 2)
    shown = await http.get(first.headers["location"], headers=operator)
    assert shown.json() == first.json()
    unknown = "/v1/rebuilds/00000000-0000-0000-0000-000000000000"
    assert (await http.get(unknown, headers=operator)).status_code == 404


async def test_the_empty_page_says_why_and_what_next(http: httpx2.AsyncClient):
    page = await http.get("/")
    assert page.headers["content-language"] == "id"
    assert "Belum ada laporan" in page.text
    assert "POST /v1/mentions" in page.text
    english = await http.get("/?lang=en")
    assert "No complaint yet" in english.text


async def test_the_page_shows_what_the_addresses_say(http: httpx2.AsyncClient, told: list[Life]):
    page = await http.get("/?lang=en")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    body = (await http.get("/v1/kpis?metric=counts")).json()["kpis"][0]
    for word, key in (("Registered", "registered"), ("Answered", "answered"), ("Open", "n_open")):
        assert f"<dt>{word}</dt><dd>{body[key]}</dd>" in page.text
    assert "Whole city" in page.text
    board = await http.get("/board?lang=en")
    assert "<html" not in board.text
    assert "Figures as of" in board.text


async def test_assets_are_served_and_the_page_names_no_other_host(http: httpx2.AsyncClient):
    page = (await http.get("/")).text
    assert "http://" not in page.replace("http://www.w3.org", "")
    assert "https://" not in page
    for path in ("/static/desk.css", "/static/desk.js", "/static/htmx-4.0.1/htmx.min.js"):
        assert path in page
        assert (await http.get(path)).status_code == 200


async def test_the_openapi_document_names_every_parameter(http: httpx2.AsyncClient):
    document = json.loads((await http.get("/openapi.json")).content)
    names = {one["name"] for one in document["paths"]["/v1/kpis"]["get"]["parameters"]}
    assert {"metric", "group_by", "from", "to", "as_of", "clock", "agency", "kecamatan"} <= names


async def test_a_question_says_how_to_count(http: httpx2.AsyncClient, work: UnitOfWork):
    due = {
        "stage": "resolution",
        "due_at": NOON + timedelta(seconds=100),
        "policy": "source",
        "policy_version": "source",
    }
    lives = [
        past(1, deadlines=[due]).answered_elsewhere(60).closed(90),
        past(2, deadlines=[due], unjudged=True).closed(-30),
        past(3).answered_elsewhere(20),
    ]
    await Folder(work, 1).fold(
        received(records([office(), *(event for life in lives for event in life.events)]))
    )

    async def row(**query: str) -> dict[str, Any]:
        asked = {"as_of": AS_OF, "clock": "wall", **query}
        body = (await http.get("/v1/kpis", params=asked)).json()
        assert {name: str(body[name]).lower() for name in query if name in HOW} == {
            name: value for name, value in query.items() if name in HOW
        }
        return body["kpis"][-1]

    assert (await row(metric="first_response"))["n"] == 0
    answered = await row(metric="first_response", imported_answers="true")
    assert (answered["n"], answered["p50_s"]) == (2, 40.0)
    nearest = await row(
        metric="first_response", imported_answers="true", percentiles="nearest_rank"
    )
    assert nearest["p50_s"] == 20.0
    kept = await row(metric="resolution", negative="keep")
    assert (kept["n"], kept["p50_s"], kept["p95_s"]) == (2, 30.0, 84.0)
    assert (await row(metric="resolution"))["n_flagged"] == 1
    rate = await row(metric="sla_compliance", sla_variant="published_all_rows")
    assert (rate["n_met"], rate["excluded"]) == (2, {"unjudged": 1})
    untimed = await row(metric="time_to_assign")
    assert (untimed["n"], untimed["excluded"]) == (0, {"untimed": 3})
    # asked of a moment before the answers, the lives are folded again from their kept facts
    earlier = (NOON + timedelta(seconds=30)).isoformat()
    untimed = await row(metric="time_to_assign", as_of=earlier)
    assert (untimed["n"], untimed["excluded"]) == (0, {"untimed": 3})
    answered = await row(metric="first_response", imported_answers="true", as_of=earlier)
    assert (answered["n"], answered["n_open"]) == (1, 1)


HOW = ("percentiles", "negative", "imported_answers", "sla_variant")


def past(number: int, **changes: Any) -> Life:
    life = Life(number).registered(origin=Origin.IMPORT, **changes)
    return life.assigned(0, untimed=True)


@pytest.mark.parametrize("name", HOW)
async def test_a_way_of_counting_that_is_unknown_is_refused(http: httpx2.AsyncClient, name: str):
    answer = await http.get("/v1/kpis", params={name: "otherwise"})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == f"#/query/{name}"
    assert "otherwise" not in answer.text


async def test_every_way_of_counting_is_defined(http: httpx2.AsyncClient):
    body = (await http.get("/v1/kpis/definitions")).json()
    assert set(body["percentiles"]) == {"linear", "nearest_rank"}
    assert set(body["negative"]) == {"flag", "keep"}
    assert set(body["sla_variant"]) == {"as_promised", "closed_with_target", "published_all_rows"}
    assert body["imported_answers"]
