import json
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from lintas.vocabulary.errors import Invalid
from lintas.worktime import (
    Calendar,
    DeadlinePolicy,
    FirstDay,
    Pause,
    Unit,
    due_at,
    merge_spans,
    working_seconds_excluding,
)

BODY = json.loads(Path(__file__).with_name("worktime_office.json").read_text())
OFFICE = Calendar.from_document(BODY)
ORDINARY = Calendar.from_document({**BODY, "exceptions": []})
WIB = ZoneInfo("Asia/Jakarta")
ALWAYS = Calendar.round_the_clock("Asia/Jakarta")
HOUR = 3_600


def wib(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=WIB)


def days(n: int, first_day: str) -> DeadlinePolicy:
    return DeadlinePolicy(n, Unit.WORKING_DAYS, FirstDay(first_day))


@pytest.mark.parametrize("calendar", [ORDINARY, OFFICE], ids=["ordinary hours", "hours of Ramadan"])
@pytest.mark.parametrize(
    ("first_day", "due"),
    [("next_day", "2026-03-27T16:30"), ("same_day", "2026-03-26T16:00")],
)
def test_three_working_days_over_nyepi_and_lebaran(calendar, first_day, due):
    received = wib("2026-03-17T15:00")
    assert due_at(days(3, first_day), received, calendar) == wib(due)


STARTS = [
    ("in hours", "2026-04-06T10:00", "2026-04-06T16:00", "2026-04-07T16:00"),
    ("before opening", "2026-04-06T05:00", "2026-04-06T16:00", "2026-04-07T16:00"),
    ("in the lunch break", "2026-04-06T12:30", "2026-04-06T16:00", "2026-04-07T16:00"),
    ("at the closing second", "2026-04-06T16:00", "2026-04-06T16:00", "2026-04-07T16:00"),
    ("after closing", "2026-04-06T16:00:01", "2026-04-07T16:00", "2026-04-07T16:00"),
    ("on Friday evening", "2026-04-10T20:00", "2026-04-13T16:00", "2026-04-13T16:00"),
    ("on Saturday", "2026-04-11T09:00", "2026-04-13T16:00", "2026-04-13T16:00"),
    ("on a holiday", "2026-03-20T09:00", "2026-03-25T16:00", "2026-03-25T16:00"),
    ("on Thursday, due on Friday", "2026-04-09T17:00", "2026-04-10T16:30", "2026-04-10T16:30"),
]


@pytest.mark.parametrize(
    ("received", "same", "following"), [r[1:] for r in STARTS], ids=[r[0] for r in STARTS]
)
def test_one_working_day_by_both_start_rules(received, same, following):
    assert due_at(days(1, "same_day"), wib(received), OFFICE) == wib(same)
    assert due_at(days(1, "next_day"), wib(received), OFFICE) == wib(following)


LIMITS = [
    ("five working days", days(5, "next_day"), "2026-04-06T10:00", "2026-04-13T16:00"),
    ("sixty working days", days(60, "next_day"), "2026-04-06T10:00", "2026-06-29T16:00"),
    (
        "sixty calendar days end with the day",
        DeadlinePolicy(60, Unit.CALENDAR_DAYS),
        "2026-03-17T15:00",
        "2026-05-16T23:59:59",
    ),
    (
        "calendar days do not skip Lebaran",
        DeadlinePolicy(3, Unit.CALENDAR_DAYS, FirstDay.SAME_DAY),
        "2026-03-19T23:30",
        "2026-03-21T23:59:59",
    ),
    ("three office hours", DeadlinePolicy(3, Unit.HOURS), "2026-04-06T11:00", "2026-04-06T15:00"),
    ("from outside hours", DeadlinePolicy(3, Unit.HOURS), "2026-04-11T11:00", "2026-04-13T10:30"),
]


@pytest.mark.parametrize(
    ("policy", "received", "due"), [r[1:] for r in LIMITS], ids=[r[0] for r in LIMITS]
)
def test_each_unit_has_its_end(policy, received, due):
    assert due_at(policy, wib(received), OFFICE) == wib(due)


@pytest.mark.parametrize(
    ("policy", "received", "due"),
    [
        (DeadlinePolicy(7, Unit.MINUTES), "2026-03-21T02:00", "2026-03-21T02:07"),
        (DeadlinePolicy(48, Unit.HOURS), "2026-03-20T22:15", "2026-03-22T22:15"),
        (DeadlinePolicy(24, Unit.HOURS), "2026-03-20T00:00", "2026-03-21T00:00"),
        (days(2, "next_day"), "2026-03-20T22:15", "2026-03-22T23:59:59"),
    ],
    ids=[
        "to the agency",
        "to the mayor",
        "midnight is an hour as any",
        "days that close at midnight",
    ],
)
def test_a_ladder_round_the_clock_runs_at_night_and_over_lebaran(policy, received, due):
    assert due_at(policy, wib(received), ALWAYS) == wib(due)


def pause(start: str, end: str) -> Pause:
    return Pause(wib(start), wib(end))


PAUSED = [
    ("none", [], "2026-04-08T16:00"),
    ("over night costs nothing", [("2026-04-06T16:00", "2026-04-07T07:30")], "2026-04-08T16:00"),
    ("an hour", [("2026-04-07T09:00", "2026-04-07T10:00")], "2026-04-09T08:30"),
    ("a whole day", [("2026-04-07T00:00", "2026-04-08T00:00")], "2026-04-09T16:00"),
    (
        "an early half counts from the receipt",
        [("2026-04-06T08:00", "2026-04-06T11:00")],
        "2026-04-09T08:30",
    ),
    ("before the receipt", [("2026-04-01T08:00", "2026-04-02T11:00")], "2026-04-08T16:00"),
    ("after the deadline", [("2026-04-08T16:00", "2026-04-30T11:00")], "2026-04-08T16:00"),
    (
        "two that overlap are one",
        [("2026-04-07T09:30", "2026-04-07T10:00"), ("2026-04-07T09:00", "2026-04-07T09:45")],
        "2026-04-09T08:30",
    ),
    (
        "one that begins only because another moved the deadline",
        [("2026-04-07T07:30", "2026-04-07T16:00"), ("2026-04-09T08:00", "2026-04-09T09:00")],
        "2026-04-10T08:30",
    ),
]


@pytest.mark.parametrize(("pauses", "due"), [r[1:] for r in PAUSED], ids=[r[0] for r in PAUSED])
def test_a_pause_moves_the_deadline_by_the_working_time_paused(pauses, due):
    received = wib("2026-04-06T10:00")
    spans = [pause(*row) for row in pauses]
    assert due_at(days(2, "next_day"), received, OFFICE, spans) == wib(due)


def test_a_pause_of_a_calendar_limit_is_counted_round_the_clock():
    policy = DeadlinePolicy(2, Unit.CALENDAR_DAYS)
    due = due_at(
        policy, wib("2026-04-06T10:00"), OFFICE, [pause("2026-04-07T20:00", "2026-04-08T02:00")]
    )
    assert due == wib("2026-04-09T06:00")


def test_paused_office_hours_are_not_waited():
    pauses = [
        pause("2026-04-06T11:00", "2026-04-06T14:00"),
        pause("2026-04-01T00:00", "2026-04-06T08:00"),
    ]
    start, end = wib("2026-04-06T07:30"), wib("2026-04-06T16:00")
    assert working_seconds_excluding(OFFICE, start, end, pauses) == 5 * HOUR
    assert working_seconds_excluding(OFFICE, start, end, []) == 7.5 * HOUR


def test_touching_and_overlapping_pauses_merge():
    spans = [
        pause("2026-04-06T10:00", "2026-04-06T11:00"),
        pause("2026-04-06T08:00", "2026-04-06T09:00"),
        pause("2026-04-06T09:00", "2026-04-06T09:30"),
        pause("2026-04-06T10:15", "2026-04-06T10:30"),
        pause("2026-04-06T12:00", "2026-04-06T12:00"),
    ]
    assert merge_spans(spans) == (
        pause("2026-04-06T08:00", "2026-04-06T09:30"),
        pause("2026-04-06T10:00", "2026-04-06T11:00"),
    )


def test_a_pause_that_ends_before_it_starts_is_refused():
    with pytest.raises(ValueError, match="a span that ends"):
        merge_spans([pause("2026-04-06T10:00", "2026-04-06T09:00")])


def test_a_policy_row_is_read_with_its_defaults():
    row = {"amount": 24, "unit": "hours", "legal_basis": "Perwali"}
    assert DeadlinePolicy.from_document(row) == DeadlinePolicy(24, Unit.HOURS)
    row = {"amount": 5, "unit": "working_days", "start": "same_day"}
    assert DeadlinePolicy.from_document(row) == days(5, "same_day")


@pytest.mark.parametrize(
    ("row", "pointer"),
    [
        ({"unit": "hours"}, "/amount"),
        ({"amount": 0, "unit": "hours"}, "/amount"),
        ({"amount": True, "unit": "hours"}, "/amount"),
        ({"amount": 1.5, "unit": "hours"}, "/amount"),
        ({"amount": 1}, "/unit"),
        ({"amount": 1, "unit": "weeks"}, "/unit"),
        ({"amount": 1, "unit": ["hours"]}, "/unit"),
        ({"amount": 1, "unit": "working_days", "start": "today"}, "/start"),
    ],
)
def test_a_broken_policy_row_is_refused_by_the_name_of_its_field(row, pointer):
    with pytest.raises(Invalid) as refused:
        DeadlinePolicy.from_document(row)
    assert [error.pointer for error in refused.value.errors] == [pointer]


def test_a_limit_of_nothing_cannot_be_made():
    with pytest.raises(ValueError, match="amount"):
        DeadlinePolicy(0, Unit.HOURS)
