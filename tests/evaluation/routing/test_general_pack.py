"""The general pack on real reports of two regions, as far as they are at hand.

The sets are nobody's but their authors': they are read where they lie, and only scores are told.
"""

import json
from collections.abc import Iterator

import pytest
import yaml
from tests.beside import DATA
from typer.testing import CliRunner

from lintas_local.app import main
from lintas_local.layout import PACKS

#: what one office of a region answers; not the districts, the secretariat and what nobody got
OFFICES = ("KECAMATAN", "KELURAHAN", "SETDA_LAIN", "UNROUTED")
IN_BANDUNG = ("--overlay", str(PACKS / "overlays" / "kabupaten-bandung"), "--time", "created")


def accuracy(name: str, *options: str) -> float:
    file = DATA / name / "dev.jsonl"
    if not file.is_file():
        pytest.skip(f"{file} is not there")
    asked = ["rules", "evaluate", str(file), "--label", "agency_canon", "--json", *options]
    for label in OFFICES:
        asked += ["--without", label]
    result = CliRunner().invoke(main, asked)
    assert result.exit_code == 0, result.output
    found: float = json.loads(result.stdout)["accuracy"]
    return found


@pytest.mark.parametrize(
    ("name", "options", "floor"),
    [
        ("kabbdg_sp4n", ["--text", "text"], 0.74),
        ("kabbdg_sp4n", ["--text", "title", "--text", "text"], 0.76),
        ("kabbdg_sp4n", ["--text", "title", "--text", "text", *IN_BANDUNG], 0.82),
        ("samarinda_sp4n", ["--text", "text"], 0.70),
        ("samarinda_sp4n", ["--text", "title", "--text", "text"], 0.78),
    ],
)
def test_rules_of_ours_find_the_office_without_any_training(
    name: str, options: list[str], floor: float
) -> None:
    assert accuracy(name, *options) >= floor


@pytest.mark.parametrize("folder", ["indonesia", "overlays/kabupaten-bandung"])
def test_no_term_is_long_enough_to_be_somebodys_own_words(folder: str) -> None:
    rules = yaml.safe_load((PACKS / folder / "rules.yaml").read_text(encoding="utf-8"))
    parts = [
        part
        for rule in (*rules["rules"], *rules.get("classes", ()))
        for name in ("any", "all", "none")
        for part in rule.get(name, ())
    ]
    terms = [*strings([parts, rules.get("lists", {}), rules.get("urgency", {})])]
    assert terms
    assert [term for term in terms if len(term.split()) > 4] == []


def strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from strings([*value.values()])
    elif isinstance(value, list):
        for one in value:
            yield from strings(one)
