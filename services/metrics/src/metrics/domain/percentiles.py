from collections.abc import Sequence

#: how a percentile is read, for the definitions page
METHOD = (
    "Linear interpolation between closest ranks: position q*(n-1) in the sorted values, as "
    "PostgreSQL's percentile_cont and numpy's default. Computed in whole numbers and rounded half "
    "up to the microsecond, so it is the same on every machine."
)


def percentile(ordered: Sequence[int], tenths: int) -> int | None:
    """The value below which `tenths` tenths of `ordered` (ascending) lie; None if it is empty."""
    if not ordered:
        return None
    whole, part = divmod((len(ordered) - 1) * tenths, 10)
    low = ordered[whole]
    if part == 0:
        return low
    # half up, in integers
    return low + ((ordered[whole + 1] - low) * part * 2 + 10) // 20
