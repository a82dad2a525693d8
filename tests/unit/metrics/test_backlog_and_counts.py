from datetime import timedelta

import pytest
from metrics_lives import NOON, Ledger, Life, office, rows, statement

from lintas.vocabulary.terms import Clock
from metrics.domain.listening import listen
from metrics.domain.questions import Dimension, Metric, Period, Question, Reason

DAY_S = 86_400
FAR = 10**9


@pytest.mark.parametrize(
    ("days", "bucket"),
    [
        pytest.param(0, "0-5", id="today"),
        pytest.param(8, "0-5", id="Wednesday a week later, one holiday between: day 5"),
        pytest.param(9, "6-14", id="Thursday: day 6"),
        pytest.param(21, "6-14", id="day 14"),
        pytest.param(22, "15-60", id="day 15"),
        pytest.param(85, "15-60", id="day 60"),
        pytest.param(86, "61+", id="day 61"),
    ],
)
def test_age_groups_are_working_days(days: int, bucket: str):
    (row,) = rows(
        [Life().promised(FAR, FAR).assigned(1)],
        Metric.BACKLOG,
        as_of_s=days * DAY_S + 1,
        clocks=(Clock.WALL,),
    )
    assert [name for name, n in row.buckets.items() if n] == [bucket]
    assert (row.n, row.n_open, row.p50_us) == (1, 1, (days * DAY_S + 1) * 1_000_000)


def test_only_open_complaints_are_backlog_and_overdue_ones_are_counted():
    lives = [
        Life(1).promised(10, FAR).assigned(1),
        Life(2).promised(10, FAR).assigned(1).answered(5),
        Life(3).promised(10, 20).assigned(1).answered(5),
        Life(4).promised(10, 20).assigned(1).answered(5).resolved(6),
        Life(5).promised(10, 20).no_action(1),
        Life(6).promised(10, 20).withdrawn(1),
    ]
    (row,) = rows(lives, Metric.BACKLOG, as_of_s=100, clocks=(Clock.WORKING,))
    assert (row.n, row.n_open, row.n_breached) == (3, 3, 2)


def test_without_a_calendar_the_age_group_is_unknown():
    wall, working = rows([Life().registered().assigned(1)], Metric.BACKLOG)
    assert (wall.n, wall.buckets["unknown"]) == (1, 1)
    assert (working.n, working.n_open, working.excluded) == (0, 1, {Reason.NO_CALENDAR: 1})


def test_counts():
    lives = [
        Life(1).registered(),
        Life(2).registered().triaged(1),
        Life(3).registered().no_action(1),
        Life(4).registered().assigned(1).answered(2).resolved(3).closed(4),
        Life(5).registered().assigned(1).answered(2),
        Life(6).registered().assigned(1).rejected(2),
        Life(7).registered().assigned(1).merged(2),
        Life(8).registered().triaged(1).withdrawn(2),
    ]
    extra = [statement(1), statement(1, version=2, after_s=9), statement(2, agency="dlh")]
    (row,) = rows(lives, Metric.COUNTS, extra=extra)
    assert (row.registered, row.routed, row.triage, row.no_action, row.undecided) == (8, 4, 2, 1, 1)
    assert (row.n_open, row.answered, row.resolved) == (3, 2, 1)
    assert (row.closed, row.rejected, row.merged, row.withdrawn) == (1, 1, 1, 1)
    assert row.published == 2


def test_published_statements_are_counted_by_agency_and_by_their_first_publication():
    extra = [statement(1), statement(2, after_s=500), statement(3, agency="dlh")]
    lives = [Life(1).registered().assigned(1)]
    found = rows(lives, Metric.COUNTS, extra=extra, group_by=Dimension.AGENCY)
    assert [(row.group, row.registered, row.published) for row in found] == [
        ("dlh", 0, 1),
        ("dpupr", 1, 2),
    ]
    (row,) = rows(lives, Metric.COUNTS, extra=extra, as_of_s=400, filters={"agency": "dpupr"})
    assert row.published == 1
    late = Period(NOON + timedelta(seconds=400))
    (row,) = rows(lives, Metric.COUNTS, extra=extra, period=late)
    assert (row.registered, row.published) == (0, 1)


def test_statements_are_not_counted_where_complaints_are_filtered():
    (row,) = rows([], Metric.COUNTS, extra=[statement()], filters={"channel": "x"})
    assert row.published is None


def test_listening_counts_every_voice_on_a_subject():
    lives = [
        Life(1).registered(subject="ganjil-genap", stance="contra").assigned(1).answered(5),
        Life(2).registered(subject="ganjil-genap", stance="contra").no_action(1),
        Life(3).registered(subject="ganjil-genap", stance="pro", stakeholder="media").assigned(1),
        Life(4).registered(subject="bus-listrik", stance="pro").assigned(1),
        Life(5).registered().assigned(1),
    ]
    ledger = Ledger().fold([office(), *(event for life in lives for event in life.events)])
    cases = [story.case for story in ledger.stories.values()]
    bus, odd_even = listen(cases, Question(NOON + timedelta(days=1)))
    assert (bus.subject, bus.n) == ("bus-listrik", 1)
    assert [(v.stance, v.stakeholder, v.n, v.n_answered) for v in odd_even.voices] == [
        ("contra", "citizen", 2, 1),
        ("pro", "media", 1, 0),
    ]
