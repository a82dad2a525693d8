from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.domain.public import SHOWS, Change, Gap, Shown, Step, fold
from ingest.domain.words import STATUS_TEXT
from lintas.testing.builders import complaint_id
from lintas.vocabulary.terms import PublicStatus as S

START = datetime(2026, 3, 17, tzinfo=UTC)
FRESH = Shown(complaint_id(), 0, S.RECEIVED, None, START)


def change(seq: int, step: Step, **more) -> Change:
    return Change(complaint_id(), seq, step, START + timedelta(hours=seq), **more)


@pytest.mark.parametrize(
    ("before", "step", "after"),
    [
        pytest.param(S.RECEIVED, Step.PLACED, S.RECEIVED, id="assigning is not working on it"),
        pytest.param(S.RECEIVED, Step.TAKEN_UP, S.IN_PROGRESS, id="accepted"),
        pytest.param(S.RECEIVED, Step.MERGED, S.IN_PROGRESS, id="part of an incident"),
        pytest.param(S.IN_PROGRESS, Step.INTERNAL, S.IN_PROGRESS, id="returned or transferred"),
        pytest.param(S.IN_PROGRESS, Step.PLACED, S.IN_PROGRESS, id="assigned again"),
        pytest.param(S.ANSWERED, Step.TAKEN_UP, S.ANSWERED, id="a contributor accepts late"),
        pytest.param(S.IN_PROGRESS, Step.ANSWERED, S.ANSWERED, id="answered"),
        pytest.param(S.ANSWERED, Step.RESOLVED, S.RESOLVED, id="resolved"),
        pytest.param(S.RESOLVED, Step.CLOSED, S.CLOSED, id="closed"),
        pytest.param(S.CLOSED, Step.REOPENED, S.IN_PROGRESS, id="reopened"),
        pytest.param(S.RECEIVED, Step.NO_ACTION, S.NO_ACTION, id="no action needed"),
        pytest.param(S.NO_ACTION, Step.PLACED, S.RECEIVED, id="no action taken back"),
        pytest.param(S.RECEIVED, Step.REJECTED, S.REJECTED, id="not competent"),
        pytest.param(S.REJECTED, Step.PLACED, S.RECEIVED, id="competent after all"),
        pytest.param(S.IN_PROGRESS, Step.WITHDRAWN, S.WITHDRAWN, id="withdrawn"),
    ],
)
def test_what_a_citizen_sees_after_a_step(before, step, after):
    shown = fold(replace(FRESH, status=before), change(1, step))
    assert shown.status is after
    # a step that changes nothing visible does not move the visible time either
    assert (shown.updated_at == START) is (before is after)


def test_every_step_and_every_status_is_decided():
    assert set(SHOWS) == set(Step)
    assert set(STATUS_TEXT) == set(S)
    assert all(set(words) == {"id", "en"} for words in STATUS_TEXT.values())


def test_the_promise_is_made_at_registration_and_moved_by_nothing_else():
    due = START + timedelta(days=5)
    promised = fold(FRESH, change(1, Step.REGISTERED, promised_at=due))
    assert promised.promised_at == due
    later = fold(promised, change(2, Step.PLACED, promised_at=due + timedelta(days=1)))
    assert later.promised_at == due


def test_a_fact_seen_before_changes_nothing_and_a_missing_one_is_noticed():
    once = fold(FRESH, change(1, Step.NO_ACTION))
    assert fold(once, change(1, Step.NO_ACTION)) == once
    with pytest.raises(Gap):
        fold(once, change(3, Step.CLOSED))


@given(st.lists(st.sampled_from(Step)), st.data())
def test_any_story_told_again_from_any_point_ends_the_same(steps, data):
    changes = [change(seq, step) for seq, step in enumerate(steps, start=1)]
    states = [*accumulate(changes, fold, initial=FRESH)]
    again = data.draw(st.integers(0, len(changes)))
    state = states[-1]
    for one in changes[again:]:
        state = fold(state, one)
    assert state == states[-1]
    assert state.seq == len(changes)
