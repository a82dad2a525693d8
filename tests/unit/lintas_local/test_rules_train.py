import csv
import json
from pathlib import Path
from typing import Any

import httpx2
import pytest
from typer.testing import CliRunner

from lintas_local.app import main
from lintas_local.client import Service
from lintas_local.rules.training import Model

STREETS = ("melati", "mawar", "kenanga", "anggrek", "dahlia", "cempaka")
ROWS = [
    *((f"lampu mati {street}", "dishub", f"2026-03-0{n}") for n, street in enumerate(STREETS, 1)),
    *((f"sampah bau {street}", "dlh", f"2026-04-0{n}") for n, street in enumerate(STREETS, 1)),
]


def asked(folder: Path, *options: str) -> tuple[int, str]:
    file = folder / "rows.csv"
    with file.open("w", newline="", encoding="utf-8") as out:
        csv.writer(out).writerows([("said", "office", "day"), *ROWS])
    told = ["rules", "train", str(file), "--label", "office", "--text", "said", *options]
    result = CliRunner().invoke(main, told)
    return result.exit_code, result.output


def test_training_writes_a_model_with_a_card(tmp_path: Path) -> None:
    out = tmp_path / "model"
    status, said = asked(tmp_path, "--out", str(out), "--time", "day", "--folds", "2", "--json")
    assert status == 0, said
    answer = json.loads(said)
    model = Model.from_bytes(out.read_bytes())
    assert (model.version, model.card) == (answer["version"], answer["card"])
    assert answer["card"]["dates"] == {"first": "2026-03-01", "last": "2026-04-06"}
    assert set(answer["card"]["measured"]["coverage_at"]) == {"0.93", "0.95"}
    assert model.predict(["lampu"])[0][0] == "dishub"


def test_training_on_a_single_label_is_refused_in_one_line(tmp_path: Path) -> None:
    status, said = asked(tmp_path, "--without", "dlh")
    assert status == 1
    assert "at least two labels are needed" in said


class Corpus:
    """A router that has settled complaints, and how it is asked."""

    def __init__(self) -> None:
        self.asked: list[httpx2.URL] = []
        self.rows = [
            {"text": text, "final": agency, "received_at": f"{day}T08:00:00Z"}
            for text, agency, day in ROWS
        ]

    def answer(self, request: httpx2.Request) -> httpx2.Response:
        """Two pages, as long as the second is asked for."""
        self.asked.append(request.url)
        if "cursor" in request.url.params:
            return httpx2.Response(200, json={"items": self.rows[5:]})
        link = {"Link": '</v1/corpus?cursor=2>; rel="next"'}
        return httpx2.Response(200, json={"items": self.rows[:5]}, headers=link)

    def of(self, _name: str, _environ: object) -> Service:
        transport = httpx2.MockTransport(self.answer)
        return Service("router", "http://router", None, transport=transport)


@pytest.fixture
def corpus(monkeypatch: pytest.MonkeyPatch) -> Corpus:
    corpus = Corpus()
    monkeypatch.setattr(Service, "of", corpus.of)
    return corpus


def learnt(*options: str) -> dict[str, Any]:
    result = CliRunner().invoke(main, ["rules", "train", "--folds", "2", "--json", *options])
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_without_a_file_the_corpus_teaches_and_the_card_says_up_to_when(corpus):
    answer = learnt("--since", "2026-03-01", "--zone", "+07:00")
    assert answer["card"]["rows"] == len(ROWS)
    assert answer["card"]["source"] == {"kind": "corpus", "up_to": "2026-04-06T08:00:00.000000Z"}
    assert corpus.asked[0].params["since"] == "2026-03-01T00:00:00+07:00"
    corpus.rows.reverse()
    corpus.rows.sort(key=lambda row: row["received_at"])
    assert learnt() == answer


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        pytest.param(["--label", "x"], "go with a FILE", id="columns of no file"),
        pytest.param(["--without", "dlh", "--without", "dishub"], "no settled", id="no row left"),
    ],
)
def test_training_on_the_corpus_is_refused_in_one_line(corpus, options, expected):
    result = CliRunner().invoke(main, ["rules", "train", *options])
    assert result.exit_code == 1
    assert expected in result.output
