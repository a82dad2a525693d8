"""`lintas rules publish` and its neighbours, answer by answer."""

import json
from pathlib import Path
from typing import Any

import httpx2
import pytest
from typer.testing import CliRunner

from lintas_local.app import main
from lintas_local.client import CallFailed, Service

run = CliRunner()
CHANGE = {"field": "any", "removed": [], "added": ["[a-z]+ padam"]}
DIFF = {
    "version": "new",
    "against": "old",
    "entries": [{"section": "rules", "name": "light", "kind": "changed", "changes": [CHANGE]}],
    "document": [],
}
PUBLICATION = {
    "version": "new",
    "number": 1,
    "state": "announced",
    "published_at": "2026-11-24T06:00:00Z",
    "published_by": "client:publisher",
    "effective_at": "2026-11-24T06:00:05Z",
}


class Router:
    """What the router is asked, and by whose key."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, str]] = []
        self.bodies: list[Any] = []

    def answer(self, holder: str, request: httpx2.Request) -> httpx2.Response:
        path = request.url.path.removeprefix("/v1")
        self.asked.append((holder, request.method, path))
        self.bodies.append(request.content)
        if path.endswith("/perubahan"):
            return httpx2.Response(200, text="<h1>page</h1>")
        answers: dict[str, Any] = {
            "lint": {"advice": []},
            "rulesets": {"version": "new"},
            "diff": DIFF,
            "publish": PUBLICATION,
            "withdraw": PUBLICATION | {"state": "withdrawn"},
            "publications": {"items": [PUBLICATION]},
            "models": {"version": "0123456789abcdef", "sha256": "0" * 64},
        }
        return httpx2.Response(200, json=answers[path.rpartition("/")[2]])


@pytest.fixture
def router(monkeypatch) -> Router:
    router = Router()

    def of(name: str, _: object, *, holder: str = "operator") -> Service:
        def answer(request: httpx2.Request) -> httpx2.Response:
            return router.answer(holder, request)

        return Service(name, "http://router", None, transport=httpx2.MockTransport(answer))

    monkeypatch.setattr(Service, "of", of)
    return router


def test_a_version_is_handed_in_by_one_and_published_by_another(router):
    done = run.invoke(main, ["rules", "publish", "example", "--yes", "--json"])
    assert done.exit_code == 0, done.output
    assert router.asked == [
        ("operator", "POST", "/rulesets/lint"),
        ("operator", "POST", "/rulesets"),
        ("operator", "GET", "/rulesets/new/diff"),
        ("publisher", "POST", "/rulesets/new/publish"),
    ]
    answer = json.loads(done.stdout)
    assert (answer["differences"], answer["published"]) == (DIFF, PUBLICATION)


def test_an_older_version_is_published_from_an_announced_moment(router):
    moment = "2026-12-01T00:00:00+07:00"
    options = ["--stored", "old", "--effective-at", moment, "--yes"]
    done = run.invoke(main, ["rules", "publish", *options])
    assert done.exit_code == 0, done.output
    assert json.loads(router.bodies[-1]) == {"effective_at": moment}
    assert router.asked[-1] == ("publisher", "POST", "/rulesets/old/publish")


@pytest.mark.parametrize(
    ("options", "said"), [([], "n\n"), (["--json"], "")], ids=["a person says no", "a program"]
)
def test_nothing_is_published_that_nobody_agreed_to(options, said, router):
    done = run.invoke(main, ["rules", "publish", "--stored", "new", *options], input=said)
    assert done.exit_code == 0, done.output
    assert router.asked == [("operator", "GET", "/rulesets/new/diff")]
    assert options or "[a-z]+ padam" in done.output


def test_without_the_publishers_key_the_version_stays_a_draft(tmp_path):
    with pytest.raises(CallFailed, match="kept as a draft"):
        Service.of("router", {"LINTAS_HOME": str(tmp_path)}, holder="publisher")


def test_what_is_announced_is_withdrawn(router):
    done = run.invoke(main, ["rules", "withdraw", "new", "--json"])
    assert json.loads(done.stdout)["state"] == "withdrawn"
    assert router.asked == [("operator", "POST", "/rulesets/new/withdraw")]


def test_the_history_names_who_published(router):
    done = run.invoke(main, ["rules", "history", "new", "--json"])
    assert json.loads(done.stdout) == [PUBLICATION]
    assert run.invoke(main, ["rules", "history"]).exit_code == 0


def test_differences_are_written_as_a_page(router, tmp_path: Path):
    file = tmp_path / "page.html"
    done = run.invoke(main, ["rules", "diff", "new", "old", "--html", str(file), "--json"])
    assert (json.loads(done.stdout), file.read_text()) == (DIFF, "<h1>page</h1>")


def test_a_model_is_handed_in_and_named(router, tmp_path: Path):
    file = tmp_path / "model"
    file.write_bytes(b"model")
    done = run.invoke(main, ["rules", "model", str(file)])
    assert "version: 0123456789abcdef" in done.output
    assert router.bodies == [b"model"]


def test_a_model_that_is_not_there_is_told_in_one_line(router, tmp_path: Path):
    done = run.invoke(main, ["rules", "model", str(tmp_path / "none")])
    assert done.exit_code == 1
    assert router.asked == []
