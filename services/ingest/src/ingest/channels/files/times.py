"""Times as people and programs write them into files."""

import re
from datetime import datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_OFFSET = re.compile(r"([+-])([01]\d|2[0-3]):([0-5]\d)")
_DAY = re.compile(
    r"(?:(?P<day>\d{1,2})[ /.-](?P<month>\d{1,2}|[a-z]{3,9})\.?[ /.-](?P<year>\d{4}))"
    r"(?:[ ,t]+(?P<clock>.+))?",
    re.ASCII,
)
_CLOCK = re.compile(
    r"(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?(?:\.\d+)?(?: ?(wib|wita|wit|utc|gmt))?", re.ASCII
)
#: hours ahead of UTC
_SPOKEN = {"wib": 7, "wita": 8, "wit": 9, "utc": 0, "gmt": 0}
#: Python would read `13.30` as a part of an hour
_DOTTED = re.compile(r"(?<=[ T])(\d{1,2})\.(\d{2})(?:\.(\d{2}))?$")
#: what a spreadsheet writes for a day without a time
_MIDNIGHT = re.compile(r"[ T]00:00(:00(\.0+)?)?$")

#: the first three letters tell months apart in English and in Indonesian
_MONTHS = {
    month: number
    for number, months in enumerate(
        (
            ("jan",),
            ("feb", "peb"),
            ("mar",),
            ("apr",),
            ("may", "mei"),
            ("jun",),
            ("jul",),
            ("aug", "agu", "ags"),
            ("sep",),
            ("oct", "okt"),
            ("nov", "nop"),
            ("dec", "des"),
        ),
        start=1,
    )
    for month in months
}


def zone_named(name: str) -> tzinfo | None:
    """An offset such as `+07:00`, or a zone such as `Asia/Jakarta`; None if it is neither."""
    offset = _OFFSET.fullmatch(name)
    if offset:
        sign, hours, minutes = offset.groups()
        ahead = timedelta(hours=int(hours), minutes=int(minutes))
        return timezone(ahead if sign == "+" else -ahead)
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def read_moment(text: str, pattern: str) -> datetime:
    """The moment `text` means, naive if it has no offset; ValueError if it is no such time."""
    if pattern == "iso":
        return datetime.fromisoformat(text)
    if pattern != "any":
        return datetime.strptime(text, pattern)  # noqa: DTZ007  # the caller knows the zone
    text = _DOTTED.sub(lambda clock: ":".join(filter(None, clock.groups())), text)
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return _written_out(text.strip().lower())


def with_clock(day: str, clock: str | None) -> str:
    """A day and a time of day from two columns, as one text."""
    alone = _MIDNIGHT.sub("", day)
    if clock is None or ":" in alone:
        # the day's column says it all
        return day
    return f"{alone} {clock}"


def _written_out(text: str) -> datetime:
    day = _DAY.fullmatch(text)
    if day is None:
        # the day in ISO, the time in our own way: 2024-02-24 13.30
        date, _, clock = text.partition(" ")
        return _at(datetime.fromisoformat(date), clock)
    month = day["month"]
    number = int(month) if month.isdigit() else _MONTHS.get(month[:3], 0)
    start = datetime(int(day["year"]), number, int(day["day"]))  # noqa: DTZ001  # see above
    return _at(start, day["clock"]) if day["clock"] else start


def _at(day: datetime, clock: str) -> datetime:
    found = _CLOCK.fullmatch(clock.strip())
    if found is None:
        raise ValueError("no time of day")
    hours, minutes, seconds = (int(part) for part in found.groups(default="0")[:3])
    zone = timezone(timedelta(hours=_SPOKEN[found[4]])) if found[4] else None
    return day.replace(hour=hours, minute=minutes, second=seconds, tzinfo=zone)
