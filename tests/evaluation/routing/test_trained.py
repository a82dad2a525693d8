"""A model that learns, on real reports of two cities, as far as they are at hand.

The floors hold for folds in which near-equal texts stay together; only scores are told.
"""

import json
from functools import cache
from pathlib import Path

import pytest
from tests.beside import DATA

from lintas_local.layout import PACKS
from lintas_local.pack import load_pack
from lintas_local.rules.evaluating import Scores, score
from lintas_local.rules.folds import folds
from lintas_local.rules.related import related
from lintas_local.rules.training import train


@cache
def scores(name: str, label: str, *without: str) -> Scores:
    file: Path = DATA / name / "dev.jsonl"
    if not file.is_file():
        pytest.skip(f"{file} is not there")
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    rows = [row for row in rows if row[label] not in without]
    texts, labels = [row["text"] or "" for row in rows], [row[label] for row in rows]
    # enough to see a fall; all five take minutes
    learnt, asked = next(folds(texts))
    known = related(load_pack(PACKS / "indonesia"))
    model = train([texts[n] for n in learnt], [labels[n] for n in learnt], related=known)
    return score([labels[n] for n in asked], model.predict([texts[n] for n in asked]))


@pytest.mark.parametrize(
    ("name", "label", "without", "floor"),
    [
        ("sby_mediacenter", "agency_canon", (), 0.77),
        ("sby_mediacenter", "agency_canon", ("KELURAHAN", "KECAMATAN"), 0.84),
        ("bandung_tweets", "kind", (), 0.76),
    ],
    ids=["24_agencies", "22_agencies", "kinds_of_posts"],
)
def test_a_model_finds_labels_of_texts_it_has_not_seen(
    name: str, label: str, without: tuple[str, ...], floor: float
) -> None:
    found = scores(name, label, *without)
    assert floor <= found.accuracy
    # more than people agree on would be a leak
    assert found.accuracy < 0.92


def test_the_surest_half_is_right_nearly_always() -> None:
    found = scores("sby_mediacenter", "agency_canon")
    assert found.coverage_at["0.93"] >= 0.60
    assert found.coverage_at["0.95"] >= 0.48
