"""`calendars.yaml`: when do agencies work?"""

from datetime import date
from typing import Literal

from pydantic import Field

from lintas_local.pack.models.fields import (
    ClockTime,
    Code,
    LocalText,
    PackModel,
    Text,
    Versioned,
)

HolidayKind = Literal["national", "collective_leave", "election"]
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

#: opening and closing time; "24:00" is the end of the day
Span = tuple[ClockTime, ClockTime]


class Week(PackModel):
    """Opening spans by weekday; a day that is left out is closed."""

    mon: tuple[Span, ...] = ()
    tue: tuple[Span, ...] = ()
    wed: tuple[Span, ...] = ()
    thu: tuple[Span, ...] = ()
    fri: tuple[Span, ...] = ()
    sat: tuple[Span, ...] = ()
    sun: tuple[Span, ...] = ()


class HoursException(PackModel):
    """Other hours between two days, both included."""

    first_day: date = Field(alias="from")
    last_day: date = Field(alias="to")
    weekly: Week
    reason: Text
    known_from: date
    #: the days themselves may still move
    estimated: bool = False
    source: Text


class Calendar(Versioned):
    """The hours of some agencies."""

    code: Code
    name: LocalText
    zone: Text
    weekly: Week
    exceptions: tuple[HoursException, ...] = ()
    #: the kinds of holiday on which it is closed
    observes: tuple[HolidayKind, ...] = ()


class Holiday(PackModel):
    """One day off."""

    day: date = Field(alias="date")
    name: Text
    kind: HolidayKind
    #: computed ahead of the decree that fixes it
    estimated: bool = False
    #: where this row differs from its year
    known_from: date | None = None
    source: Text | None = None


class HolidayYear(PackModel):
    """The days off of one year, with the decree or list they come from."""

    year: int = Field(ge=2000, le=2100)
    source: Text
    known_from: date
    days: tuple[Holiday, ...] = Field(min_length=1)


class CalendarsFile(PackModel):
    """All calendars, and the holidays that they share."""

    calendars: tuple[Calendar, ...] = Field(min_length=1)
    holidays: tuple[HolidayYear, ...] = ()
