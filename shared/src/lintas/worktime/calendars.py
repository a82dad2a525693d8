from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any, Self

from lintas.worktime.documents import Hours, day_number, read_calendar, zone_offset_s
from lintas.worktime.spans import Span
from lintas.worktime.totals import DayTotals, weekday

_DAY_S = 86_400
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class FirstDay(StrEnum):
    """Which day is the first of a limit in days."""

    #: the day of receipt, or the next working day where that day was over or not worked
    SAME_DAY = "same_day"
    #: the first working day after the day of receipt
    NEXT_DAY = "next_day"


@dataclass(frozen=True, slots=True)
class Calendar:
    """When an office works, in one zone without daylight saving. Never changes once read.

    Instants are aware and read at whole seconds (fractions are cut), so durations are exact integers
    and add up. Hours are half-open. No answer costs more than O(log special days), however long the
    stretch asked about.
    """

    #: IANA name
    zone: str
    offset_s: int
    #: hours of the seven weekdays, Monday first
    week: tuple[Hours, ...]
    #: hours of the days that differ (days since 1970); a holiday has none
    special: Mapping[int, Hours]
    _seconds: DayTotals = field(init=False, repr=False, compare=False)
    _days: DayTotals = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        for name, count in (("_seconds", _open_s), ("_days", _is_worked)):
            totals = DayTotals(
                [count(hours) for hours in self.week],
                {day: count(hours) for day, hours in self.special.items()},
            )
            object.__setattr__(self, name, totals)

    @classmethod
    def from_document(cls, body: Mapping[str, Any], *, known_at: datetime | None = None) -> Self:
        """The calendar of a pack's document `{zone, weekly, exceptions, holidays}`.

        Hours of a weekday not named are none. An exception replaces the whole week between its two
        days; of two, the later in the list counts; a holiday closes its day whatever else is said.
        With `known_at` only rows known by then count (`known_from` up to `known_until`), so a
        replay sees what was known. Raises Invalid with the field's pointer.
        """
        return cls(*read_calendar(body, known_at))

    @staticmethod
    def round_the_clock(zone: str) -> "Calendar":
        """The calendar in which every second of every day counts: working time is wall time."""
        return _round_the_clock(zone)

    def day_of(self, at: datetime) -> date:
        """The local date at an instant."""
        return _EPOCH.date() + timedelta(days=self._local(at)[0])

    def is_working_day(self, day: date) -> bool:
        """Whether the office opens on that date."""
        return bool(self._hours(day_number(day)))

    def open_spans(self, day: date) -> tuple[Span, ...]:
        """The hours of that local date, as UTC instants."""
        number = day_number(day)
        return tuple(
            Span(self._instant(number, opens), self._instant(number, closes))
            for opens, closes in self._hours(number)
        )

    def working_seconds(self, start: datetime, end: datetime) -> int:
        """Seconds of office hours between two instants. Raises ValueError where `end` is earlier."""
        if end < start:
            raise ValueError("an end no earlier than the start")
        return self._worked(end) - self._worked(start)

    def working_seconds_many(self, pairs: Iterable[tuple[datetime, datetime]]) -> list[int]:
        """`working_seconds` of each (start, end), in order."""
        return [self.working_seconds(start, end) for start, end in pairs]

    def add_working(self, start: datetime, seconds: int) -> datetime:
        """The earliest instant from `start` on with that many working seconds between the two."""
        if seconds < 0:
            raise ValueError("no less than 0 seconds")
        if seconds == 0:
            return start
        total = self._worked(start) + seconds
        day = self._seconds.day_reaching(total, since=self._local(start)[0])
        left = total - self._seconds.before(day)
        for opens, closes in self._hours(day):
            if left <= closes - opens:
                return self._instant(day, opens + left)
            left -= closes - opens
        raise AssertionError("the day found has at least the seconds left")  # pragma: no cover

    def add_working_days(self, start: datetime, n: int, first_day: FirstDay) -> datetime:
        """The end of hours of the `n`-th working day, the first being the one `first_day` says.

        A receipt at the closing second still belongs to its day; a later one, or one on a day not
        worked, starts at the next opening under either rule.
        """
        if n < 1:
            raise ValueError("at least 1 working day")
        day, second = self._local(start)
        hours = self._hours(day)
        if first_day == FirstDay.NEXT_DAY or not hours or second > hours[-1][1]:
            day += 1
        last = self._days.day_reaching(self._days.before(day) + n, since=day)
        return self._instant(last, self._hours(last)[-1][1])

    def working_days_between(self, start: date, end: date) -> int:
        """Working days after `start` up to and including `end`: the age in days of a receipt.

        So the limit of n working days that begins on the next day falls on age n. Raises ValueError
        where `end` is earlier.
        """
        if end < start:
            raise ValueError("an end no earlier than the start")
        return self._days.before(day_number(end) + 1) - self._days.before(day_number(start) + 1)

    def _worked(self, at: datetime) -> int:
        day, second = self._local(at)
        worked = self._seconds.before(day)
        for opens, closes in self._hours(day):
            if second <= opens:
                break
            worked += min(second, closes) - opens
        return worked

    def _hours(self, day: int) -> Hours:
        hours = self.special.get(day)
        return self.week[weekday(day)] if hours is None else hours

    def _local(self, at: datetime) -> tuple[int, int]:
        if at.tzinfo is None:
            raise ValueError("an aware instant")
        since = at - _EPOCH
        return divmod(since.days * _DAY_S + since.seconds + self.offset_s, _DAY_S)

    def _instant(self, day: int, second: int) -> datetime:
        return _EPOCH + timedelta(days=day, seconds=second - self.offset_s)


@lru_cache(maxsize=64)
def _round_the_clock(zone: str) -> Calendar:
    return Calendar(zone, zone_offset_s(zone), (((0, _DAY_S),),) * 7, {})


def _open_s(hours: Hours) -> int:
    return sum(closes - opens for opens, closes in hours)


def _is_worked(hours: Hours) -> int:
    return int(bool(hours))
