"""Working time: the only place of the project that counts it. Standard library only."""

from lintas.worktime.calendars import Calendar, FirstDay
from lintas.worktime.deadlines import DeadlinePolicy, Unit, due_at, working_seconds_excluding
from lintas.worktime.spans import Pause, Span, merge_spans

__all__ = [
    "Calendar",
    "DeadlinePolicy",
    "FirstDay",
    "Pause",
    "Span",
    "Unit",
    "due_at",
    "merge_spans",
    "working_seconds_excluding",
]
