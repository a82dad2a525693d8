from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from lintas.vocabulary.terms import Clock
from metrics.domain.calendars import Calendars
from metrics.domain.cases import Case
from metrics.domain.durations import MICROSECOND, excluded, in_order
from metrics.domain.percentiles import Rank, percentile
from metrics.domain.promises import is_overdue
from metrics.domain.questions import Metric, Question
from metrics.domain.rows import BacklogRow

_SECOND_US = 1_000_000
#: the last working day of each age group (standards: 0-5, 6-14, 15-60, more)
_EDGES = ((5, "0-5"), (14, "6-14"), (60, "15-60"))
_OLDER = "61+"
#: no calendar says how many working days it has waited
_UNKNOWN = "unknown"
BUCKETS = (*(name for _, name in _EDGES), _OLDER, _UNKNOWN)


def backlog_rows(cohort: Iterable[Case], ask: Question, calendars: Calendars) -> list[BacklogRow]:
    """Open complaints at `as_of` by age, per clock and group. The buckets are always working days."""
    tallies: dict[str | None, _Tally] = {} if ask.group_by else {None: _Tally()}
    group_of = ask.group_of
    for case in cohort:
        if case.is_open:
            tallies.setdefault(group_of(case), _Tally()).add(case, ask, calendars)
    return [
        tallies[group].row(clock, group, ask.percentiles)
        for clock in ask.clocks
        for group in in_order(tallies)
    ]


@dataclass(slots=True)
class _Tally:
    ages: dict[Clock, list[int]] = field(default_factory=lambda: {clock: [] for clock in Clock})
    n_open: int = 0
    n_breached: int = 0
    buckets: Counter[str] = field(default_factory=Counter)

    def add(self, case: Case, ask: Question, calendars: Calendars) -> None:
        self.n_open += 1
        self.n_breached += is_overdue(case, ask.as_of)
        # a stamp of the source may lie ahead of as_of; its complaint is of age zero
        start = min(case.received_at, ask.as_of)
        self.ages[Clock.WALL].append((ask.as_of - start) // MICROSECOND)
        pinned = calendars.of_case(case)
        if pinned is None:
            self.buckets[_UNKNOWN] += 1
            return
        calendar = pinned.calendar
        self.ages[Clock.WORKING].append(calendar.working_seconds(start, ask.as_of) * _SECOND_US)
        days = calendar.working_days_between(calendar.day_of(start), calendar.day_of(ask.as_of))
        self.buckets[_bucket(days)] += 1

    def row(self, clock: Clock, group: str | None, rank: Rank) -> BacklogRow:
        ages = sorted(self.ages[clock])
        return BacklogRow(
            Metric.BACKLOG,
            clock,
            group,
            len(ages),
            self.n_open,
            self.n_breached,
            excluded(Counter(), self.n_open - len(ages)),
            percentile(ages, 50, rank),
            percentile(ages, 90, rank),
            {name: self.buckets[name] for name in BUCKETS},
        )


def _bucket(days: int) -> str:
    for last, name in _EDGES:
        if days <= last:
            return name
    return _OLDER
