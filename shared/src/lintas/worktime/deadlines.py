from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Self, TypeVar

from lintas.vocabulary.errors import FieldError, Invalid
from lintas.worktime.calendars import Calendar, FirstDay
from lintas.worktime.spans import Pause, Span, merge_spans

Word = TypeVar("Word", bound=StrEnum)


class Unit(StrEnum):
    """What a limit is counted in."""

    WORKING_DAYS = "working_days"
    CALENDAR_DAYS = "calendar_days"
    HOURS = "hours"
    MINUTES = "minutes"


_UNIT_S = {Unit.HOURS: 3_600, Unit.MINUTES: 60}


@dataclass(frozen=True, slots=True)
class DeadlinePolicy:
    """How long something may take: the arithmetic of a pack's policy row, without its legal basis."""

    amount: int
    unit: Unit
    #: for days only
    first_day: FirstDay = FirstDay.NEXT_DAY

    def __post_init__(self) -> None:
        if self.amount < 1:
            raise ValueError("an amount of at least 1")

    @classmethod
    def from_document(cls, row: Mapping[str, Any]) -> Self:
        """The policy of a row `{amount, unit, start?}`; other keys are not read.

        Raises Invalid with the field's pointer.
        """
        amount = row.get("amount")
        if not isinstance(amount, int) or isinstance(amount, bool) or amount < 1:
            raise _refused("amount", "a whole number from 1")
        first_day = _word(FirstDay, row, "start", FirstDay.NEXT_DAY)
        return cls(amount, _word(Unit, row, "unit", None), first_day)


def due_at(
    policy: DeadlinePolicy,
    received_at: datetime,
    calendar: Calendar,
    pauses: Iterable[Pause] = (),
) -> datetime:
    """The last instant at which what `policy` limits is in time.

    Working days end with the hours of the last one; calendar days, like all days that close at
    midnight, with their last second, as midnight carries the next day's date. Hours and minutes are
    office time from the receipt, or from the next opening where it came outside hours: a limit that
    runs day and night takes a calendar that does. Each pause that begins before the deadline moves it
    by the time paused, counted as the limit is.
    """
    if policy.unit is Unit.CALENDAR_DAYS:
        calendar = Calendar.round_the_clock(calendar.zone)
    if policy.unit in _UNIT_S:
        due = calendar.add_working(received_at, policy.amount * _UNIT_S[policy.unit])
    else:
        due = calendar.add_working_days(received_at, policy.amount, policy.first_day)
    for pause in _within(pauses, received_at, None):
        if pause.start >= due:
            break
        due = calendar.add_working(due, calendar.working_seconds(*pause))
    last_second = due - timedelta(seconds=1)
    ends_a_day = policy.unit not in _UNIT_S and calendar.day_of(last_second) < calendar.day_of(due)
    return last_second if ends_a_day else due


def working_seconds_excluding(
    calendar: Calendar, start: datetime, end: datetime, pauses: Iterable[Pause]
) -> int:
    """Seconds of office hours between two instants in which the clock was not paused."""
    paused = sum(calendar.working_seconds_many(_within(pauses, start, end)))
    return calendar.working_seconds(start, end) - paused


def _within(pauses: Iterable[Pause], start: datetime, end: datetime | None) -> Iterable[Span]:
    for pause in merge_spans(pauses):
        clipped = Span(max(pause.start, start), pause.end if end is None else min(pause.end, end))
        if clipped.start < clipped.end:
            yield clipped


def _word(kind: type[Word], row: Mapping[str, Any], name: str, default: Word | None) -> Word:
    value = row.get(name, default)
    if value not in list(kind):
        raise _refused(name, f"one of {', '.join(kind)}")
    return kind(value)


def _refused(name: str, detail: str) -> Invalid:
    return Invalid("The deadline policy cannot be read.", [FieldError(f"/{name}", name, detail)])
