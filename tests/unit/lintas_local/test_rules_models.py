"""Rules that name a trained model are asked with it, or not at all."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from tests.suggesters import LABELS, suggester
from typer.testing import CliRunner, Result

from lintas_local.app import main

MODEL = suggester()
DATA = MODEL.to_bytes()
RULES: dict[str, Any] = {
    "version": "v",
    "zone": "Asia/Jakarta",
    "agencies": sorted(LABELS),
    "categories": ["road"],
    "rules": [{"id": "road", "category": "road", "lead": "dpupr", "any": ["aspal"]}],
}
NAMING = RULES | {
    "version": "w",
    "model": {
        "version": MODEL.version,
        "sha256": hashlib.sha256(DATA).hexdigest(),
        "threshold": 0.5,
    },
}
#: no rule speaks of it, the model does
TEXT = "sampah"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "plain.json").write_text(json.dumps(RULES))
    (tmp_path / "naming.json").write_text(json.dumps(NAMING))
    (tmp_path / "model").write_bytes(DATA)
    (tmp_path / "other").write_bytes(suggester(3.0).to_bytes())
    (tmp_path / "rows.csv").write_text(f"said,office\n{TEXT},dlh\naspal rusak,dpupr\n")
    return tmp_path


def rules(folder: Path, command: str, *words: str) -> Result:
    given = [str(folder / word) if (folder / word).is_file() else word for word in words]
    return CliRunner().invoke(main, ["rules", command, *given, "--json"])


def explained(folder: Path, *words: str) -> Any:
    ran = rules(folder, "explain", TEXT, *words)
    assert ran.exit_code == 0, ran.output
    return json.loads(ran.stdout)


def test_the_model_answers_where_the_rules_are_silent(folder):
    answer = explained(folder, "--rules", "naming.json", "--model", "model")
    assert (answer["lead"], answer["model_version"]) == ("dlh", MODEL.version)
    assert explained(folder, "--rules", "plain.json")["lead"] is None


def test_a_backtest_of_a_file_asks_the_models_of_both_sides(folder):
    columns = ("--file", "rows.csv", "--label", "office", "--text", "said")
    sides = ("naming.json", "--against", "plain.json")
    ran = rules(folder, "backtest", *sides, *columns, "--model", "model")
    assert ran.exit_code == 0, ran.output
    result = json.loads(ran.stdout)["result"]
    assert (result["before"]["accuracy"], result["after"]["accuracy"]) == (0.5, 1.0)


MISSING, UNNAMED, ROUTERS = "model that is not given", "do not name", "The router has its own"
FILE = ("--file", "rows.csv", "--label", "office", "--text", "said")


@pytest.mark.parametrize(
    ("command", "words", "said"),
    [
        ("explain", (TEXT, "--rules", "naming.json"), MISSING),
        ("explain", (TEXT, "--rules", "naming.json", "--model", "other"), MISSING),
        ("explain", (TEXT, "--rules", "plain.json", "--model", "model"), UNNAMED),
        ("explain", (TEXT, "--model", "model"), ROUTERS),
        ("backtest", ("naming.json", *FILE), MISSING),
        ("backtest", ("plain.json", *FILE, "--model", "model"), UNNAMED),
        ("backtest", ("plain.json", "--model", "model"), ROUTERS),
    ],
)
def test_another_model_or_none_is_refused_in_one_line(folder, command, words, said):
    ran = rules(folder, command, *words)
    assert ran.exit_code == 1
    assert said in ran.output
    assert "Traceback" not in ran.output
