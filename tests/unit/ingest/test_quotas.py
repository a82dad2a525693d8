import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.usecases.quotas import SourceQuota, by_the_minute
from lintas.vocabulary.errors import TooManyRequests
from lintas.web.quotas import quota_headers


class Clock:
    def __init__(self) -> None:
        self.now_s = 1_000.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_a_source_may_ask_all_at_once_and_then_as_they_come_back(clock):
    quota = SourceQuota("form", 3, 60, clock=clock)
    for _ in range(3):
        quota.spend("a")

    with pytest.raises(TooManyRequests) as refused:
        quota.spend("a")
    assert refused.value.retry_after_s == 20
    clock.now_s += 20
    quota.spend("a")


def test_one_source_uses_nothing_of_anothers(clock):
    quota = SourceQuota("form", 1, 60, clock=clock)
    quota.spend("a")

    quota.spend("b")
    with pytest.raises(TooManyRequests):
        quota.spend("a")


def test_the_answer_tells_the_policy_what_is_left_and_when_all_is_back(clock):
    quota, scope = SourceQuota("form", 4, 60, clock=clock), {}
    quota.spend("a")
    quota.spend("a", scope)

    assert quota_headers(scope) == [
        (b"ratelimit-policy", b'"form";q=4;w=60'),
        (b"ratelimit", b'"form";r=2;t=30'),
    ]


def test_a_refusal_tells_it_too_and_whoever_waits_as_told_is_let_in(clock):
    quota, scope = SourceQuota("form", 1, 7, clock=clock), {}
    quota.spend("a")
    with pytest.raises(TooManyRequests) as refused:
        quota.spend("a", scope)

    assert quota_headers(scope)[1] == (b"ratelimit", b'"form";r=0;t=7')
    clock.now_s += refused.value.retry_after_s
    quota.spend("a")


@pytest.mark.parametrize(("a_minute", "at_once"), [(60, 60), (119, 119), (120, 10), (600, 50)])
def test_of_many_a_minute_a_twelfth_may_be_asked_at_once(a_minute, at_once):
    quota = by_the_minute("visits", a_minute)
    for _ in range(at_once):
        quota.spend("a")
    with pytest.raises(TooManyRequests):
        quota.spend("a")


@given(st.lists(st.floats(0, 30), max_size=200), st.integers(1, 20), st.integers(1, 60))
def test_no_window_lets_through_twice_the_limit(pauses, limit, window_s):
    clock = Clock()
    quota = SourceQuota("form", limit, window_s, clock=clock)
    let_in = []
    for pause in pauses:
        clock.now_s += pause
        try:
            quota.spend("a")
        except TooManyRequests:
            continue
        let_in.append(clock.now_s)
    for start in let_in:
        assert sum(start <= at < start + window_s for at in let_in) <= 2 * limit
