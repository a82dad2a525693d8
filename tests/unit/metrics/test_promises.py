from datetime import timedelta

import pytest
from metrics_lives import NOON, Life, rows

from metrics.domain.questions import Dimension, Metric, Period, Reason, Stage


def promise(lives: list[Life], stage: Stage = Stage.FIRST_RESPONSE, as_of_s: float = 150, **more):
    (row,) = [
        row
        for row in rows(lives, Metric.SLA_COMPLIANCE, as_of_s=as_of_s, **more)
        if row.stage is stage
    ]
    return row


def life() -> Life:
    return Life().promised(100, 1000).assigned(1)


@pytest.mark.parametrize(
    ("told", "as_of_s", "expected"),
    [
        pytest.param(life().answered(99), 150, "met", id="in time"),
        pytest.param(life().answered(100), 150, "met", id="at the due instant"),
        pytest.param(life().answered(101), 150, "breached", id="late"),
        pytest.param(life(), 150, "open", id="open and overdue is breached"),
        pytest.param(life(), 100, "ahead", id="at the due instant it has not fallen"),
        pytest.param(life(), 50, "ahead", id="still ahead"),
        pytest.param(life().answered(20), 50, "ahead", id="still ahead, although kept"),
        pytest.param(life().answered(149), 120, "open", id="answered only after as_of"),
        pytest.param(life().withdrawn(50), 150, Reason.ENDED, id="ended before it fell"),
        pytest.param(life().withdrawn(140), 150, "breached", id="ended after it fell"),
        pytest.param(
            Life().registered().assigned(1), 150, Reason.NO_TARGET, id="never on time for free"
        ),
        pytest.param(
            Life().promised(100, 1000).no_action(1), 150, Reason.NO_ACTION, id="no action needed"
        ),
        pytest.param(
            life().resolved(50).closed(60), 150, "breached", id="resolved without an answer"
        ),
    ],
)
def test_first_response_promise(told: Life, as_of_s: float, expected: str):
    row = promise([told], as_of_s=as_of_s)
    counts = {
        "met": (1, 0, 0, 0, {}),
        "breached": (0, 1, 0, 0, {}),
        "open": (0, 1, 1, 0, {}),
        "ahead": (0, 0, 0, 1, {}),
    }
    wanted = counts.get(expected, (0, 0, 0, 0, {expected: 1}))
    assert (row.n_met, row.n_breached, row.n_open, row.n_ahead, row.excluded) == wanted


def test_compliance_rests_on_its_n():
    lives = [Life(n).promised(100, 1000).assigned(1).answered(98 + n) for n in range(4)]
    row = promise(lives)
    assert (row.n, row.n_met, row.compliance) == (4, 3, 0.75)
    assert promise([]).compliance is None


def test_a_contested_resolution_is_missed():
    told = life().answered(50).resolved(60).reopened(120)
    assert promise([told], Stage.RESOLUTION, as_of_s=1001).n_open == 1
    assert promise([told.resolved(900)], Stage.RESOLUTION, as_of_s=1001).n_met == 1


def test_the_period_is_that_of_the_deadlines():
    early = Life(1, NOON).promised(100, 10_000).answered(5)
    late = Life(2, NOON + timedelta(seconds=50)).promised(100, 10_000).answered(5)
    period = Period(NOON + timedelta(seconds=120), NOON + timedelta(seconds=200))
    row = promise([early, late], as_of_s=1000, period=period)
    assert row.n == 1
    assert promise([early, late], Stage.RESOLUTION, as_of_s=20_000, period=period).n == 0


def test_groups():
    lives = [
        Life(1).promised(100, 1000).assigned(1).answered(5),
        Life(2).promised(100, 1000).assigned(1, "dlh"),
    ]
    found = rows(lives, Metric.SLA_COMPLIANCE, as_of_s=150, group_by=Dimension.AGENCY)
    assert [(row.stage.value, row.group, row.n_met, row.n_breached) for row in found] == [
        ("first_response", "dlh", 0, 1),
        ("first_response", "dpupr", 1, 0),
        ("resolution", "dlh", 0, 0),
        ("resolution", "dpupr", 0, 0),
    ]
