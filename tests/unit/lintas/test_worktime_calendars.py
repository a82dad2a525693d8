import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from lintas.vocabulary.errors import Invalid
from lintas.worktime import Calendar, FirstDay, Span

BODY = json.loads(Path(__file__).with_name("worktime_office.json").read_text())
OFFICE = Calendar.from_document(BODY)
WIB = ZoneInfo("Asia/Jakarta")
HOUR = 3_600


def wib(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=WIB)


WORKED = [
    ("one morning", "2026-04-06T08:00", "2026-04-06T09:00", 1 * HOUR),
    ("the lunch break does not count", "2026-04-06T11:00", "2026-04-06T14:00", 2 * HOUR),
    ("inside the lunch break", "2026-04-06T12:00", "2026-04-06T13:00", 0),
    ("a whole working day", "2026-04-06T00:00", "2026-04-07T00:00", 7.5 * HOUR),
    (
        "a Friday has a longer break and a later end",
        "2026-04-10T11:00",
        "2026-04-10T16:30",
        4 * HOUR,
    ),
    ("a night", "2026-04-06T16:00", "2026-04-07T07:30", 0),
    ("a weekend", "2026-04-10T16:30", "2026-04-13T07:30", 0),
    ("a week is 37 h 30 min", "2026-04-06T00:00", "2026-04-13T00:00", 37.5 * HOUR),
    ("a week of Ramadan is 32 h 30 min", "2026-02-23T00:00", "2026-03-02T00:00", 32.5 * HOUR),
    ("Ramadan opens later", "2026-03-16T07:30", "2026-03-16T08:30", 0.5 * HOUR),
    ("the last Friday before Ramadan is whole", "2026-02-13T00:00", "2026-02-14T00:00", 7.5 * HOUR),
    ("Nyepi and Lebaran close the office", "2026-03-18T00:00", "2026-03-25T00:00", 0),
    ("a holiday closes a day of Ramadan too", "2026-03-19T00:00", "2026-03-20T00:00", 0),
    ("Good Friday", "2026-04-03T00:00", "2026-04-04T00:00", 0),
    ("fractions of a second are cut", "2026-04-06T08:00:00.900", "2026-04-06T08:00:02.100", 2),
    ("nothing", "2026-04-06T08:00", "2026-04-06T08:00", 0),
]


@pytest.mark.parametrize(
    ("start", "end", "seconds"), [row[1:] for row in WORKED], ids=[r[0] for r in WORKED]
)
def test_working_seconds_count_office_hours_only(start, end, seconds):
    assert OFFICE.working_seconds(wib(start), wib(end)) == seconds


def test_many_pairs_are_answered_in_order():
    pairs = [(wib(start), wib(end)) for _, start, end, _ in WORKED]
    assert OFFICE.working_seconds_many(pairs) == [seconds for *_, seconds in WORKED]


def test_open_spans_are_utc_instants():
    assert OFFICE.open_spans(date(2026, 4, 6)) == (
        Span(datetime(2026, 4, 6, 0, 30, tzinfo=UTC), datetime(2026, 4, 6, 5, tzinfo=UTC)),
        Span(datetime(2026, 4, 6, 6, tzinfo=UTC), datetime(2026, 4, 6, 9, tzinfo=UTC)),
    )
    assert OFFICE.open_spans(date(2026, 3, 21)) == ()


def test_a_holiday_and_a_weekend_are_no_working_days():
    worked = [day for day in range(16, 30) if OFFICE.is_working_day(date(2026, 3, day))]
    assert worked == [16, 17, 25, 26, 27]


@pytest.mark.parametrize(
    ("zone", "opens"),
    [("Asia/Jakarta", 0.5), ("Asia/Makassar", -0.5), ("Asia/Jayapura", -1.5)],
    ids=["WIB", "WITA", "WIT"],
)
def test_hours_are_local_to_the_zone(zone, opens):
    calendar = Calendar.from_document({**BODY, "zone": zone})
    start, _ = calendar.open_spans(date(2026, 4, 7))[0]
    assert start == datetime(2026, 4, 7, tzinfo=UTC) + timedelta(hours=opens)
    assert calendar.day_of(start) == date(2026, 4, 7)


def test_the_last_evening_of_the_year_belongs_to_the_local_day():
    assert OFFICE.day_of(datetime(2026, 12, 31, 18, tzinfo=UTC)) == date(2027, 1, 1)


ADDED = [
    ("within the morning", "2026-04-06T08:00", 1 * HOUR, "2026-04-06T09:00"),
    ("over the lunch break", "2026-04-06T11:30", 1 * HOUR, "2026-04-06T13:30"),
    (
        "up to the closing second, not the next opening",
        "2026-04-06T15:00",
        HOUR,
        "2026-04-06T16:00",
    ),
    ("over the night", "2026-04-06T15:30", 1 * HOUR, "2026-04-07T08:00"),
    ("from outside hours", "2026-04-05T20:00", 1 * HOUR, "2026-04-06T08:30"),
    ("over Lebaran", "2026-03-17T14:00", 2 * HOUR, "2026-03-25T08:30"),
    ("a year of weeks", "2027-01-04T07:30", 52 * 37.5 * HOUR, "2027-12-31T16:30"),
]


@pytest.mark.parametrize(
    ("start", "seconds", "end"), [row[1:] for row in ADDED], ids=[r[0] for r in ADDED]
)
def test_add_working_finds_the_earliest_instant(start, seconds, end):
    assert OFFICE.add_working(wib(start), int(seconds)) == wib(end)


def test_adding_nothing_stays_outside_hours():
    assert OFFICE.add_working(wib("2026-04-05T20:00"), 0) == wib("2026-04-05T20:00")


def test_age_in_days_equals_the_limit_on_the_day_it_falls_due():
    due = OFFICE.add_working_days(wib("2026-03-17T10:00"), 14, FirstDay.NEXT_DAY)
    assert OFFICE.working_days_between(date(2026, 3, 17), OFFICE.day_of(due)) == 14
    assert OFFICE.working_days_between(date(2026, 3, 17), date(2026, 3, 17)) == 0


def test_a_span_of_centuries_costs_no_more_than_one_of_days():
    start = datetime(1900, 1, 1, tzinfo=UTC)
    assert OFFICE.working_seconds(start, datetime(2900, 1, 1, tzinfo=UTC)) > 0
    assert OFFICE.add_working(start, 10**10) > start


def test_round_the_clock_is_wall_time():
    always = Calendar.round_the_clock("Asia/Makassar")
    start = datetime(2026, 3, 17, 3, 4, 5, tzinfo=UTC)
    end = start + timedelta(days=800, seconds=7)
    assert always.working_seconds(start, end) == (end - start).total_seconds()
    assert always.add_working(start, 800 * 86_400 + 7) == end


REVISED = {
    **BODY,
    "holidays": [
        {"date": "2026-12-24", "known_until": "2026-06-01"},
        {"date": "2026-12-28", "known_from": "2026-06-01T09:00:00+07:00"},
    ],
}


def test_a_revision_leaves_what_was_known_before_it_unchanged():
    before = Calendar.from_document(REVISED, known_at=wib("2026-05-31T00:00"))
    after = Calendar.from_document(REVISED, known_at=wib("2026-06-01T09:00"))
    now = Calendar.from_document(REVISED)
    start = wib("2026-12-23T10:00")
    assert before.add_working_days(start, 2, FirstDay.NEXT_DAY) == wib("2026-12-28T16:00")
    assert after.add_working_days(start, 2, FirstDay.NEXT_DAY) == wib("2026-12-25T16:30")
    assert now == after
    assert now != before


def test_of_two_exceptions_the_later_in_the_list_counts():
    closed = {"from": "2026-03-02", "to": "2026-03-02", "weekly": {}}
    calendar = Calendar.from_document({**BODY, "exceptions": [*BODY["exceptions"], closed]})
    assert not calendar.is_working_day(date(2026, 3, 2))
    assert calendar.is_working_day(date(2026, 3, 3))


@pytest.mark.parametrize(
    "call",
    [
        lambda: OFFICE.working_seconds(wib("2026-04-06T09:00"), wib("2026-04-06T08:00")),
        lambda: OFFICE.working_days_between(date(2026, 4, 7), date(2026, 4, 6)),
        lambda: OFFICE.add_working(wib("2026-04-06T09:00"), -1),
        lambda: OFFICE.add_working_days(wib("2026-04-06T09:00"), 0, FirstDay.SAME_DAY),
        lambda: OFFICE.day_of(datetime(2026, 4, 6)),  # noqa: DTZ001 the naive time is the case
    ],
    ids=["end before start", "end day before start", "negative seconds", "day 0", "naive instant"],
)
def test_what_has_no_answer_is_refused(call):
    with pytest.raises(ValueError, match=r"^(an|no|at) "):
        call()


BROKEN = [
    ("/zone", {"zone": None}),
    ("/zone", {"zone": "Asia/Bogor"}),
    ("/zone", {"zone": "../etc/passwd"}),
    ("/zone", {"zone": "Europe/Berlin"}),
    ("/weekly", {"weekly": None}),
    ("/weekly", {"weekly": {}}),
    ("/weekly", {"weekly": {"senin": [["07:30", "16:00"]]}}),
    ("/weekly/mon", {"weekly": {"mon": 5}}),
    ("/weekly/mon/0", {"weekly": {"mon": ["07:30"]}}),
    ("/weekly/mon/0", {"weekly": {"mon": [["07:30", "7:45"]]}}),
    ("/weekly/mon/0", {"weekly": {"mon": [["16:00", "07:30"]]}}),
    ("/weekly/mon/1", {"weekly": {"mon": [["07:30", "12:00"], ["11:00", "16:00"]]}}),
    ("/exceptions", {"exceptions": {}}),
    ("/exceptions/0", {"exceptions": ["ramadan"]}),
    ("/exceptions/0/from", {"exceptions": [{"from": "18-02-2026", "to": "2026-03-19"}]}),
    ("/exceptions/0/to", {"exceptions": [{"from": "2026-02-18", "to": "2026-02-17"}]}),
    ("/exceptions/0/to", {"exceptions": [{"from": "2026-02-18", "to": "9999-12-31"}]}),
    ("/exceptions/0/weekly", {"exceptions": [{"from": "2026-02-18", "to": "2026-02-18"}]}),
    ("/holidays/0/date", {"holidays": [{"date": 20260319}]}),
    ("/holidays/0/known_from", {"holidays": [{"date": "2026-03-19", "known_from": "kemarin"}]}),
    ("/holidays/0/known_from", {"holidays": [{"date": "2026-03-19", "known_from": "0001-01-01"}]}),
]


@pytest.mark.parametrize(("pointer", "change"), BROKEN, ids=[str(n) for n in range(len(BROKEN))])
def test_a_broken_document_is_refused_by_the_name_of_its_field(pointer, change):
    with pytest.raises(Invalid) as refused:
        Calendar.from_document({**BODY, **change})
    assert [error.pointer for error in refused.value.errors] == [pointer]


def test_dates_read_by_yaml_are_as_good_as_text():
    holiday = {"date": date(2026, 4, 7), "known_from": date(2026, 1, 1)}
    calendar = Calendar.from_document(
        {**BODY, "holidays": [holiday]}, known_at=datetime(2025, 12, 31, 17, tzinfo=UTC)
    )
    assert not calendar.is_working_day(date(2026, 4, 7))
