from bisect import bisect_left
from collections.abc import Mapping, Sequence
from itertools import accumulate

#: day 0 is 1 January 1970, a Thursday; weekday 0 is Monday
_EPOCH_WEEKDAY = 3


def weekday(day: int) -> int:
    """The weekday (Monday is 0) of a day counted from 1 January 1970."""
    return (day + _EPOCH_WEEKDAY) % 7


class DayTotals:
    """Sums one number per day over any stretch of days in O(log special days).

    Every week is alike but for the special days, so a sum is whole weeks times one week's sum, the
    days of a broken week, and the running difference the special days before it make.
    """

    __slots__ = ("_special_before", "_special_days", "_week", "_week_before")

    def __init__(self, week: Sequence[int], special: Mapping[int, int]) -> None:
        self._week = sum(week)
        self._week_before = (0, *accumulate(week))
        self._special_days = sorted(special)
        differences = (special[day] - week[weekday(day)] for day in self._special_days)
        self._special_before = (0, *accumulate(differences))

    def before(self, day: int) -> int:
        """The sum of all days before `day`, up to a constant: only differences mean something."""
        weeks, broken = divmod(day + _EPOCH_WEEKDAY, 7)
        special = self._special_before[bisect_left(self._special_days, day)]
        return weeks * self._week + self._week_before[broken] + special

    def day_reaching(self, total: int, since: int) -> int:
        """The first day from `since` on at whose end `before` would say at least `total`."""
        step = 7 + 7 * (total - self.before(since)) // self._week
        until = since + step
        while self.before(until + 1) < total:
            step *= 2
            until += step
        days = range(since, until + 1)
        return days[bisect_left(days, total, key=lambda day: self.before(day + 1))]
