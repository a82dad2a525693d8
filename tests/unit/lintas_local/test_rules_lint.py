"""What is wrong with a pack is told where it is written."""

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from lintas_local.app import main

EXAMPLE = Path(__file__).parents[3] / "deploy" / "packs" / "example"

RULE = """
  - id: added
    category: {category}
    lead: {lead}
    {rest}
"""


def rule(rest: str, category: str = "garbage", lead: str = "environment") -> str:
    return RULE.format(category=category, lead=lead, rest=rest)


#: what is added to which file, and what is told about the line with which words
WRONG = {
    "shadowed": ("rules.yaml", rule("any: [sampah]"), "shadowed", "id: added"),
    "contradiction": (
        "rules.yaml",
        rule("any: [karung]\n    none: [karung]"),
        "expected no term that the rule looks for",
        "none: [karung]",
    ),
    "contradiction of circumstances": (
        "rules.yaml",
        rule("any: [karung]\n    all: [{class: [complaint]}, {class: [aspiration]}]"),
        "contradiction",
        "all: [{class",
    ),
    "contradiction in part": (
        "rules.yaml",
        rule("none: [karung]\n    any: [karung besar, peti]"),
        "contradiction",
        "any: [karung besar, peti]",
    ),
    "never matching": (
        "rules.yaml",
        rule("any: [karung]\n    all: [{hours: [08:00, 08:00]}]"),
        "never_matches",
        "all: [{hours",
    ),
    "never in effect": (
        "rules.yaml",
        rule("any: [karung]\n    effective_from: 2026-02-02\n    effective_until: 2026-02-01"),
        "expected a day not before",
        "effective_until: 2026-02-01",
    ),
    "too broad": ("rules.yaml", rule("any: [warga]"), "too_broad", "any: [warga]"),
    "unreachable": (
        "rules.yaml",
        rule("any: [karung]\n    all: [{class: [other]}]"),
        "unreachable",
        "all: [{class",
    ),
    "unknown agency": (
        "rules.yaml",
        rule("any: [karung]", lead="nobody"),
        "expected a known agency",
        "lead: nobody",
    ),
    "unknown helper": (
        "rules.yaml",
        rule("any: [karung]\n    contributors:\n      - {agency: nobody, reason: helps}"),
        "expected a known agency",
        "agency: nobody",
    ),
    "unknown category": (
        "rules.yaml",
        rule("any: [karung]", category="nothing"),
        "expected a known category",
        "category: nothing",
    ),
    "place outside": (
        "places.yaml",
        '  - {code: "99.01.02.1001", kind: kelurahan, name: Contoh Luar, lat: -6.5, lng: 106.8}\n',
        "expected the area around it",
        "Contoh Luar",
    ),
}


@pytest.mark.parametrize(("file", "added", "told", "words"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_told_with_file_and_line(tmp_path, file, added, told, words):
    pack = tmp_path / "example"
    shutil.copytree(EXAMPLE, pack)
    path = pack / file
    path.write_text(path.read_text().rstrip("\n") + "\n" + added.lstrip("\n"))
    (line,) = (n for n, text in enumerate(path.read_text().splitlines(), 1) if words in text)
    ran = CliRunner().invoke(main, ["rules", "lint", str(pack), "--json"])
    found = json.loads(ran.stdout)
    assert ran.exit_code == bool(found["faults"])
    (problem,) = found["faults"] + found["advice"]
    assert (problem["file"], problem["line"]) == (file, line)
    assert problem["expected"].startswith(told)


@pytest.mark.parametrize(
    ("path", "file", "words"),
    [
        (("places", 1, "parent"), "places.yaml", "Contoh Tengah"),
        (("rules", 2, "contributors", 0, "agency"), "rules.yaml", "{agency: public-works"),
        # the fourth word of a written-out list may stand nowhere in the rule
        (("rules", 0, "any", 4), "rules.yaml", "any: [jalan rusak, lubang, aspal]"),
        ((), "rules.yaml", "language: {base"),
    ],
)
def test_what_the_router_finds_is_placed_in_the_file_that_has_it(monkeypatch, path, file, words):
    finding = {"path": path, "code": "wrong", "expected": "another", "advice": False}
    monkeypatch.setattr("lintas_local.commands.rules_lint.linted", lambda _document: [finding])
    ran = CliRunner().invoke(main, ["rules", "lint", str(EXAMPLE), "--json"])
    (fault,) = json.loads(ran.stdout)["faults"]
    lines = (EXAMPLE / file).read_text().splitlines()
    at = next(n for n, text in enumerate(lines, 1) if words in text)
    assert (ran.exit_code, fault["file"], fault["line"]) == (1, file, at)
