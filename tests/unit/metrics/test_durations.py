from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from metrics_lives import NOON, Ledger, Life, any_lives, document, office, rows, varied

from lintas.vocabulary.terms import Clock, Role
from metrics.domain.questions import Dimension, Metric, Period, Question, Reason

HOUR = 3600


def seconds(value_us: int | None) -> float | None:
    return None if value_us is None else value_us / 1_000_000


def one(lives: list[Life], metric: Metric, clock: Clock = Clock.WALL, **changes: object):
    (row,) = rows(lives, metric, clocks=(clock,), **changes)
    return row


def answered_after(*after_s: float) -> list[Life]:
    return [
        Life(number).registered().assigned(0).answered(delay)
        for number, delay in enumerate(after_s)
    ]


def test_first_response_has_n_median_and_p90():
    row = one(answered_after(10, 20, 40, 80, 160), Metric.FIRST_RESPONSE)
    assert (row.n, row.n_open, row.n_excluded, row.n_flagged) == (5, 0, 0, 0)
    assert (seconds(row.p50_us), seconds(row.p90_us)) == (40, 128)


def test_wall_time_keeps_microseconds():
    row = one(answered_after(0.000001, 0.000002), Metric.FIRST_RESPONSE)
    assert (row.p50_us, row.p90_us) == (2, 2)


def test_an_evening_answer_takes_no_working_time_but_wall_time():
    # received at 12:00 local, in the break; answered at 20:00: 3 h of office hours between
    evening = answered_after(8 * HOUR)
    assert seconds(one(evening, Metric.FIRST_RESPONSE).p50_us) == 8 * HOUR
    assert seconds(one(evening, Metric.FIRST_RESPONSE, Clock.WORKING).p50_us) is None
    promised = [Life().promised(HOUR, HOUR).assigned(0).answered(8 * HOUR)]
    assert seconds(one(promised, Metric.FIRST_RESPONSE, Clock.WORKING).p50_us) == 3 * HOUR
    at_night = [Life(1, NOON + timedelta(hours=5)).promised(HOUR, HOUR).answered(HOUR)]
    assert one(at_night, Metric.FIRST_RESPONSE, Clock.WORKING).p50_us == 0


@pytest.mark.parametrize(
    ("life", "n", "n_open", "excluded", "n_flagged"),
    [
        pytest.param(Life().registered().assigned(1), 0, 1, {}, 0, id="open is censored"),
        pytest.param(
            Life().registered().no_action(1), 0, 0, {Reason.NO_ACTION: 1}, 0, id="no action"
        ),
        pytest.param(
            Life().registered().no_action(1).assigned(2).answered(3),
            1,
            0,
            {},
            0,
            id="no action taken back counts",
        ),
        pytest.param(Life().registered().withdrawn(1), 0, 0, {Reason.ENDED: 1}, 0, id="withdrawn"),
        pytest.param(
            Life().registered().assigned(1).rejected(2), 0, 0, {Reason.ENDED: 1}, 0, id="rejected"
        ),
        pytest.param(
            Life().registered().assigned(1).closed(2), 0, 0, {Reason.ENDED: 1}, 0, id="only closed"
        ),
        pytest.param(
            Life().registered().assigned(1).answered(-5), 0, 0, {}, 1, id="negative is flagged"
        ),
        pytest.param(
            Life().registered().assigned(1).answered(5).withdrawn(6),
            1,
            0,
            {},
            0,
            id="answered, whatever came later",
        ),
    ],
)
def test_who_counts_in_the_first_response(life, n, n_open, excluded, n_flagged):
    row = one([life], Metric.FIRST_RESPONSE)
    assert (row.n, row.n_open, row.excluded, row.n_flagged) == (n, n_open, excluded, n_flagged)


def test_an_acknowledged_or_assigned_complaint_has_no_first_response():
    assert (
        one([Life().registered().assigned(1).accepted(2).replied(3)], Metric.FIRST_RESPONSE).n == 0
    )


def test_breached_means_late_or_open_past_the_deadline():
    lives = [
        Life(1).promised(100, 1000).assigned(1).answered(100),
        Life(2).promised(100, 1000).assigned(1).answered(101),
        Life(3).promised(100, 1000).assigned(1),
        Life(4).promised(10_000, 20_000).assigned(1),
        Life(5).registered().assigned(1),
    ]
    row = one(lives, Metric.FIRST_RESPONSE, as_of_s=500)
    assert (row.n, row.n_open, row.n_breached) == (2, 3, 2)


def test_time_to_assign_has_no_deadline_and_waits_in_triage():
    row = one([Life().registered().triaged(1)], Metric.TIME_TO_ASSIGN)
    assert (row.n, row.n_open, row.n_breached) == (0, 1, None)
    row = one([Life().registered().triaged(1).assigned(90)], Metric.TIME_TO_ASSIGN)
    assert seconds(row.p50_us) == 90


def test_time_to_accept_is_each_agencys_own():
    life = Life().registered().assigned(10).assigned(10, "dlh", Role.CONTRIBUTOR)
    life.accepted(40).accepted(100, "dlh")
    found = rows([life], Metric.TIME_TO_ACCEPT, clocks=(Clock.WALL,), group_by=Dimension.AGENCY)
    assert [(row.group, seconds(row.p50_us)) for row in found] == [("dlh", 90), ("dpupr", 30)]


def test_an_assignment_given_back_before_acceptance_is_excluded():
    life = Life().registered().assigned(1).returned(5).assigned(6, "dlh")
    row = one([life], Metric.TIME_TO_ACCEPT)
    assert (row.n, row.n_open, row.excluded) == (0, 1, {Reason.ENDED: 1})


def test_resolution_is_the_last_one_and_reopened_is_open():
    life = Life().registered().assigned(1).resolved(100).reopened(200)
    assert one([life], Metric.RESOLUTION, as_of_s=150).n == 1
    assert one([life], Metric.RESOLUTION, as_of_s=250).n_open == 1
    life.resolved(1000)
    assert seconds(one([life], Metric.RESOLUTION).p50_us) == 1000


def test_groups_are_sorted_and_those_without_come_last():
    lives = [
        Life(1).registered().triaged(1),
        Life(2).registered().assigned(1, "dlh"),
        Life(3).registered().assigned(1, "bkpsdm"),
    ]
    found = rows(lives, Metric.TIME_TO_ASSIGN, clocks=(Clock.WALL,), group_by=Dimension.AGENCY)
    assert [(row.group, row.n, row.n_open) for row in found] == [
        ("bkpsdm", 1, 0),
        ("dlh", 1, 0),
        (None, 0, 1),
    ]


def test_the_period_is_half_open_and_about_receipt():
    lives = [Life(n, NOON + timedelta(hours=n)).registered().assigned(5) for n in range(4)]
    period = Period(NOON + timedelta(hours=1), NOON + timedelta(hours=3))
    assert one(lives, Metric.TIME_TO_ASSIGN, period=period).n == 2


def test_filters_join():
    lives = [
        Life(1).registered(channel="x").assigned(1),
        Life(2).registered(channel="web").assigned(1),
        Life(3).registered(channel="web").assigned(1, "dlh"),
    ]
    filters = {"channel": "web", "agency": "dlh"}
    assert one(lives, Metric.TIME_TO_ASSIGN, filters=filters).n == 1


def test_an_empty_city_has_a_row_and_no_figures():
    row = one([], Metric.FIRST_RESPONSE)
    assert (row.n, row.n_open, row.p50_us, row.p90_us) == (0, 0, None, None)


class TestCalendars:
    """Which calendar a working duration is counted in."""

    SHORT = office("2", weekly={"tue": [["12:00", "12:30"]]})

    def working(self, life: Life, *extra: object) -> object:
        return one([life], Metric.FIRST_RESPONSE, Clock.WORKING, extra=extra)

    def test_the_version_that_the_promise_was_counted_in(self):
        life = Life().promised(HOUR, HOUR).answered(2 * HOUR)
        assert seconds(self.working(life, self.SHORT).p50_us) == HOUR

    def test_without_a_deadline_that_of_the_leading_agency_as_in_force(self):
        life = Life().registered().assigned(1).answered(2 * HOUR)
        agency = document("agency", "dpupr", {"calendar": "office"})
        later = document(
            "agency", "dpupr", {"calendar": "none"}, "2", known_from=NOON + timedelta(days=1)
        )
        assert seconds(self.working(life, agency, later).p50_us) == HOUR

    def test_of_several_versions_in_force_the_one_that_took_effect_last(self):
        life = Life().registered().assigned(1).answered(2 * HOUR)
        agency = document("agency", "dpupr", {"calendar": "office"})
        newer = office("2", weekly={"tue": [["12:00", "12:30"]]}).model_copy(
            update={"effective_from": datetime(2026, 1, 1, tzinfo=UTC)}
        )
        assert seconds(self.working(life, agency, newer).p50_us) == HOUR / 2

    def test_an_unknown_calendar_is_excluded_and_counted(self):
        row = self.working(Life().registered().assigned(1).answered(9))
        assert (row.n, row.excluded) == (0, {Reason.NO_CALENDAR: 1})

    def test_an_unreadable_calendar_is_an_unknown_one(self):
        life = Life().registered().assigned(1).answered(9)
        agency = document("agency", "dpupr", {"calendar": "odd"})
        row = self.working(life, agency, document("calendar", "odd", {"zone": "Nowhere"}))
        assert row.excluded == {Reason.NO_CALENDAR: 1}

    def test_a_holiday_counts_nothing(self):
        # Thursday 19 March is a holiday: 12:00 on Tuesday to 16:00 on Thursday is 3 + 7 hours
        life = Life().promised(HOUR, HOUR).answered(52 * HOUR)
        assert seconds(self.working(life).p50_us) == 10 * HOUR


@given(any_lives(), st.sampled_from([None, *Dimension]), st.integers(-600_000, 2_000_000))
def test_every_complaint_of_the_cohort_is_counted_once(lives, group_by, after_s):
    ledger = Ledger().fold([office(), *(event for life in lives for event in life.events)])
    ask = Question(NOON + timedelta(seconds=after_s), group_by=group_by)
    found = ledger.figures(ask).rows
    registered = sum(row.registered for row in found if row.metric is Metric.COUNTS)
    for metric in (Metric.TIME_TO_ASSIGN, Metric.FIRST_RESPONSE, Metric.RESOLUTION):
        for clock in Clock:
            cohort = sum(
                row.n + row.n_open + row.n_excluded + row.n_flagged
                for row in found
                if row.metric is metric and row.clock is clock
            )
            assert cohort == registered
    for row in found:
        if row.metric is Metric.COUNTS:
            assert row.registered == row.routed + row.triage + row.no_action + row.undecided


@given(st.randoms(use_true_random=False))
def test_the_order_of_the_rows_read_changes_nothing(random):
    lives = varied(24)
    ask = Question(NOON + timedelta(days=3), group_by=Dimension.AGENCY)
    straight = Ledger().fold([office(), *(event for life in lives for event in life.events)])
    random.shuffle(lives)
    shuffled = Ledger().fold([*(event for life in lives for event in life.events), office()])
    assert shuffled.figures(ask) == straight.figures(ask)
