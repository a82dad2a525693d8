"""The pack of Bogor holds the facts it was asked to hold."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest

from lintas.worktime import Calendar, DeadlinePolicy, due_at
from lintas_local.pack import directory_documents, load_pack

PACKS = Path(__file__).parents[3] / "deploy" / "packs"
WIB = timezone(timedelta(hours=7))


@pytest.fixture(scope="module")
def pack():
    return load_pack(PACKS / "bogor")


@pytest.fixture(scope="module")
def bodies(pack):
    return {(d["kind"], d["id"]): d["body"] for d in directory_documents(pack)}


def test_six_kecamatan_and_68_kelurahan(pack):
    kinds = Counter(place.kind for place in pack.places.places)
    assert kinds == {"city": 1, "kecamatan": 6, "kelurahan": 68}
    assert all(
        -6.70 < place.lat < -6.50 < 106.7 < place.lng < 106.9 for place in pack.places.places
    )


def test_every_kecamatan_has_its_office(pack):
    offices = {agency.place for agency in pack.agencies.agencies if agency.kind == "district"}
    assert offices == {p.code for p in pack.places.places if p.kind == "kecamatan"}


def test_licences_stand_beside_the_data():
    for name in ("wilayah", "wilayah_boundaries", "holidays"):
        text = (PACKS / "bogor" / f"LICENSE.{name}.txt").read_text("utf-8")
        assert "Permission is hereby granted, free of charge" in text


@pytest.mark.parametrize(("year", "national", "leave"), [(2026, 17, 8), (2027, 18, 8)])
def test_holidays_of_the_year(pack, year, national, leave):
    days = next(item for item in pack.calendars.holidays if item.year == year).days
    kinds = Counter(day.kind for day in days)
    assert kinds == {"national": national, "collective_leave": leave}


def test_days_that_the_moon_moves_are_estimates_until_their_decree(pack):
    by_year = {item.year: item.days for item in pack.calendars.holidays}
    assert not any(day.estimated for day in by_year[2026])
    fixed = {day.day for day in by_year[2027] if not day.estimated}
    assert date(2027, 8, 17) in fixed
    assert date(2027, 3, 10) not in fixed
    assert all(day.estimated for day in by_year[2027] if day.kind == "collective_leave")


def test_no_deadline_of_the_law_passes_for_confirmed(pack):
    assert not any(policy.confirmed for policy in pack.policies.policies)
    assert not any(policy.confirmed for policy in pack.policies.escalation)


@pytest.mark.parametrize(
    ("monday", "hours"),
    [(date(2026, 1, 5), 37.5), (date(2026, 2, 23), 32.5)],
    ids=["ordinary week", "Ramadan"],
)
def test_office_hours_add_up_to_the_weekly_total(bodies, monday, hours):
    calendar = Calendar.from_document(bodies["calendar", "office"])
    start = datetime.combine(monday, datetime.min.time(), WIB)
    assert calendar.working_seconds(start, start + timedelta(days=7)) == hours * 3600


@pytest.mark.parametrize(
    ("start", "due"),
    [("next_day", date(2026, 3, 27)), ("same_day", date(2026, 3, 26))],
)
def test_three_working_days_over_lebaran_2026(bodies, start, due):
    calendar = Calendar.from_document(bodies["calendar", "office"])
    row = bodies["policy", "complaint-verify"]
    policy = DeadlinePolicy.from_document({**row, "start": start})
    received = datetime(2026, 3, 17, 14, 0, tzinfo=WIB)
    assert due_at(policy, received, calendar).astimezone(WIB).date() == due


def test_the_ladder_runs_round_the_clock(bodies):
    calendar = Calendar.from_document(bodies["calendar", "always"])
    received = datetime(2026, 3, 21, 20, 30, tzinfo=UTC)
    ladder = ("ladder-complaint-assign", "ladder-complaint-head", "ladder-complaint-mayor")
    policies = [DeadlinePolicy.from_document(bodies["policy", name]) for name in ladder]
    assert [due_at(policy, received, calendar) - received for policy in policies] == [
        timedelta(minutes=7), timedelta(hours=24), timedelta(hours=48)
    ]  # fmt: skip


def test_street_lighting_has_one_owner_on_every_day(pack):
    rules = {rule.id: rule for rule in pack.rules.rules}
    before, after = rules["street_light_before_dishub"], rules["street_light"]
    assert (before.lead, after.lead) == ("disperumkim", "dishub")
    assert after.effective_from - before.effective_until == timedelta(days=1)
    assert before.any == after.any
    assert rules["park_light"].lead == "disperumkim"
