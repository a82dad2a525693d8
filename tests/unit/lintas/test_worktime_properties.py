from datetime import UTC, date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from lintas.worktime import (
    Calendar,
    DeadlinePolicy,
    FirstDay,
    Span,
    Unit,
    due_at,
    working_seconds_excluding,
)

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
FIRST = date(2026, 3, 1)
OFFSETS = {"Asia/Jakarta": 7, "Asia/Makassar": 8, "Asia/Jayapura": 9}


#: a busy machine is no failure
PATIENT = settings(deadline=None)


def clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def to_hours(edges: list[int]) -> list[list[str]]:
    opens_closes = sorted(edges)[: len(edges) // 2 * 2]
    pairs = zip(opens_closes[::2], opens_closes[1::2], strict=True)
    return [[clock(opens), clock(closes)] for opens, closes in pairs]


hours = st.lists(st.integers(0, 1440), unique=True, max_size=6).map(to_hours)
weeks = st.fixed_dictionaries(dict.fromkeys(WEEKDAYS, hours))
days = st.integers(0, 30).map(lambda n: (FIRST + timedelta(days=n)).isoformat())
bodies = st.fixed_dictionaries(
    {
        "zone": st.sampled_from(list(OFFSETS)),
        "weekly": weeks.filter(lambda week: any(week.values())),
        "exceptions": st.lists(
            st.tuples(days, days, weeks).map(
                lambda row: {"from": min(row[:2]), "to": max(row[:2]), "weekly": row[2]}
            ),
            max_size=2,
        ),
        "holidays": st.lists(days.map(lambda day: {"date": day}), max_size=6),
    }
)
calendars = bodies.map(Calendar.from_document)
instants = st.datetimes(datetime(2026, 2, 20), datetime(2026, 4, 10)).map(  # noqa: DTZ001 hypothesis wants naive bounds
    lambda at: at.replace(tzinfo=UTC)
)
minutes = instants.map(lambda at: at.replace(second=0, microsecond=0))
spans = st.tuples(instants, instants).map(lambda pair: Span(min(pair), max(pair)))


def is_open(body: dict, at: datetime) -> bool:
    """What the document says of one instant, read by a person in a hurry."""
    local = (at + timedelta(hours=OFFSETS[body["zone"]])).replace(tzinfo=None)
    day = local.date().isoformat()
    if any(row["date"] == day for row in body["holidays"]):
        return False
    weekly = body["weekly"]
    for row in body["exceptions"]:
        if row["from"] <= day <= row["to"]:
            weekly = row["weekly"]
    now = f"{local:%H:%M}"
    return any(opens <= now < closes for opens, closes in weekly[WEEKDAYS[local.weekday()]])


@settings(PATIENT, max_examples=60)
@given(bodies, minutes, st.integers(0, 5_000))
def test_working_seconds_agree_with_counting_minute_by_minute(body, start, n):
    counted = sum(60 for i in range(n) if is_open(body, start + timedelta(minutes=i)))
    end = start + timedelta(minutes=n)
    assert Calendar.from_document(body).working_seconds(start, end) == counted


@PATIENT
@given(calendars, st.lists(instants, min_size=3, max_size=3).map(sorted))
def test_working_time_adds_up_and_never_runs_backwards(calendar, ordered):
    a, b, c = ordered
    first, second = calendar.working_seconds_many([(a, b), (b, c)])
    assert first >= 0
    assert second >= 0
    assert calendar.working_seconds(a, c) == first + second


@PATIENT
@given(calendars, spans)
def test_working_time_is_no_longer_than_wall_time(calendar, span):
    wall = Calendar.round_the_clock(calendar.zone).working_seconds(*span)
    assert 0 <= calendar.working_seconds(*span) <= wall
    assert abs(wall - (span.end - span.start).total_seconds()) < 1


@PATIENT
@given(calendars, spans)
def test_working_time_is_the_sum_of_the_open_spans(calendar, span):
    start, end = (at.replace(microsecond=0) for at in span)
    day, total = calendar.day_of(start), timedelta()
    while day <= calendar.day_of(end):
        for opens, closes in calendar.open_spans(day):
            total += max(timedelta(), min(closes, end) - max(opens, start))
        day += timedelta(days=1)
    assert calendar.working_seconds(start, end) == total.total_seconds()


@PATIENT
@given(calendars, instants, st.integers(1, 2_000_000))
def test_add_working_is_the_earliest_inverse_of_counting(calendar, start, seconds):
    end = calendar.add_working(start, seconds)
    just_before = max(start, end - timedelta(seconds=1))
    assert calendar.working_seconds(start, end) == seconds
    assert calendar.working_seconds(start, just_before) == seconds - 1


@PATIENT
@given(calendars, instants, st.integers(1, 80), st.sampled_from(FirstDay))
def test_the_nth_working_day_is_found_by_counting_days(calendar, start, n, first_day):
    day, counted = calendar.day_of(start), 0
    hours_left = any(start.replace(microsecond=0) <= span.end for span in calendar.open_spans(day))
    if first_day is FirstDay.NEXT_DAY or not hours_left:
        day += timedelta(days=1)
    while True:
        counted += calendar.is_working_day(day)
        if counted == n:
            break
        day += timedelta(days=1)
    assert calendar.add_working_days(start, n, first_day) == calendar.open_spans(day)[-1].end
    if first_day is FirstDay.NEXT_DAY:
        assert calendar.working_days_between(calendar.day_of(start), day) == n


policies = st.builds(
    DeadlinePolicy, st.integers(1, 30), st.sampled_from(Unit), st.sampled_from(FirstDay)
)


@PATIENT
@given(calendars, policies, instants, instants, st.lists(spans, max_size=3))
def test_who_reports_later_is_not_due_earlier(calendar, policy, one, other, pauses):
    earlier, later = sorted([one, other])
    assert due_at(policy, earlier, calendar) <= due_at(policy, later, calendar)
    assert due_at(policy, earlier, calendar, pauses) >= due_at(policy, earlier, calendar)


@PATIENT
@given(calendars, st.integers(1, 100), instants, st.lists(spans, max_size=4))
def test_an_hour_limit_gives_that_much_unpaused_office_time(calendar, amount, received, pauses):
    due = due_at(DeadlinePolicy(amount, Unit.HOURS), received, calendar, pauses)
    assert working_seconds_excluding(calendar, received, due, pauses) == amount * 3_600


@PATIENT
@given(calendars, spans, st.lists(spans, max_size=4))
def test_only_working_time_can_be_paused(calendar, span, pauses):
    whole = calendar.working_seconds(*span)
    assert 0 <= working_seconds_excluding(calendar, *span, pauses) <= whole
    assert working_seconds_excluding(calendar, *span, [*pauses, span]) == 0
    assert working_seconds_excluding(calendar, *span, []) == whole
