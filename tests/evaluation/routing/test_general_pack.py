"""The general pack on real reports of three regions and on tweets, as far as they are at hand."""

from collections.abc import Iterator

import pytest
import yaml

from lintas_local.layout import PACKS

from .accuracy import BY_RULES, Measure


@pytest.mark.parametrize("measure", BY_RULES, ids=lambda one: f"{one.set}: {one.name}")
def test_rules_of_ours_are_right_so_often_without_any_training(measure: Measure) -> None:
    if not measure.file.is_file():
        pytest.skip(f"{measure.file} is not there")
    assert measure.run()["accuracy"] >= measure.floors["accuracy"]


def test_hardly_a_complaint_among_posts_is_taken_for_something_else() -> None:
    # what is "other" needs no action: whoever is taken for that is never answered
    [posts] = [one for one in BY_RULES if "class" in one.options]
    if not posts.file.is_file():
        pytest.skip(f"{posts.file} is not there")
    [complaints] = [one for one in posts.run()["labels"] if one["label"] == "complaint"]
    assert complaints["recall"] >= 0.965


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
