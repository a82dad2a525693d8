"""A pack is read whole or refused with every reason, each with its file and line."""

import re
import shutil
from pathlib import Path

import pytest

from lintas_local.pack import PackInvalid, Problem, load_pack

PACKS = Path(__file__).parents[3] / "deploy" / "packs"


@pytest.fixture
def folder(tmp_path):
    return shutil.copytree(PACKS / "example", tmp_path / "example")


def problems(folder: Path) -> tuple[Problem, ...]:
    with pytest.raises(PackInvalid) as caught:
        load_pack(folder)
    return caught.value.problems


def change(folder: Path, file: str, old: str, new: str) -> int:
    """Replaces the first `old` and says on which line `new` begins."""
    text = (folder / file).read_text(encoding="utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


@pytest.mark.parametrize("name", ["bogor", "example"])
def test_shipped_packs_are_valid(name):
    pack = load_pack(PACKS / name)
    assert pack.city.code == name


# file, what stands there, what stands there instead, lines below, where, words of the complaint
DAMAGES = {
    "misspelt key": (
        "city.yaml", "domain:", "domian:", 0, "domian", "no key `domian`"
    ),
    "missing key": (
        "city.yaml", "language: id\n", "", None, "language", "this key, it is missing"
    ),
    "number for text": (
        "places.yaml", 'code: "99.01.01"', "code: 99.01", 0, "places.2.code", "in quotes"
    ),
    "text for a number": (
        "city.yaml", "reply_window_days: 30", "reply_window_days: thirty", 0,
        "joining.reply_window_days", "whole number",
    ),
    "ticket prefix": (
        "city.yaml", "ticket_prefix: EX", "ticket_prefix: ex", 0, "ticket_prefix", "capital letters"
    ),
    "agency code": (
        "agencies.yaml", "code: public-works", "code: Public_Works", 0, "agencies.1.code", "lower-case"
    ),
    "agency kind": (
        "agencies.yaml", "kind: office", "kind: desk", 0, "agencies.1.kind", "'office'"
    ),
    "clock time": (
        "calendars.yaml", '["08:00", "12:00"]', '["8:00", "12:00"]', 0,
        "calendars.1.weekly.mon.1.1", "quoted clock time",
    ),
    "unquoted times stay times": (
        "calendars.yaml", '["08:00", "12:00"]', '["12:00", "08:00"]', 0,
        "calendars.1.weekly.mon.1", "spans in order",
    ),
    "no such date": (
        "calendars.yaml", "date: 2026-08-17", "date: 2026-02-30", 0,
        "holidays.1.days.1.date", "a date",
    ),
    "holiday of another year": (
        "calendars.yaml", "date: 2026-08-17", "date: 2025-08-17", 0,
        "holidays.1.days.1.date", "a day of 2026",
    ),
    "time zone": (
        "calendars.yaml", "zone: Asia/Jakarta", "zone: Asia/Bogor", 0,
        "calendars.1.zone", "IANA time zone",
    ),
    "weight": (
        "rules.yaml", "weight: 2", "weight: 0", 0, "rules.1.weight", "greater than 0"
    ),
    "capital letters in a term": (
        "rules.yaml", "[sampah]", "[Sampah]", 0, "rules.2.any.1", "lower-case text"
    ),
    "unknown lead": (
        "rules.yaml", "lead: environment", "lead: parks", 0, "rules.2.lead", "known agency"
    ),
    "unknown category": (
        "rules.yaml", "category: garbage", "category: trash", 0, "rules.2.category", "known category"
    ),
    "unknown contributor": (
        "rules.yaml", "agency: public-works", "agency: parks", 0,
        "rules.3.contributors.1.agency", "known agency",
    ),
    "lead as contributor": (
        "rules.yaml", "agency: public-works", "agency: environment", 0,
        "rules.3.contributors.1.agency", "not yet in this rule",
    ),
    "unknown word list": (
        "rules.yaml", "[terima kasih]", '["@thanks"]', 0, "classes.1.any.1", "word list"
    ),
    "term that excludes itself": (
        "rules.yaml", "none: [tolong,", "none: [terima kasih,", 0, "classes.1.none", "looks for"
    ),
    "duplicate rule": (
        "rules.yaml", "id: garbage", "id: road_damage", 0, "rules.2", "is taken"
    ),
    "other without a kind": (
        "rules.yaml", "    kind: thanks\n", "", -2, "classes.1", "a `kind`"
    ),
    "rule that ends before it begins": (
        "rules.yaml", "    weight: 2\n",
        "    weight: 2\n    effective_from: 2026-02-01\n    effective_until: 2026-01-31\n", 2,
        "rules.1.effective_until", "not before effective_from",
    ),
    "unknown calendar of an agency": (
        "agencies.yaml", "calendar: office", "calendar: night", 0,
        "agencies.1.calendar", "known calendar",
    ),
    "unknown calendar of a policy": (
        "policies.yaml", "calendar: office", "calendar: night", 0,
        "policies.1.calendar", "known calendar",
    ),
    "hours from the next day": (
        "policies.yaml", "unit: working_days", "unit: hours", 1, "policies.1.start", "same_day"
    ),
    "class without a deadline": (
        "policies.yaml", "stage: resolution", "stage: verify", None, "policies", "`resolution`"
    ),
    "overlapping agency names": (
        "agencies.yaml", "code: environment", "code: public-works", 4,
        "agencies.2.effective_from", "period apart",
    ),
    "district without a place": (
        "agencies.yaml", "kind: office", "kind: district", -2, "agencies.1", "`place`"
    ),
    "place outside the city": (
        "places.yaml", '"99.01.01.1001"', '"99.02.01.1001"', 0, "places.3.code", "inside the city"
    ),
    "kecamatan with a short code": (
        "places.yaml", '"99.01.01", kind: kecamatan', '"99.01", kind: kecamatan', 0,
        "places.2.code", "3 parts",
    ),
    "placeholder": (
        "templates.yaml", "{link}", "{name}", 0, "acknowledgement.id", "{ticket}"
    ),
    "key given twice": (
        "city.yaml", "language: id", "code: example", 0, "code", "only once"
    ),
    "alias": (
        "city.yaml", "own_accounts:", "place: &p 1\nown: *p\nown_accounts:", 0, "place", "only once"
    ),
    "broken YAML": (
        "city.yaml", "name: {id: Kota Contoh", "name: {id: [Kota Contoh", 0, "", "expected YAML"
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", DAMAGES.values(), ids=DAMAGES.keys())
def test_each_damage_is_named_with_its_line(folder, case):
    file, old, new, below, where, words = case
    line = change(folder, file, old, new)
    named = [p for p in problems(folder) if p.where == where and words in p.expected]
    assert named, [str(p) for p in problems(folder)]
    assert named[0].file == file
    if below is not None:
        assert named[0].line == line + below


def test_all_problems_of_all_files_come_at_once(folder):
    change(folder, "city.yaml", "ticket_prefix: EX", "ticket_prefix: toolong")
    change(folder, "agencies.yaml", "kind: office", "kind: desk")
    change(folder, "rules.yaml", "weight: 2", "weight: -1")
    change(folder, "rules.yaml", "weight: 3", "weight: heavy")
    found = problems(folder)
    assert [p.file for p in found] == ["agencies.yaml", "city.yaml", "rules.yaml", "rules.yaml"]
    assert re.fullmatch(r"agencies\.yaml:\d+: agencies\.1\.kind: expected .+", str(found[0]))


def test_missing_and_strange_files_are_named(folder):
    (folder / "templates.yaml").rename(folder / "template.yaml")
    assert {(p.file, p.expected.split(",")[0]) for p in problems(folder)} == {
        ("templates.yaml", "expected this file"),
        ("template.yaml", "expected one of city.yaml"),
    }


def test_no_folder_is_a_problem_too(tmp_path):
    assert problems(tmp_path / "nowhere")[0].expected == "expected a folder with a city pack"


def test_an_empty_file_and_one_that_is_no_text_are_refused(folder):
    (folder / "rules.yaml").write_text("# nothing\n", encoding="utf-8")
    (folder / "city.yaml").write_bytes(b"\xff\xfe\x00")
    assert [p.expected for p in problems(folder)] == [
        "expected UTF-8 text",
        "expected content, the file is empty",
    ]


def test_a_correction_known_later_may_overlap(folder):
    change(folder, "agencies.yaml", "code: environment", "code: public-works")
    text = (folder / "agencies.yaml").read_text(encoding="utf-8")
    head, known, tail = text.rpartition("known_from: 2026-01-01")
    (folder / "agencies.yaml").write_text(f"{head}known_from: 2026-06-01{tail}", encoding="utf-8")
    assert known
    named = {p.where for p in problems(folder)}
    assert "agencies.2.effective_from" not in named
