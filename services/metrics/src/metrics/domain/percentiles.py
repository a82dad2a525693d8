from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum


class Rank(StrEnum):
    """How a percentile is read off the sorted values."""

    LINEAR = "linear"
    NEAREST = "nearest_rank"


#: how each is read, for the definitions page
METHODS: Mapping[Rank, str] = {
    Rank.LINEAR: (
        "Linear interpolation between closest ranks: position q*(n-1) in the sorted values, as "
        "PostgreSQL's percentile_cont and numpy's default. Computed in whole numbers and rounded "
        "half up to the microsecond, so it is the same on every machine."
    ),
    Rank.NEAREST: (
        "Nearest rank: the value at place ceil(q*n), counted from 1, in the sorted values; always "
        "one that occurs, as PostgreSQL's percentile_disc."
    ),
}


def percentile(ordered: Sequence[int], hundredths: int, rank: Rank = Rank.LINEAR) -> int | None:
    """The value below which `hundredths` of `ordered` (ascending) lie; None if it is empty."""
    return _READ[rank](ordered, hundredths) if ordered else None


def _linear(ordered: Sequence[int], hundredths: int) -> int:
    whole, part = divmod((len(ordered) - 1) * hundredths, 100)
    low = ordered[whole]
    if part == 0:
        return low
    # half up, in integers
    return low + ((ordered[whole + 1] - low) * part * 2 + 100) // 200


def _nearest(ordered: Sequence[int], hundredths: int) -> int:
    return ordered[-(-len(ordered) * hundredths // 100) - 1]


_READ: Mapping[Rank, Callable[[Sequence[int], int], int]] = {
    Rank.LINEAR: _linear,
    Rank.NEAREST: _nearest,
}
