from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.domain.percentiles import percentile


@pytest.mark.parametrize(
    ("values", "tenths", "expected"),
    [
        pytest.param([], 5, None, id="nothing has no median"),
        pytest.param([7], 5, 7, id="one value is its own median"),
        pytest.param([7], 9, 7, id="and its own p90"),
        pytest.param([1, 3], 5, 2, id="between two"),
        pytest.param([1, 2], 5, 2, id="half a microsecond rounds up"),
        pytest.param([0, 10], 9, 9, id="nine tenths of the way"),
        pytest.param([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 9, 9, id="exactly on a rank"),
    ],
)
def test_percentile(values: list[int], tenths: int, expected: int | None):
    assert percentile(values, tenths) == expected


@given(st.lists(st.integers(0, 10**15), min_size=1, max_size=60), st.sampled_from([5, 9]))
def test_percentile_is_the_exact_interpolation_and_agrees_with_numpy(values, tenths):
    ordered = sorted(values)
    position = Fraction(tenths * (len(ordered) - 1), 10)
    low = ordered[int(position)]
    high = ordered[min(int(position) + 1, len(ordered) - 1)]
    exact = low + (high - low) * (position - int(position))
    assert percentile(ordered, tenths) == int(exact + Fraction(1, 2))
    assert float(np.percentile(ordered, tenths * 10)) == pytest.approx(float(exact))
