"""`lintas rules evaluate` on files of our own."""

import csv
import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from lintas_local.app import main
from lintas_local.layout import PACKS
from lintas_local.pack import PackInvalid, load_pack, overlay
from lintas_local.rules.deciding import Aspect, PackRules
from lintas_local.rules.evaluating import coverage_at, score
from lintas_local.rules.labelled import same

OVERLAY = PACKS / "overlays" / "kabupaten-bandung"
#: written for this test; the last two cannot be known from their words
ROWS = [
    {"t": "Aspal di depan balai warga rusak dan berlubang", "dinas": "PUPR", "kind": "complaint"},
    {"t": "Sampah di gang kami sudah seminggu menumpuk", "dinas": "DLH", "kind": "complaint"},
    {"t": "Cara bikin KTP hilang bagaimana?", "dinas": "DISDUKCAPIL", "kind": "question"},
    {"t": "Pedagang kaki lima menutup trotoar", "dinas": "SATPOL_PP", "kind": "complaint"},
    {"t": "Halo", "dinas": "DLH", "kind": "complaint"},
    {"t": "Selamat pagi", "dinas": "KECAMATAN", "kind": "complaint"},
]


@pytest.fixture
def labelled(tmp_path: Path) -> Path:
    file = tmp_path / "rows.ndjson"
    file.write_text("\n".join(map(json.dumps, ROWS)), encoding="utf-8")
    return file


def evaluate(file: Path, *options: str, code: int = 0):
    asked = ["rules", "evaluate", str(file), "--label", "dinas", "--text", "t", "--json", *options]
    result = CliRunner().invoke(main, asked)
    assert result.exit_code == code, result.output
    return json.loads(result.stdout) if result.stdout else result.stderr


def test_the_general_pack_answers_unless_another_is_named(labelled):
    found = evaluate(labelled)
    assert found["by"].startswith("rules indonesia ")
    assert (found["rows"], found["accuracy"]) == (6, 0.6667)
    assert (found["coverage"], found["silent"]) == (0.6667, 0.3333)
    assert found["answered_accuracy"] == 1.0
    # labels that nobody found count as zero in the mean
    assert found["macro_f1"] == round((1 + 1 + 1 + 2 / 3 + 0) / 5, 4)
    assert {one["predicted"] for one in found["confusions"]} == {None}


def test_rows_of_unwanted_labels_are_left_out(labelled):
    found = evaluate(labelled, "--without", "kecamatan")
    assert (found["rows"], found["left_out"]) == (5, 1)


@pytest.mark.parametrize("packed", [False, True])
def test_a_table_is_read_like_ndjson(tmp_path, labelled, packed):
    file = tmp_path / "rows.csv"
    with file.open("w", newline="", encoding="utf-8") as table:
        writer = csv.DictWriter(table, ["t", "dinas", "kind"])
        writer.writeheader()
        writer.writerows(ROWS)
    if packed:
        file.write_bytes(gzip.compress(file.read_bytes()))
    ours, theirs = evaluate(file), evaluate(labelled)
    assert {**ours, "file": ""} == {**theirs, "file": ""}


def test_several_texts_are_read_as_one(tmp_path):
    file = tmp_path / "rows.ndjson"
    row = {"title": "Sampah", "t": "Belum diangkut", "dinas": "DLH"}
    file.write_text(json.dumps(row), encoding="utf-8")
    assert evaluate(file)["accuracy"] == 0
    assert evaluate(file, "--text", "title")["accuracy"] == 1


def test_wrong_rows_are_shown_with_the_terms_that_misled(tmp_path):
    file = tmp_path / "rows.ndjson"
    row = {"t": "Tumpukan sampah di selokan", "dinas": "DAMKAR"}
    file.write_text(json.dumps(row), encoding="utf-8")
    (wrong,) = evaluate(file, "--errors", "3")["errors"]
    assert (wrong["line"], wrong["label"], wrong["predicted"]) == (1, "DAMKAR", "dlh")
    assert "sampah" in wrong["terms"]


def test_the_class_can_be_held_against_the_label(labelled):
    found = evaluate(labelled, "--label", "kind", "--of", "class")
    rows = {(one["label"], one["predicted"]): one["rows"] for one in found["confusions"]}
    assert rows == {("question", "information_request"): 1}


def test_a_label_can_be_called_what_the_pack_calls_it(labelled):
    called = ("--called", "Question=information_request")
    found = evaluate(labelled, "--label", "kind", "--of", "class", *called)
    assert (found["accuracy"], found["confusions"]) == (1, [])


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--label", "nothing"], "no row has a value in nothing"),
        (["--zone", "Mars"], "--zone is no time zone"),
        (["--called", "question"], "--called names no label"),
        (["--pack", "nowhere"], "there is no city pack nowhere"),
        (["--overlay", "nowhere"], "expected a folder with rules.yaml"),
    ],
)
def test_what_cannot_be_done_is_told_in_one_line(labelled, options, told):
    assert told in evaluate(labelled, *options, code=1)


def test_rows_that_cannot_be_read_are_named_and_never_repeated(tmp_path):
    file = tmp_path / "rows.ndjson"
    rows = [json.dumps(ROWS[0] | {"at": "2026-03-17"}), json.dumps(ROWS[1] | {"at": "rahasia"})]
    file.write_text("\n".join([*rows, "{rahasia", json.dumps({"t": "x"})]), encoding="utf-8")
    found = evaluate(file, "--time", "at", code=1)
    assert (found["rows"], found["unlabelled"], found["rejected"]) == (1, 1, 2)
    assert [(one["line"], one["field"]) for one in found["rejections"]] == [(2, "at"), (3, "")]
    assert "rahasia" not in json.dumps(found)


def test_an_overlay_decides_by_the_day(tmp_path):
    file = tmp_path / "rows.ndjson"
    days = {"2023-06-30": "PUPR", "2023-07-01": "DISHUB"}
    rows = [{"t": "PJU padam", "dinas": owner, "at": day} for day, owner in days.items()]
    file.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    assert evaluate(file, "--time", "at")["accuracy"] == 0.5
    assert evaluate(file, "--time", "at", "--overlay", str(OVERLAY))["accuracy"] == 1


def test_an_overlay_takes_the_place_of_equal_ids(tmp_path):
    rule = "{id: garbage, category: garbage, lead: perkim, any: [sampah]}"
    (tmp_path / "rules.yaml").write_text(f"rules:\n  - {rule}\n", encoding="utf-8")
    general = load_pack(PACKS / "indonesia")
    laid_over = overlay(general, tmp_path)
    assert len(laid_over.rules.rules) == len(general.rules.rules)
    assert PackRules(laid_over).verdict("Sampah").prediction[0] == "perkim"


def test_an_overlay_names_only_what_its_pack_knows(tmp_path):
    rule = "{id: odd, category: garbage, lead: nobody, any: [sampah]}"
    (tmp_path / "rules.yaml").write_text(f"rules:\n  - {rule}\n", encoding="utf-8")
    with pytest.raises(PackInvalid) as refused:
        overlay(load_pack(PACKS / "indonesia"), tmp_path)
    assert [found.line for found in refused.value.problems] == [2]


def test_the_general_pack_and_its_overlays_are_in_order():
    general = load_pack(PACKS / "indonesia")
    for folder in (PACKS / "overlays").iterdir():
        overlay(general, folder)


@pytest.mark.parametrize("aspect", list(Aspect))
def test_a_blank_text_has_no_answer(aspect):
    rules = PackRules(load_pack(PACKS / "indonesia"), aspect)
    assert rules.verdict(" \n").prediction == (None, 0.0)


@pytest.mark.parametrize("spelling", ["UKM_DAGANG", "ukm-dagang", "Ukm Dagang"])
def test_codes_are_compared_by_letters_and_digits(spelling):
    assert same(spelling) == "ukmdagang"


def test_coverage_counts_the_surest_answers_first():
    predictions = [("a", 0.9), ("a", 0.8), ("b", 0.8), (None, 0.0)]
    assert coverage_at(["a", "a", "a", "a"], predictions, 1.0) == 0.25
    # equally sure answers pass together: two of three are right
    assert coverage_at(["a", "a", "a", "a"], predictions, 0.66) == 0.75


LABELS = st.sampled_from("abc")
ANSWERS = st.tuples(st.none() | st.sampled_from("abcd"), st.floats(0, 1))


@given(st.lists(st.tuples(LABELS, ANSWERS), min_size=1, max_size=30))
def test_every_share_lies_between_nothing_and_all(pairs):
    labels, predictions = zip(*pairs, strict=True)
    scores = score(labels, predictions)
    right = sum(label == answer for label, (answer, _) in pairs)
    assert scores.accuracy == pytest.approx(right / len(pairs))
    assert 0 <= scores.accuracy <= scores.coverage <= 1
    assert scores.silent == pytest.approx(1 - scores.coverage)
    assert sum(one.rows for one in scores.confusions) == len(pairs) - right
    assert 0 <= scores.macro_f1 <= 1
    assert scores.coverage_at["0.95"] <= scores.coverage_at["0.93"] <= scores.coverage


def taught(folder: Path, name: str, places: str) -> Path:
    """Rows that a model can learn: the office follows from the words, the place says nothing."""
    file = folder / name
    said = [("lampu padam di {}", "DISHUB"), ("aspal pecah di {}", "PUPR")]
    rows = [{"t": text.format(place), "dinas": to} for place in places.split() for text, to in said]
    file.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return file


def test_a_model_is_asked_what_its_other_folds_taught(tmp_path):
    file = taught(tmp_path, "rows.ndjson", "melati mawar kenanga anggrek dahlia")
    found = evaluate(file, "--folds", "5")
    assert (found["by"], found["rows"], found["accuracy"]) == ("model, 5 folds", 10, 1)


def test_a_model_of_one_file_is_asked_about_another(tmp_path):
    teacher = taught(tmp_path, "learnt.ndjson", "melati mawar kenanga")
    file = taught(tmp_path, "asked.ndjson", "anggrek dahlia")
    found = evaluate(file, "--train", str(teacher))
    assert (found["by"], found["rows"], found["accuracy"]) == ("model", 4, 1)


def test_a_file_never_teaches_about_itself(tmp_path):
    file = taught(tmp_path, "rows.ndjson", "melati mawar kenanga anggrek dahlia")
    assert evaluate(file, "--train", str(file))["by"] == "model, 5 folds"


def test_how_alike_two_texts_must_be_to_stay_together_can_be_said(tmp_path):
    file = taught(tmp_path, "rows.ndjson", "melati mawar kenanga anggrek dahlia")
    # three of five words are shared, so all that tells of an office is in one fold
    told = evaluate(file, "--folds", "2", "--alike", "0.6", code=1)
    assert "at least two labels are needed" in told


def test_too_little_to_learn_from_is_told_in_one_line(tmp_path):
    file = taught(tmp_path, "rows.ndjson", "melati")
    told = evaluate(file, "--folds", "2", code=1)
    assert "Expected are texts of two labels or more" in told
