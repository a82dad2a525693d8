from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

import orjson

from lintas.vocabulary.errors import Invalid
from lintas.worktime import Calendar
from metrics.domain.cases import Case, Share
from metrics.domain.directory import Directory
from metrics.domain.facts import CalendarKey


class Pinned(NamedTuple):
    """A calendar with the version that was read."""

    key: CalendarKey
    calendar: Calendar


class Calendars:
    """Which calendar a duration is counted in, from the directory as folded.

    1. The version that the promise was counted in: of an assignment's own first deadline for its
       acceptance, otherwise of the complaint's first-response deadline, or of its first deadline.
    2. Without any deadline: the calendar of the agency that leads (or holds the assignment), in
       the version in force and known when the complaint was received.
    3. Otherwise none: the duration is excluded from the working clock, and counted.

    All rows of a pinned version count, whenever they became known: a duration measures the hours
    that were worked. What was known when a promise was made matters to the due time alone, and
    that comes with the event.
    """

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._read: dict[CalendarKey, Pinned | None] = {}

    def of_case(self, case: Case) -> Pinned | None:
        """The calendar of a complaint's durations."""
        key = case.calendar_key or self._of_agency(case.lead, case.received_at)
        return self._pinned(key)

    def of_share(self, share: Share, case: Case) -> Pinned | None:
        """The calendar of an assignment's durations."""
        key = (
            share.calendar_key
            or case.calendar_key
            or self._of_agency(share.agency, case.received_at)
        )
        return self._pinned(key)

    def _of_agency(self, agency: str | None, at: datetime) -> CalendarKey | None:
        document = self._directory.in_force("agency", agency, at) if agency else None
        name = document.body.get("calendar") if document else None
        if not isinstance(name, str):
            return None
        calendar = self._directory.in_force("calendar", name, at)
        return CalendarKey(calendar.id, calendar.version) if calendar else None

    def _pinned(self, key: CalendarKey | None) -> Pinned | None:
        if key is None:
            return None
        if key not in self._read:
            document = self._directory.version("calendar", *key)
            calendar = _read(orjson.dumps(document.body)) if document else None
            self._read[key] = Pinned(key, calendar) if calendar else None
        return self._read[key]


@lru_cache(maxsize=256)
def _read(body: bytes) -> Calendar | None:
    try:
        return Calendar.from_document(orjson.loads(body))
    except Invalid:
        return None
