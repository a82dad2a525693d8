"""Figures of imported history: what counts only where it is asked for."""

from datetime import timedelta

import pytest
from metrics_lives import NOON, Life, document, rows

from lintas.vocabulary.terms import Clock, Origin
from metrics.domain.questions import Dimension, Metric, Negative, Reason, SlaVariant, Stage

HOUR = 3_600
SECOND_US = 1_000_000


def past(number: int = 1, **changes: object) -> Life:
    """An imported complaint of an agency, by a source that tells no time of assignment."""
    life = Life(number).registered(origin=Origin.IMPORT, **changes)
    return life.assigned(0, untimed=True)


def one(lives: list[Life], metric: Metric, **changes: object):
    (row,) = rows(lives, metric, clocks=(Clock.WALL,), **changes)
    return row


def test_an_answer_given_elsewhere_is_a_first_response_only_where_asked_for():
    life = past().answered_elsewhere(40)
    row = one([life], Metric.FIRST_RESPONSE)
    assert (row.n, row.n_open) == (0, 1)
    row = one([life], Metric.FIRST_RESPONSE, imported_answers=True)
    assert (row.n, row.n_open, row.p50_us) == (1, 0, 40 * SECOND_US)


def test_of_both_kinds_of_answer_the_earlier_one_counts():
    life = past().answered_elsewhere(40).answered(20)
    assert one([life], Metric.FIRST_RESPONSE).p50_us == 20 * SECOND_US
    assert one([life], Metric.FIRST_RESPONSE, imported_answers=True).p50_us == 20 * SECOND_US
    life = past().answered_elsewhere(40).answered(60)
    assert one([life], Metric.FIRST_RESPONSE, imported_answers=True).p50_us == 40 * SECOND_US


def test_counts_say_answered_only_where_asked_for():
    life = past().answered_elsewhere(40)
    (row,) = rows([life], Metric.COUNTS)
    assert (row.answered, row.n_open) == (0, 1)
    (row,) = rows([life], Metric.COUNTS, imported_answers=True)
    assert row.answered == 1


def test_an_assignment_without_a_time_measures_nothing_and_is_counted():
    row = one([past()], Metric.TIME_TO_ASSIGN)
    assert (row.n, row.n_open, row.excluded) == (0, 0, {Reason.UNTIMED: 1})
    row = one([past()], Metric.TIME_TO_ACCEPT)
    assert (row.n, row.n_open, row.excluded) == (0, 0, {Reason.UNTIMED: 1})
    timed = Life().registered(origin=Origin.IMPORT).assigned(30)
    assert one([timed], Metric.TIME_TO_ASSIGN).p50_us == 30 * SECOND_US


def test_an_imported_complaint_is_its_agencys_whatever_time_is_missing():
    (row,) = rows([past()], Metric.COUNTS, group_by=Dimension.AGENCY)
    assert (row.group, row.routed) == ("dpupr", 1)


@pytest.mark.parametrize(
    ("negative", "expected"),
    [
        pytest.param(Negative.FLAG, (1, 1, 8), id="flagged"),
        pytest.param(Negative.KEEP, (2, 0, -5), id="kept"),
    ],
)
def test_a_closing_before_the_receipt(negative: Negative, expected: tuple[int, int, int]):
    lives = [past(1).closed(-5), past(2).closed(8)]
    row = one(lives, Metric.RESOLUTION, negative=negative)
    median = row.p50_us if negative is Negative.FLAG else row.p50_us * 2 - 8 * SECOND_US
    assert (row.n, row.n_flagged, median) == (*expected[:2], expected[2] * SECOND_US)


def test_working_time_kept_below_zero_is_that_of_the_way_back():
    agency = document("agency", "dpupr", {"name": {}, "calendar": "office"})
    life = Life(1, NOON + timedelta(hours=2)).registered(origin=Origin.IMPORT)
    life.assigned(0, untimed=True).closed(-HOUR / 2)
    (row,) = rows(
        [life],
        Metric.RESOLUTION,
        extra=[agency],
        clocks=(Clock.WORKING,),
        negative=Negative.KEEP,
    )
    assert row.p50_us == -HOUR // 2 * SECOND_US


DUE = 100


def target(number: int, **changes: object) -> Life:
    """With a date that the source had set."""
    due = {
        "stage": "resolution",
        "due_at": NOON + timedelta(seconds=DUE),
        "policy": "source",
        "policy_version": "source",
    }
    return past(number, deadlines=[due], **changes)


@pytest.mark.parametrize(
    ("life", "closed", "everything"),
    [
        pytest.param(target(1).closed(DUE), "met", "met", id="closed at the date"),
        pytest.param(target(1).closed(DUE + 1), "missed", "missed", id="closed after it"),
        pytest.param(target(1), Reason.NOT_REACHED, "missed", id="open past it"),
        pytest.param(past(1).closed(5), Reason.NO_TARGET, "met", id="closed without a date"),
        pytest.param(past(1), Reason.NO_TARGET, "met", id="open without a date"),
        pytest.param(
            target(1, unjudged=True).closed(DUE + 1),
            Reason.UNJUDGED,
            Reason.UNJUDGED,
            id="without a verdict",
        ),
    ],
)
def test_rates_as_sources_publish_them(life: Life, closed: str, everything: str):
    for variant, expected in (
        (SlaVariant.CLOSED_WITH_TARGET, closed),
        (SlaVariant.PUBLISHED_ALL_ROWS, everything),
    ):
        (row,) = rows([life], Metric.SLA_COMPLIANCE, as_of_s=DUE + 9, sla_variant=variant)
        assert row.stage is Stage.RESOLUTION
        assert (row.n_met, row.n_breached) == (expected == "met", expected == "missed")
        assert dict(row.excluded) == ({expected: 1} if isinstance(expected, Reason) else {})


def test_a_date_that_lies_ahead_is_on_time_where_everything_is_published():
    (row,) = rows(
        [target(1)],
        Metric.SLA_COMPLIANCE,
        as_of_s=DUE,
        sla_variant=SlaVariant.PUBLISHED_ALL_ROWS,
    )
    assert (row.n_met, row.n_breached) == (1, 0)


def test_without_a_verdict_our_own_rate_judges():
    life = target(1, unjudged=True).closed(DUE + 1)
    (row,) = [
        row
        for row in rows([life], Metric.SLA_COMPLIANCE, as_of_s=DUE + 9)
        if row.stage is Stage.RESOLUTION
    ]
    assert (row.n_met, row.n_breached) == (0, 1)
