from fractions import Fraction
from math import floor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.domain.percentiles import Rank, percentile


@pytest.mark.parametrize(
    ("values", "hundredths", "expected"),
    [
        pytest.param([], 50, None, id="nothing has no median"),
        pytest.param([7], 50, 7, id="one value is its own median"),
        pytest.param([7], 90, 7, id="and its own p90"),
        pytest.param([1, 3], 50, 2, id="between two"),
        pytest.param([1, 2], 50, 2, id="half a microsecond rounds up"),
        pytest.param([0, 10], 90, 9, id="nine tenths of the way"),
        pytest.param([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 90, 9, id="exactly on a rank"),
    ],
)
def test_percentile(values: list[int], hundredths: int, expected: int | None):
    assert percentile(values, hundredths) == expected


@pytest.mark.parametrize(
    ("values", "hundredths", "expected"),
    [
        pytest.param([], 50, None, id="nothing has no median"),
        pytest.param([7], 95, 7, id="one value is every rank"),
        pytest.param([1, 3], 50, 1, id="of two the lower"),
        pytest.param([1, 2, 3], 50, 2, id="of three the middle one"),
        pytest.param([*range(10)], 90, 8, id="the ninth of ten"),
        pytest.param([*range(10)], 95, 9, id="the tenth of ten"),
        pytest.param([-9, -1, 4], 50, -1, id="below zero too"),
    ],
)
def test_nearest_rank(values: list[int], hundredths: int, expected: int | None):
    assert percentile(values, hundredths, Rank.NEAREST) == expected


_VALUES = st.lists(st.integers(-(10**15), 10**15), min_size=1, max_size=60)
_HUNDREDTHS = st.sampled_from([50, 90, 95])


@given(_VALUES, _HUNDREDTHS)
def test_percentile_is_the_exact_interpolation_and_agrees_with_numpy(values, hundredths):
    ordered = sorted(values)
    position = Fraction(hundredths * (len(ordered) - 1), 100)
    low = ordered[int(position)]
    high = ordered[min(int(position) + 1, len(ordered) - 1)]
    exact = low + (high - low) * (position - int(position))
    assert percentile(ordered, hundredths) == floor(exact + Fraction(1, 2))
    assert float(np.percentile(ordered, hundredths)) == pytest.approx(
        float(exact), rel=1e-14, abs=1
    )


@given(_VALUES, _HUNDREDTHS)
def test_nearest_rank_is_the_first_value_that_enough_values_do_not_exceed(values, hundredths):
    ordered = sorted(values)
    found = percentile(ordered, hundredths, Rank.NEAREST)
    needed = Fraction(hundredths * len(ordered), 100)
    assert sum(value <= found for value in ordered) >= needed
    assert sum(value < found for value in ordered) < needed
