"""`lintas quarantine`: what could not be read, answer by answer."""

import json

import httpx2
import pytest
from typer.testing import CliRunner

from lintas_local.app import main
from lintas_local.client import Service
from lintas_local.commands import quarantine

run = CliRunner()
ITEM = {"channel": "facebook", "account": "kota", "received_at": "2026-11-24T06:00:00Z"}
ANSWERS = {
    0: {"items": [ITEM | {"id": 1, "unread": ["unknown"], "replayed_at": None}], "after": 1},
    1: {"items": [ITEM | {"id": 2, "unread": [], "replayed_at": None}], "after": None},
}


@pytest.fixture
def asked(monkeypatch) -> list[tuple[str, bool, int]]:
    """What ingest is asked: how, whether for every body, and behind which number."""
    seen: list[tuple[str, bool, int]] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        body = json.loads(request.content) if request.content else None
        every = body["every"] if body else request.url.params["every"] == "true"
        after = body["after"] if body else int(request.url.params["after"])
        seen.append((request.method, every, after))
        return httpx2.Response(200, json=ANSWERS[after])

    def of(name: str, _: object) -> Service:
        return Service(name, "http://ingest", None, transport=httpx2.MockTransport(answer))

    monkeypatch.setattr(quarantine.Service, "of", of)
    return seen


def test_the_list_goes_on_to_its_end(asked):
    done = run.invoke(main, ["quarantine", "list", "--every", "--json"])
    assert [one["id"] for one in json.loads(done.stdout)] == [1, 2]
    assert asked == [("GET", True, 0), ("GET", True, 1)]


def test_reading_again_says_how_much_is_still_not_read(asked):
    done = run.invoke(main, ["quarantine", "replay", "--json"])
    assert json.loads(done.stdout) == {"replayed": 2, "unread": 1}
    assert asked == [("POST", False, 0), ("POST", False, 1)]
    assert "read again: 2, still not read: 1" in run.invoke(main, ["quarantine", "replay"]).stdout
