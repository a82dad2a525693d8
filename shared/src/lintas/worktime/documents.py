"""Reads a city pack's calendar document. Refusals name the field and never repeat its value."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any, NamedTuple, NoReturn
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from lintas.vocabulary.errors import FieldError, Invalid
from lintas.worktime.totals import weekday

#: opening and closing times of one day, seconds after local midnight, in order, apart
Hours = tuple[tuple[int, int], ...]

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)|24:00")
_LONGEST_EXCEPTION_DAYS = 3_660
_EPOCH = date(1970, 1, 1)
_OFFSET_YEARS = range(2000, 2051)


class CalendarRows(NamedTuple):
    """A calendar document in numbers: what `Calendar` is made of."""

    zone: str
    offset_s: int
    #: Monday first
    week: tuple[Hours, ...]
    #: days counted from 1 January 1970 whose hours differ from their weekday's
    special: Mapping[int, Hours]


def read_calendar(body: Mapping[str, Any], known_at: datetime | None) -> CalendarRows:
    """The rows of `body` that were known at `known_at`; all that still hold where it is None."""
    zone = _text(body, "zone", "")
    offset_s = zone_offset_s(zone)
    week = _week(_get(body, "weekly", Mapping, ""), "/weekly")
    if not any(week):
        _refuse("/weekly", "no_hours", "at least one weekday with hours")

    special: dict[int, Hours] = {}
    for row, at in _known(body, "exceptions", offset_s, known_at):
        first, last = _day(row, "from", at), _day(row, "to", at)
        if not 0 <= last - first <= _LONGEST_EXCEPTION_DAYS:
            _refuse(f"{at}/to", "range", "a day on or after `from`, at most ten years later")
        hours = _week(_get(row, "weekly", Mapping, at), f"{at}/weekly")
        special.update((day, hours[weekday(day)]) for day in range(first, last + 1))
    # Last, so that a holiday closes a day whatever hours Ramadan or another exception gives it.
    for row, at in _known(body, "holidays", offset_s, known_at):
        special[_day(row, "date", at)] = ()
    return CalendarRows(zone, offset_s, week, special)


def day_number(day: date) -> int:
    """Days since 1 January 1970."""
    return (day - _EPOCH).days


def zone_offset_s(zone: str) -> int:
    """Seconds east of UTC in an IANA zone; refused where clocks change, as no day may be 23 h long."""
    try:
        info = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        _refuse("/zone", "zone", "an IANA time zone, such as Asia/Jakarta")
    offsets = {
        datetime(year, month, 1, tzinfo=info).utcoffset()
        for year in _OFFSET_YEARS
        for month in (1, 4, 7, 10)
    }
    offset = offsets.pop()
    if offsets or offset is None:
        _refuse("/zone", "zone_changes", "a time zone without daylight saving")
    return int(offset.total_seconds())


def _known(
    body: Mapping[str, Any], name: str, offset_s: int, known_at: datetime | None
) -> Iterable[tuple[Mapping[str, Any], str]]:
    for n, row in enumerate(_rows(body, name, "")):
        at = f"/{name}/{n}"
        if not isinstance(row, Mapping):
            _refuse(at, "type", "an object")
        since = _instant(row, "known_from", at, offset_s)
        until = _instant(row, "known_until", at, offset_s)
        if known_at is None:
            known = until is None
        else:
            known = (since is None or since <= known_at) and (until is None or known_at < until)
        if known:
            yield row, at


def _week(weekly: Mapping[str, Any], at: str) -> tuple[Hours, ...]:
    if not set(weekly) <= set(_WEEKDAYS):
        _refuse(at, "weekday", "only the keys mon to sun")
    return tuple(_hours(_rows(weekly, name, at), f"{at}/{name}") for name in _WEEKDAYS)


def _hours(rows: Sequence[Any], at: str) -> Hours:
    hours: list[tuple[int, int]] = []
    for n, row in enumerate(rows):
        if not isinstance(row, list | tuple) or len(row) != len(("opens", "closes")):
            _refuse(f"{at}/{n}", "type", "an opening and a closing time")
        opens, closes = (_second(text, f"{at}/{n}") for text in row)
        if not (hours[-1][1] if hours else 0) <= opens < closes:
            _refuse(f"{at}/{n}", "order", "hours in order, apart, each closing after it opens")
        hours.append((opens, closes))
    return tuple(hours)


def _second(text: Any, at: str) -> int:
    match = _TIME.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        _refuse(at, "time", 'a time from "00:00" to "24:00"')
    hour, minute = match.groups()
    return int(hour) * 3600 + int(minute) * 60 if hour else 86_400


def _day(row: Mapping[str, Any], name: str, at: str) -> int:
    value = row.get(name)
    if isinstance(value, str):
        try:
            value = date.fromisoformat(value)
        except ValueError:
            value = None
    if not isinstance(value, date) or isinstance(value, datetime):
        _refuse(f"{at}/{name}", "date", "a date (YYYY-MM-DD)")
    return day_number(value)


def _instant(row: Mapping[str, Any], name: str, at: str, offset_s: int) -> datetime | None:
    value = row.get(name)
    if value is None:
        return None
    zone = timezone(timedelta(seconds=offset_s))
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            value = None
    elif isinstance(value, date) and not isinstance(value, datetime):
        value = datetime.combine(value, time.min, zone)
    if not isinstance(value, datetime):
        _refuse(f"{at}/{name}", "instant", "a date or a time with its offset")
    if value.tzinfo is None:
        value = value.replace(tzinfo=zone)
    try:
        return value.astimezone(UTC)
    except OverflowError:
        _refuse(f"{at}/{name}", "range", "a time in this era")


def _rows(row: Mapping[str, Any], name: str, at: str) -> Sequence[Any]:
    value = row.get(name)
    if value is None:
        return ()
    if not isinstance(value, list | tuple):
        _refuse(f"{at}/{name}", "type", "a list")
    return value


def _text(row: Mapping[str, Any], name: str, at: str) -> str:
    value: str = _get(row, name, str, at)
    return value


def _get(row: Mapping[str, Any], name: str, kind: type, at: str) -> Any:
    value = row.get(name)
    if not isinstance(value, kind):
        _refuse(f"{at}/{name}", "missing", f"{name} is required")
    return value


def _refuse(pointer: str, code: str, detail: str) -> NoReturn:
    raise Invalid("The calendar cannot be read.", [FieldError(pointer, code, detail)])
