import pytest
from hypothesis import given
from hypothesis import strategies as st

from lintas_local.stack.backoff import Backoff


@pytest.mark.parametrize(
    ("failures", "least", "most"),
    [(1, 0.125, 0.25), (2, 0.25, 0.5), (3, 0.5, 1.0), (7, 7.5, 15.0), (1_000_000, 7.5, 15.0)],
)
def test_pauses_double_up_to_the_cap(failures, least, most):
    assert Backoff(chance=lambda: 0.0).delay_s(failures) == least
    assert Backoff(chance=lambda: 1.0).delay_s(failures) == most


@given(st.integers(1, 10_000), st.floats(0, 1, exclude_max=True))
def test_a_pause_is_never_nothing_and_never_over_the_cap(failures, chance):
    backoff = Backoff(chance=lambda: chance)
    assert backoff.first_s / 2 <= backoff.delay_s(failures) <= backoff.longest_s
