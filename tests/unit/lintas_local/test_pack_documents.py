"""A pack becomes documents that say the same thing every time."""

import shutil
from pathlib import Path

import orjson
import pytest

from lintas_local.pack import directory_documents, load_pack, ruleset

PACKS = Path(__file__).parents[3] / "deploy" / "packs"


@pytest.fixture(scope="module")
def bogor():
    return load_pack(PACKS / "bogor")


@pytest.fixture(scope="module")
def documents(bogor):
    return {(d["kind"], d["id"]): d for d in directory_documents(bogor)}


def test_the_same_pack_gives_the_same_bytes(bogor):
    again = load_pack(PACKS / "bogor")
    assert orjson.dumps(directory_documents(again)) == orjson.dumps(directory_documents(bogor))
    assert orjson.dumps(ruleset(again)) == orjson.dumps(ruleset(bogor))


def test_every_document_has_a_name_of_its_own(bogor):
    found = directory_documents(bogor)
    names = {(d["kind"], d["id"], d["version"]) for d in found}
    assert len(names) == len(found)
    assert {kind for kind, _, _ in names} == {
        "city", "place", "category", "calendar", "agency", "policy"
    }  # fmt: skip


def test_a_changed_row_changes_its_document_and_no_other(tmp_path):
    folder = shutil.copytree(PACKS / "example", tmp_path / "example")
    before = {(d["kind"], d["id"]): d["version"] for d in directory_documents(load_pack(folder))}
    file = folder / "categories.yaml"
    file.write_text(file.read_text("utf-8").replace("en: Garbage", "en: Waste"), "utf-8")
    after = {(d["kind"], d["id"]): d["version"] for d in directory_documents(load_pack(folder))}
    assert {key for key in before if before[key] != after[key]} == {("category", "garbage")}


def test_times_are_midnights_of_the_city(documents):
    agency = documents["agency", "bpbd"]
    assert agency["effective_from"] == "2017-01-01T00:00:00+07:00"
    assert agency["effective_to"] is None


def test_the_last_day_is_included(tmp_path):
    folder = shutil.copytree(PACKS / "example", tmp_path / "example")
    file = folder / "agencies.yaml"
    text = file.read_text("utf-8")
    file.write_text(
        text.replace("    known_from", "    effective_to: 2026-12-31\n    known_from", 1)
    )
    found = [d for d in directory_documents(load_pack(folder)) if d["id"] == "public-works"]
    assert found[0]["effective_to"] == "2027-01-01T00:00:00+07:00"


def test_a_policy_says_all_that_a_deadline_needs(documents):
    assert documents["policy", "information-resolution"]["body"] == {
        "class": "information_request",
        "stage": "resolution",
        "level": None,
        "to": None,
        "amount": 5,
        "unit": "working_days",
        "start": "next_day",
        "calendar": "office",
        "legal_basis": "PermenPANRB 62/2018, replaced by PermenPANRB 5/2025 (text not obtained)",
        "confirmed": False,
        "source": "permintaan informasi; under UU KIP it would be 10 + 7",
    }


def test_only_holidays_on_which_it_is_closed_are_in_a_calendar(documents):
    assert documents["calendar", "always"]["body"]["holidays"] == []
    office = documents["calendar", "office"]["body"]
    assert office["holidays"][0] == {
        "date": "2026-01-01",
        "name": "Tahun Baru Masehi",
        "kind": "national",
        "estimated": False,
        "known_from": "2025-09-19",
        "source": office["holidays"][1]["source"],
    }
    assert office["weekly"]["fri"] == [["07:30", "11:30"], ["13:00", "16:30"]]
    assert office["weekly"]["sun"] == []


def test_word_lists_are_written_out(bogor):
    rules = ruleset(bogor)
    thanks = next(rule for rule in rules["classes"] if rule["id"] == "thanks")
    assert set(bogor.rules.lists["trouble"]) <= set(thanks["none"])
    every = [
        term for rule in rules["rules"] + rules["classes"] for term in rule["any"] + rule["none"]
    ]
    assert not [term for term in every if term.startswith("@")]


def test_the_rule_set_has_what_the_router_reads(bogor):
    rules = ruleset(bogor)
    assert set(rules) == {
        "version", "city", "zone", "agencies", "categories", "rules", "classes", "urgency",
        "subjects", "own_accounts", "places", "language",
    }  # fmt: skip
    assert set(rules["rules"][0]) == {
        "id", "category", "any", "all", "none", "lead", "contributors", "weight", "class",
        "effective_from", "effective_until", "note",
    }  # fmt: skip
