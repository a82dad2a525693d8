from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from metrics_lives import NOON, Ledger, Life, any_delivery, any_lives, varied

from lintas.vocabulary.terms import Role
from metrics.domain.cases import Case
from metrics.domain.folding import advance
from metrics.domain.questions import Metric, Question


def told(life: Life) -> Case:
    return Ledger().fold(life.events).stories[life.complaint_id].case


def new() -> Life:
    return Life().registered()


@pytest.mark.parametrize(
    ("life", "expected"),
    [
        pytest.param(new(), {"state": "registered", "outcome": None}, id="only registered"),
        pytest.param(new().triaged(1), {"state": "triage", "outcome": "triage"}, id="triage"),
        pytest.param(
            new().no_action(1), {"state": "no_action", "outcome": "no_action"}, id="no action"
        ),
        pytest.param(
            new().no_action(1).assigned(2),
            {"state": "assigned", "outcome": "no_action"},
            id="no action taken back keeps its first outcome",
        ),
        pytest.param(
            new().assigned(1),
            {"state": "assigned", "outcome": "assigned", "lead": "dpupr"},
            id="assigned",
        ),
        pytest.param(new().assigned(1).accepted(2), {"state": "in_progress"}, id="accepted"),
        pytest.param(
            new().assigned(1).assigned(1, "dlh", Role.CONTRIBUTOR).accepted(2, "dlh"),
            {"state": "assigned", "lead": "dpupr"},
            id="a contributor's acceptance does not begin the work",
        ),
        pytest.param(
            new().assigned(1).returned(2),
            {"state": "registered", "lead": None},
            id="returned: nobody leads",
        ),
        pytest.param(
            new().assigned(1).transferred(2, "dpupr", "dlh").assigned(2, "dlh"),
            {"state": "assigned", "lead": "dlh"},
            id="transferred, then assigned",
        ),
        pytest.param(
            new().assigned(1).assigned(2, "dlh").transferred(2, "dpupr", "dlh"),
            {"state": "assigned", "lead": "dlh"},
            id="assigned, then transferred",
        ),
        pytest.param(
            new().assigned(1).answered(2).resolved(3).closed(4),
            {"state": "closed", "ended_at": None},
            id="settled",
        ),
        pytest.param(
            new().assigned(1).answered(2).resolved(3).reopened(4),
            {"state": "in_progress", "resolved_at": None},
            id="reopened",
        ),
        pytest.param(
            new().assigned(1).resolved(3).answered(4),
            {"state": "resolved"},
            id="an answer after the end changes no state",
        ),
        pytest.param(
            new().assigned(1).closed(3), {"state": "closed", "resolved_at": None}, id="only closed"
        ),
        pytest.param(new().assigned(1).rejected(3), {"state": "rejected"}, id="rejected"),
        pytest.param(new().assigned(1).merged(3), {"state": "merged"}, id="merged"),
        pytest.param(new().withdrawn(3), {"state": "withdrawn"}, id="withdrawn"),
        pytest.param(new().replied(3), {"state": "registered", "seq": 2}, id="no figure of ours"),
    ],
)
def test_facts_add_up(life: Life, expected: dict[str, object]):
    case = told(life)
    assert {name: getattr(case, name) for name in expected} == expected


def test_first_of_each_and_last_resolution_are_kept():
    life = new().assigned(1).assigned(5, "dlh").answered(10).answered(20).resolved(30)
    case = told(life.reopened(40).resolved(50).closed(60))
    offsets = {
        name: (getattr(case, name) - NOON).total_seconds()
        for name in ("first_assigned_at", "first_response_at", "resolved_at", "last_at")
    }
    assert offsets == {
        "first_assigned_at": 1,
        "first_response_at": 10,
        "resolved_at": 50,
        "last_at": 60,
    }


def test_an_import_that_knows_only_one_ending_is_resolved_by_it():
    case = told(Life().registered(origin="import").assigned(1).closed(9))
    assert case.resolved_at is not None
    assert case.ended_at is None


def test_assignments_have_clocks_of_their_own():
    life = new().assigned(1).assigned(2, "dlh", Role.CONTRIBUTOR)
    life.accepted(10).accepted(20, "dlh").contributed(30, "dlh").answered(40)
    shares = Ledger().fold(life.events).stories[life.complaint_id].shares.values()
    seconds = {
        share.agency: [
            (at - NOON).total_seconds()
            for at in (share.assigned_at, share.accepted_at, share.done_at)
        ]
        for share in shares
    }
    assert seconds == {"dpupr": [1, 10, 40], "dlh": [2, 20, 30]}


def test_a_fact_beyond_a_gap_waits_until_the_gap_closes():
    life = new().assigned(1).accepted(2).answered(3)
    first, second, third, fourth = life.events
    ledger = Ledger().fold([first, fourth]).fold([third])
    assert ledger.stories[life.complaint_id].case.state == "registered"
    assert ledger.fold([second]).stories[life.complaint_id].case.state == "answered"


def test_nothing_is_known_of_a_complaint_without_its_first_fact():
    life = new().assigned(1)
    ledger = Ledger().fold(life.events[1:])
    assert ledger.stories == {}
    assert ledger.fold(life.events[:1]).stories[life.complaint_id].case.seq == 2


def test_advancing_leaves_the_story_before_as_it_was():
    life = new().assigned(1)
    story = Ledger().fold(life.events).stories[life.complaint_id]
    assert advance(story, []) is story
    Ledger().fold(life.events)
    assert story.case.seq == 2


def test_the_story_as_of_a_moment_ends_there():
    life = new().assigned(10).answered(20).resolved(30).reopened(40)
    ledger = Ledger().fold(life.events)
    states = [
        next(iter(ledger.figures(question(second)).rows)).resolved for second in (29, 30, 39, 40)
    ]
    assert states == [0, 1, 1, 0]


def question(after_s: float) -> Question:
    return Question(NOON + timedelta(seconds=after_s), metrics=(Metric.COUNTS,))


@given(st.data())
def test_delivery_order_repetition_and_batches_change_nothing(data: st.DataObject):
    lives = data.draw(any_lives())
    events = [event for life in lives for event in life.events]
    straight = Ledger().fold(events)
    delivered = data.draw(any_delivery(events))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(delivered)), max_size=4)))
    otherwise = Ledger()
    for start, end in zip([0, *cuts], [*cuts, len(delivered)], strict=True):
        otherwise.fold(delivered[start:end])
    assert otherwise.stories == straight.stories
    ask = question(data.draw(st.integers(-600_000, 1_500_000)))
    assert otherwise.figures(ask) == straight.figures(ask)


def test_the_varied_lives_reach_every_outcome():
    ledger = Ledger()
    for life in varied(8):
        ledger.fold(life.events)
    cases = [story.case for story in ledger.stories.values()]
    assert {case.outcome for case in cases} == {"assigned", "triage", "no_action"}
