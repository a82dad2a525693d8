"""A candidate held against what became of complaints."""

import json
from uuid import UUID, uuid5

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lintas.vocabulary.ids import NAMESPACE
from router.domain import Case, Tally, Trial
from router.domain.backtests import MOST_FLIPS

WORDS = {"dlh": "sampah", "dpupr": "jalan berlubang", "pln": "listrik padam"}
LEADS = st.none() | st.sampled_from(sorted(WORDS))


@pytest.fixture(scope="module")
def trial(rule, compiled):
    """Now rubbish and roads are known; the candidate knows rubbish and electricity."""
    rubbish = rule("rubbish", "sampah", lead="dlh")
    return Trial(
        candidate=compiled(rubbish, rule("power", "listrik padam", lead="pln")),
        against=compiled(rubbish, rule("road", "jalan berlubang", lead="dpupr")),
    )


@pytest.fixture(scope="module")
def case(said):
    def make(number: int, agency: str | None, **more) -> Case:
        text = f"Di sini {WORDS.get(agency or '', 'ada sesuatu')}"
        identity = uuid5(NAMESPACE, f"case/{number}")
        return Case(identity, said(text), **({"final": agency, "decided_lead": agency} | more))

    return make


def held(trial, cases):
    tally = Tally()
    for one in cases:
        trial.hold(tally, one)
    return tally


def test_both_are_held_against_the_agency_that_led_in_the_end(trial, case):
    result = held(trial, [case(n, one) for n, one in enumerate(["dlh", "dpupr", "pln", "pln"])])
    found = result.result()
    assert (found.rows, found.settled) == (4, 4)
    assert (found.before.accuracy, found.after.accuracy) == (0.5, 0.75)
    assert (found.flipped, found.mended, found.broken) == (3, 2, 1)
    assert {(one.agency, one.before, one.after) for one in found.loads} == {
        ("dlh", 1, 1),
        ("dpupr", 1, 0),
        ("pln", 0, 2),
        (None, 2, 1),
    }
    assert [(one.label, one.recall) for one in found.after.labels] == [
        ("pln", 1.0),
        ("dlh", 1.0),
        ("dpupr", 0.0),
    ]


def test_what_is_not_settled_counts_for_the_load_only(trial, case):
    found = held(trial, [case(1, "pln", final=None)]).result()
    assert (found.rows, found.settled, found.flipped) == (1, 0, 1)
    assert (found.after.accuracy, found.mended) == (0.0, 0)


def test_a_flip_shows_where_the_candidate_found_what_without_any_word_of_the_text(trial, case):
    one = case(1, "pln")
    (flip,) = held(trial, [one]).result().flips
    (mark,) = flip.marks
    assert one.mention.text[mark.start : mark.end] == "listrik padam"
    assert (flip.rule, flip.before, flip.after, flip.final) == ("power", None, "pln", "pln")
    assert "Di sini" not in json.dumps(held(trial, [one]).to_json())


def test_recorded_decisions_are_held_against_where_no_version_is(trial, case):
    recorded = Trial(trial.candidate, None)
    found = held(recorded, [case(1, "dlh", decided_lead="pln"), case(2, "pln")]).result()
    assert (found.before.accuracy, found.after.accuracy) == (0.5, 1.0)


def test_expected_bounces_are_misrouted_complaints_by_what_one_costs_today(trial, case):
    cases = [
        # the word names an agency that did not settle it: misrouted now, and by the candidate
        case(1, "dlh", final="dpupr", bounces=3),
        case(2, "dlh", final="pln", bounces=1),
        # only now: the candidate does not know the word, so nobody bounces it
        case(3, "dpupr", final="pln", bounces=2),
        case(4, "dlh", bounces=4),
    ]
    bounces = held(trial, cases).result().bounces
    assert (bounces.misrouted_before, bounces.misrouted_after) == (3, 2)
    assert bounces.observed == 10
    assert bounces.per_misrouted == 2.0
    assert bounces.expected_change == -2.0


@given(st.lists(st.tuples(LEADS, LEADS, st.integers(0, 3)), max_size=40), st.data())
def test_parts_add_up_to_the_whole_in_any_order_and_through_the_database(trial, case, rows, data):
    cases = [
        case(n, agency, final=final, bounces=bounces)
        for n, (agency, final, bounces) in enumerate(rows)
    ]
    whole = held(trial, cases)
    cut = data.draw(st.integers(0, len(cases)))
    parts = data.draw(st.permutations([held(trial, cases[:cut]), held(trial, cases[cut:])]))
    sum_ = Tally()
    for part in parts:
        sum_.merge(Tally.of_json(json.loads(json.dumps(part.to_json()))))
    assert sum_.result() == whole.result()
    assert sum_.to_json() == whole.to_json()


def test_what_is_kept_does_not_grow_with_the_number_of_complaints(trial, case):
    sizes = []
    for number in (1_000, 4_000):
        tally = held(trial, (case(n, "pln") for n in range(number)))
        sizes.append(len(tally.to_json()["flips"]))
        assert len(tally.flips) <= 2 * MOST_FLIPS
        assert tally.result().flipped == number
    assert sizes == [MOST_FLIPS, MOST_FLIPS]


def test_the_sample_of_flips_is_a_fair_one(trial, case):
    number = 4 * MOST_FLIPS
    result = held(trial, [case(n, "pln") for n in range(number)]).result()
    shown = {UUID(one.key) for one in result.flips}
    first_half = {case(n, "pln").complaint_id for n in range(number // 2)}
    # half of the sample, give or take four standard deviations
    assert abs(len(shown & first_half) / len(shown) - 0.5) < 0.15
