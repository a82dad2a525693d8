from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.domain.open311 import moments
from ingest.domain.open311.requests import (
    LONGEST,
    Fact,
    Happened,
    Hidden,
    Progress,
    State,
    closed_states,
    fold,
    update_word,
    window,
)
from lintas.vocabulary.errors import Invalid
from lintas.vocabulary.ids import ComplaintId

NOW = datetime(2026, 6, 1, tzinfo=UTC)
FRESH = Progress(ComplaintId(UUID(int=1)), NOW, NOW)
DAY = timedelta(days=1)


def after(*facts: Fact | tuple[Fact, str]) -> Progress:
    progress = FRESH
    for number, told in enumerate(facts, start=1):
        fact, agency = told if isinstance(told, tuple) else (told, None)
        progress = fold(progress, Happened(fact, NOW + number * DAY, agency))
    return progress


F = Fact
STORIES = [
    pytest.param((), State.REGISTERED, id="nothing yet"),
    pytest.param((F.TRIAGED,), State.TRIAGE, id="nobody's yet"),
    pytest.param((F.TRIAGED, F.GIVEN), State.ASSIGNED, id="found whose"),
    pytest.param((F.GIVEN, F.TRIAGED), State.ASSIGNED, id="a return does not show"),
    pytest.param((F.GIVEN, F.ACCEPTED), State.IN_PROGRESS, id="accepted"),
    pytest.param((F.GIVEN, F.ACCEPTED, F.GIVEN), State.IN_PROGRESS, id="a transfer does not show"),
    pytest.param((F.GIVEN, F.ACCEPTED, F.TRIAGED), State.IN_PROGRESS, id="nor a late return"),
    pytest.param((F.ANSWERED,), State.ANSWERED, id="answered"),
    pytest.param((F.RESOLVED, F.CLOSED), State.CLOSED, id="closed"),
    pytest.param((F.CLOSED, F.REOPENED), State.REOPENED, id="reopened"),
    pytest.param((F.CLOSED, F.REOPENED, F.GIVEN), State.REOPENED, id="given out again"),
    pytest.param((F.CLOSED, F.REOPENED, F.ACCEPTED), State.IN_PROGRESS, id="worked on again"),
    pytest.param((F.NO_ACTION, F.GIVEN), State.ASSIGNED, id="it needed action after all"),
    pytest.param((F.REJECTED, F.TRIAGED), State.TRIAGE, id="it was ours after all"),
    pytest.param((F.GIVEN, F.MERGED), State.MERGED, id="part of an incident"),
    pytest.param((F.WITHDRAWN,), State.WITHDRAWN, id="taken back"),
]


@pytest.mark.parametrize(("facts", "state"), STORIES)
def test_a_request_is_where_its_facts_have_brought_it(facts, state):
    assert after(*facts).state is state


@given(st.lists(st.sampled_from([F.GIVEN, F.TRIAGED]), max_size=8))
def test_no_hand_off_moves_what_others_see_once_somebody_works_on_it(facts):
    working = after(F.GIVEN, F.ACCEPTED)
    for fact in facts:
        now = fold(working, Happened(fact, NOW + 99 * DAY, "another"))
        assert (now.state, now.changed_at) == (working.state, working.changed_at)


RESPONSIBLE = [
    pytest.param(((F.GIVEN, "a"),), None, id="asked is not yet responsible"),
    pytest.param(((F.GIVEN, "a"), (F.ACCEPTED, "a")), "a", id="accepted"),
    pytest.param(((F.GIVEN, "a"), (F.ACCEPTED, "b")), None, id="a contributor is not"),
    pytest.param(((F.GIVEN, "a"), (F.ACCEPTED, "a"), (F.GIVEN, "b")), "a", id="handed on"),
    pytest.param(
        ((F.GIVEN, "a"), (F.ACCEPTED, "a"), (F.GIVEN, "b"), (F.ACCEPTED, "b")), "b", id="taken over"
    ),
    pytest.param(((F.GIVEN, "a"), (F.ANSWERED, "b")), "b", id="whoever answers"),
    pytest.param(((F.RESOLVED, "c"),), "c", id="whoever settles"),
]


@pytest.mark.parametrize(("facts", "agency"), RESPONSIBLE)
def test_who_is_responsible_is_who_said_so(facts, agency):
    assert after(*facts).agency == agency


def test_a_secret_one_stays_hidden_and_chatter_is_listed_once_it_is_given_to_somebody():
    for hidden, then in ((Hidden.SECRET, Hidden.SECRET), (Hidden.OTHER, None)):
        given_out = fold(replace(FRESH, hidden=hidden), Happened(F.GIVEN, NOW, "a"))
        assert given_out.hidden is then


WORDS = [
    (State.REGISTERED, None, "open"),
    (State.TRIAGE, None, "for_triage"),
    (State.ASSIGNED, None, "investigating"),
    (State.IN_PROGRESS, None, "in_progress"),
    (State.ANSWERED, None, "in_progress"),
    (State.RESOLVED, "solved", "fixed"),
    (State.RESOLVED, "unclear", "no_further_action"),
    (State.CLOSED, "solved", "closed"),
    (State.REJECTED, None, "not_councils_responsibility"),
    (State.REJECTED, "not_competent", "not_councils_responsibility"),
    (State.REJECTED, "no_proof", "no_further_action"),
    (State.MERGED, None, "duplicate"),
    (State.WITHDRAWN, None, "cancelled"),
    (State.NO_ACTION, None, "no_further_action"),
    (State.REOPENED, None, "reopen"),
]


@pytest.mark.parametrize(("state", "disposition", "word"), WORDS)
def test_each_state_has_its_word(state, disposition, word):
    assert update_word(state, disposition) == word


def test_every_state_has_a_word():
    assert {state for state, _, _ in WORDS} == set(State)


def test_whether_resolved_reads_closed_is_the_citys_choice():
    closed = {State.CLOSED, State.REJECTED, State.MERGED, State.WITHDRAWN, State.NO_ACTION}
    assert closed_states(resolved_reads_closed=False) == closed
    assert closed_states(resolved_reads_closed=True) == closed | {State.RESOLVED}


WINDOWS = [
    pytest.param(None, None, NOW - LONGEST, NOW, id="the last 90 days"),
    pytest.param(None, NOW - DAY, NOW - DAY - LONGEST, NOW - DAY, id="90 days before an end"),
    pytest.param(NOW - 5 * DAY, None, NOW - 5 * DAY, NOW, id="from then to now"),
    pytest.param(NOW - 200 * DAY, None, NOW - 200 * DAY, NOW - 110 * DAY, id="at most 90 days on"),
    pytest.param(NOW - DAY, NOW, NOW - DAY, NOW, id="as told"),
    pytest.param(NOW + DAY, None, NOW + DAY, NOW + DAY, id="nothing from the future"),
]


@pytest.mark.parametrize(("start", "end", "first", "last"), WINDOWS)
def test_a_window_is_what_is_told_of_it(start, end, first, last):
    found = window(start, end, NOW)
    assert (found.start, found.end) == (first, last)


@pytest.mark.parametrize(
    ("start", "end"), [(NOW, NOW - DAY), (NOW - LONGEST - timedelta(seconds=1), NOW)]
)
def test_a_window_backwards_or_over_90_days_is_refused(start, end):
    with pytest.raises(Invalid):
        window(start, end, NOW)


READ = [
    ("2026-01-31T08:00:00Z", "2026-01-31T08:00:00Z"),
    ("2026-01-31T08:00:00+07:00", "2026-01-31T01:00:00Z"),
    ("2026-01-31T08:00:00 07:00", "2026-01-31T01:00:00Z"),
    ("2026-01-31T08:00:00.250-05:00", "2026-01-31T13:00:00Z"),
    ("2026-01-31T08:00:00", None),
    ("2026-01-31", None),
    ("2026-02-30T08:00:00Z", None),
    ("0001-01-01T00:00:00+07:00", None),
    ("yesterday", None),
]


@pytest.mark.parametrize(("text", "moment"), READ)
def test_a_time_needs_its_zone_and_is_written_in_whole_seconds(text, moment):
    read = moments.read(text)
    assert (read and moments.written(read)) == moment
