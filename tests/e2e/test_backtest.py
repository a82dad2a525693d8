"""A candidate tried by the operator on what a whole city heard and did."""

import json
from pathlib import Path

import pytest

from lintas_local.layout import PACKS
from lintas_local.pack import load_pack, ruleset

from .city import City, wait_until

pytestmark = pytest.mark.stack


@pytest.fixture(scope="module")
def candidate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The city's rules without those for roads."""
    document = ruleset(load_pack(PACKS / "bogor"))
    rules = [rule for rule in document["rules"] if rule["category"] != "road_damage"]
    assert 0 < len(rules) < len(document["rules"])
    file = tmp_path_factory.mktemp("rules") / "candidate.json"
    file.write_text(json.dumps(document | {"version": "no-roads", "rules": rules}), "utf-8")
    return file


def backtest(city: City, candidate: Path | str, *options: str) -> dict:
    done = city.lintas("rules", "backtest", str(candidate), "--json", *options)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_rules_in_force_change_nothing_when_they_are_the_candidate(city: City):
    wait_until(city, lambda: backtest(city, "bogor")["done"] > 100, "a corpus")
    result = backtest(city, "bogor")["result"]
    assert (result["flipped"], result["mended"], result["broken"]) == (0, 0, 0)
    assert result["before"] == result["after"]
    assert result["bounces"]["expected_change"] == 0


def test_a_candidate_without_roads_loses_them_and_the_report_shows_which(
    city: City, candidate: Path, tmp_path: Path
):
    page = tmp_path / "report.html"
    found = backtest(city, candidate, "--html", str(page), "--language", "en")
    result = found["result"]
    assert found["candidate"] == "no-roads"
    assert result["flipped"] > 0
    assert result["settled"] > 0
    assert result["after"]["accuracy"] < result["before"]["accuracy"]
    loads = {one["agency"]: one for one in result["loads"]}
    assert loads["dpupr"]["after"] < loads["dpupr"]["before"]
    text = page.read_text("utf-8")
    assert "Load of each agency" in text
    assert "no-roads" in text


def test_what_was_decided_then_is_what_the_rules_in_force_decide_again(city: City):
    result = backtest(city, "bogor", "--against", "recorded")["result"]
    assert result["flipped"] == 0
