"""`lintas hold`: what may not be erased for now, as ingest is asked and as it is told."""

import json

import httpx2
import pytest
from typer.testing import CliRunner

from lintas_local.app import main
from lintas_local.client import Service
from lintas_local.commands import hold

run = CliRunner()
HOLD = "00000000-0000-5000-8000-000000000007"
KEPT = {
    "hold_id": HOLD,
    "of": "complaint",
    "complaint_id": None,
    "reason": "court",
    "reference": "12/Pdt.G/2030",
    "until": "2030-01-01T00:00:00Z",
    "placed_at": "2029-01-01T00:00:00Z",
    "placed_by": "counsel",
    "ended_at": None,
}
WHY = ["--reason", "court", "--reference", "12/Pdt.G/2030", "--until", "2030-01-01T00:00:00Z"]
REPORTER = ["--channel", "whatsapp", "--account", "kota", "--phone", "081299990001"]
Asked = list[tuple[str, str, object]]


@pytest.fixture
def asked(monkeypatch) -> Asked:
    """What ingest is asked: how, where, and with what body."""
    seen: Asked = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        body = json.loads(request.content) if request.content else None
        seen.append((request.method, request.url.path, body))
        return httpx2.Response(200, json={"items": [KEPT]} if request.method == "GET" else KEPT)

    def of(name: str, _: object) -> Service:
        return Service(name, "http://ingest", None, transport=httpx2.MockTransport(answer))

    monkeypatch.setattr(hold.Service, "of", of)
    return seen


def test_a_complaint_is_held_by_its_ticket(asked):
    done = run.invoke(main, ["hold", "place", "BGR-2222-2222-2", *WHY, "--json"])
    assert json.loads(done.stdout) == KEPT
    assert asked == [
        (
            "POST",
            "/v1/vault/holds",
            {
                "reason": "court",
                "reference": "12/Pdt.G/2030",
                "until": "2030-01-01T00:00:00Z",
                "ticket": "BGR-2222-2222-2",
            },
        )
    ]
    shown = run.invoke(main, ["hold", "place", "BGR-2222-2222-2", *WHY]).stdout
    assert f"held until {KEPT['until']}: {HOLD}" in " ".join(shown.split())


def test_a_reporter_is_held_by_what_a_channel_knows_of_them(asked):
    assert run.invoke(main, ["hold", "place", *WHY, *REPORTER]).exit_code == 0
    [(_, _, body)] = asked
    assert "ticket" not in body
    assert body["reporter"] == {"channel": "whatsapp", "account": "kota", "phone": "081299990001"}


@pytest.mark.parametrize(
    "said",
    [
        pytest.param(["place", *WHY], id="nobody is named"),
        pytest.param(["place", "BGR-2222-2222-2", *WHY, *REPORTER], id="two are named"),
        pytest.param(["place", "BGR-2222-2222-2"], id="without a reason"),
        pytest.param(["place", "x", *WHY[2:], "--reason", "curiosity"], id="an unknown reason"),
        pytest.param(["end"], id="the end of none"),
    ],
)
def test_what_is_not_said_rightly_asks_nothing(asked, said):
    assert run.invoke(main, ["hold", *said]).exit_code == 2
    assert asked == []


def test_holds_in_force_are_listed(asked):
    assert json.loads(run.invoke(main, ["hold", "list", "--json"]).stdout) == [KEPT]
    assert "12/Pdt.G/2030" in run.invoke(main, ["hold", "list"], env={"COLUMNS": "300"}).stdout
    assert {(how, where) for how, where, _ in asked} == {("GET", "/v1/vault/holds")}


def test_a_hold_is_ended_by_its_id(asked):
    done = run.invoke(main, ["hold", "end", HOLD])
    assert f"ended: {HOLD}" in " ".join(done.stdout.split())
    assert asked == [("POST", f"/v1/vault/holds/{HOLD}/end", {})]


def test_a_refusal_ends_the_command_and_is_told(monkeypatch):
    def refuse(_: httpx2.Request) -> httpx2.Response:
        problem = {"title": "Not found", "status": 404, "detail": "No complaint has this ticket."}
        return httpx2.Response(404, json=problem)

    def of(name: str, _: object) -> Service:
        return Service(name, "http://ingest", None, transport=httpx2.MockTransport(refuse))

    monkeypatch.setattr(hold.Service, "of", of)
    done = run.invoke(main, ["hold", "place", "BGR-2222-2222-2", *WHY])
    assert done.exit_code == 1
    assert "No complaint has this ticket." in " ".join(done.output.split())
