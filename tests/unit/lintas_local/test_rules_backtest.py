"""`lintas rules backtest`: on a labelled file, and on a router's corpus."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from lintas_local.app import main
from lintas_local.rules.backtesting import Span, on_corpus
from lintas_local.stack import StackProblem

#: written for this test
ROWS = [
    {"t": "Sampah menumpuk di pasar", "dinas": "DLH"},
    {"t": "Jalan berlubang di depan sekolah", "dinas": "PUPR"},
    {"t": "Listrik padam sejak sore", "dinas": "PLN"},
]


def rules(version: str, **words: str) -> dict[str, Any]:
    """A rule set: which word for which agency."""
    return {
        "version": version,
        "zone": "Asia/Jakarta",
        "agencies": sorted(words),
        "categories": ["other"],
        "rules": [
            {"id": f"by-{lead}", "category": "other", "lead": lead, "any": [word]}
            for lead, word in words.items()
        ],
    }


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    texts = {
        "rows.ndjson": "\n".join(map(json.dumps, ROWS)),
        "now.json": json.dumps(rules("now", dlh="sampah", pupr="sampah")),
        "then.json": json.dumps(rules("then", dlh="sampah", pupr="jalan berlubang")),
        "broken.json": "{",
        "odd.json": "[]",
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def backtest(folder: Path, *options: str, candidate: str = "then.json", code: int = 0) -> Any:
    asked = ["rules", "backtest", str(folder / candidate), *options]
    result = CliRunner().invoke(main, asked)
    assert result.exit_code == code, result.output
    return result


def labelled(folder: Path) -> list[str]:
    return ["--file", str(folder / "rows.ndjson"), "--label", "dinas", "--text", "t"]


def test_a_file_is_decided_by_both_and_held_against_its_labels(folder):
    now = ["--against", str(folder / "now.json")]
    found = json.loads(backtest(folder, *labelled(folder), *now, "--json").stdout)
    result = found["result"]
    assert (found["candidate"], found["against"], found["done"]) == ("then", "now", 3)
    assert result["before"]["accuracy"] == pytest.approx(1 / 3)
    assert result["after"]["accuracy"] == pytest.approx(2 / 3)
    assert (result["flipped"], result["mended"], result["broken"]) == (1, 1, 0)
    [flip] = result["flips"]
    [mark] = flip["marks"]
    assert flip["text"][mark["start"] : mark["end"]] == "Jalan berlubang"
    # a label in another spelling is the same agency; one that no rule names stays as written
    assert {one["label"] for one in result["after"]["labels"]} == {"dlh", "pupr", "PLN"}


def test_without_other_rules_it_is_held_against_nothing(folder):
    found = json.loads(backtest(folder, *labelled(folder), "--json").stdout)
    assert (found["against"], found["result"]["before"]["coverage"]) == ("none", 0)


def test_a_pack_is_a_candidate_by_its_name(folder):
    asked = ["rules", "backtest", "indonesia", *labelled(folder), "--json"]
    result = CliRunner().invoke(main, asked)
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["result"]["after"]["coverage"] > 0


def test_people_read_a_table_and_one_sentence(folder):
    shown = backtest(folder, *labelled(folder)).stdout
    assert "accuracy 0.0000 → 0.6667" in " ".join(shown.split())


@pytest.mark.parametrize(("language", "word"), [("id", "Beban tiap instansi"), ("en", "Load of")])
def test_the_page_is_one_file_in_either_language(folder, language, word):
    page = folder / "report.html"
    backtest(folder, *labelled(folder), "--html", str(page), "--language", language)
    text = page.read_text(encoding="utf-8")
    assert word in text
    assert f'<html lang="{language}">' in text
    assert '<mark title="jalan berlubang">Jalan berlubang</mark>' in text
    assert text.count("<table>") == text.count("<caption>")
    assert "://" not in text
    assert "<script" not in text


@pytest.mark.parametrize(
    ("candidate", "options", "said"),
    [
        ("broken.json", ["--label", "dinas", "--text", "t"], "is no JSON"),
        ("odd.json", ["--label", "dinas", "--text", "t"], "is no rule set"),
        ("absent", ["--label", "dinas", "--text", "t"], "there is no city pack"),
        ("then.json", ["--text", "t"], "--file needs more"),
        ("then.json", ["--label", "dinas", "--text", "t", "--language", "xx"], "--language"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(folder, candidate, options, said):
    file = ["--file", str(folder / "rows.ndjson")]
    result = backtest(folder, *file, *options, candidate=candidate, code=1)
    assert said in result.stderr
    assert "Traceback" not in result.output


class Router:
    """A router that is one step further at every look."""

    def __init__(self, *states: dict[str, Any]) -> None:
        self.states = list(states)
        self.posted: list[tuple[str, Any]] = []

    def post(self, path: str, body: Any, *, idempotency_key: str | None = None) -> Any:
        self.posted.append((path, body))
        return {"id": "7"}

    def get(self, path: str) -> Any:
        state = self.states.pop(0)
        if state.get("interrupt"):
            raise KeyboardInterrupt
        return {"finished_at": None, "total": 4, "done": 0, "problem": None, **state}


SPAN = Span(None, None, "in_force")


def test_a_router_is_asked_until_it_is_done_and_progress_is_told(folder, monkeypatch):
    monkeypatch.setattr("lintas_local.rules.backtesting._LOOK_S", 0)
    router = Router({"total": None}, {"done": 2}, {"done": 4, "state": "done", "finished_at": "x"})
    told: list[tuple[float, int]] = []
    found, address = on_corpus(
        router, str(folder / "then.json"), SPAN, lambda share, rows: told.append((share, rows))
    )
    assert address == "/v1/backtests/7"
    assert found["done"] == 4
    assert told == [(0.0, 0), (0.5, 2)]
    [(path, body)] = router.posted
    assert (path, body["candidate"]["version"]) == ("/v1/backtests", "then")


def test_a_name_that_is_neither_file_nor_pack_is_a_stored_version():
    router = Router({"state": "done", "finished_at": "x"})
    on_corpus(router, "bogor-2026-11-01", SPAN, lambda _share, _rows: None)
    assert router.posted[0][1]["candidate"] == "bogor-2026-11-01"


def test_one_that_failed_says_why():
    router = Router({"state": "failed", "finished_at": "x", "problem": "model_missing"})
    with pytest.raises(StackProblem, match=r"failed.*model that its rules name is not here"):
        on_corpus(router, "v", SPAN, lambda _share, _rows: None)


def test_whoever_interrupts_it_cancels_it():
    router = Router({"interrupt": True})
    with pytest.raises(KeyboardInterrupt):
        on_corpus(router, "v", SPAN, lambda _share, _rows: None)
    assert router.posted[-1][0] == "/v1/backtests/7/cancel"
