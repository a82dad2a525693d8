import csv
import json
from pathlib import Path

from typer.testing import CliRunner

from lintas_local.app import main
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
