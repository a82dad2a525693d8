from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from operator import attrgetter
from typing import NamedTuple

from lintas.vocabulary.terms import Clock, ComplaintState, Origin
from metrics.domain.calendars import Calendars, Pinned
from metrics.domain.cases import Case, Share
from metrics.domain.percentiles import Rank, percentile
from metrics.domain.questions import Metric, Negative, Question, Reason
from metrics.domain.rows import DurationRow

MICROSECOND = timedelta(microseconds=1)
_SECOND_US = 1_000_000


class Stretch(NamedTuple):
    """Something that takes time: begun, and either ended, still going on, or left out."""

    group: str | None
    start: datetime
    end: datetime | None
    #: why it is left out
    reason: Reason | None
    due_at: datetime | None
    #: looked up only where a working duration hangs on it
    calendar: Pinned | None


def to_assign(cohort: Iterable[Case], ask: Question, calendars: Calendars) -> Iterator[Stretch]:
    """From receipt to the first assignment."""
    reached, untimed = attrgetter("first_assigned_at"), _is_untimed
    return _of_cases(cohort, ask, calendars, reached, _never, untimed)


def to_first_response(
    cohort: Iterable[Case], ask: Question, calendars: Calendars
) -> Iterator[Stretch]:
    """From receipt to the first public, confirmed, substantive answer."""
    reached, due = attrgetter("first_response_at"), attrgetter("first_response_due_at")
    return _of_cases(cohort, ask, calendars, reached, due)


def to_resolution(cohort: Iterable[Case], ask: Question, calendars: Calendars) -> Iterator[Stretch]:
    """From receipt to the last resolution; what was reopened is open."""
    reached, due = attrgetter("resolved_at"), attrgetter("resolution_due_at")
    return _of_cases(cohort, ask, calendars, reached, due)


def to_accept(
    cohort: Iterable[tuple[Share, Case]], ask: Question, calendars: Calendars
) -> Iterator[Stretch]:
    """From each assignment to its agency's acceptance."""
    working = Clock.WORKING in ask.clocks
    for share, case in cohort:
        end, reason = share.accepted_at, None
        if case.state == ComplaintState.NO_ACTION:
            reason = Reason.NO_ACTION
        elif end is None and case.origin == Origin.IMPORT:
            reason = Reason.UNTIMED
        elif end is None and (share.ended_at is not None or not case.is_open):
            reason = Reason.ENDED
        calendar = calendars.of_share(share, case) if working and end is not None else None
        group = ask.share_group(share, case)
        yield Stretch(group, share.assigned_at, end, reason, None, calendar)


def duration_rows(
    metric: Metric, stretches: Iterable[Stretch], ask: Question, *, has_deadline: bool
) -> list[DurationRow]:
    """One row per clock and group; the whole city is one group, also when it is empty."""
    tallies: dict[str | None, _Tally] = {} if ask.group_by else {None: _Tally()}
    for stretch in stretches:
        tally = tallies.get(stretch.group)
        if tally is None:
            tally = tallies[stretch.group] = _Tally()
        tally.add(stretch, ask)
    return [
        tallies[group].row(metric, clock, group, ask.percentiles, has_deadline=has_deadline)
        for clock in ask.clocks
        for group in in_order(tallies)
    ]


def in_order(groups: Iterable[str | None]) -> Sequence[str | None]:
    """Groups by name, those without one last."""
    return sorted(groups, key=lambda group: (group is None, group or ""))


def _never(_case: Case) -> datetime | None:
    return None


def _is_untimed(case: Case) -> bool:
    """Whether it is assigned, and its source does not tell since when."""
    return case.first_assigned_at is None and case.outcome == "assigned"


def _never_untimed(_case: Case) -> bool:
    return False


def _of_cases(
    cohort: Iterable[Case],
    ask: Question,
    calendars: Calendars,
    reached: Callable[[Case], datetime | None],
    due: Callable[[Case], datetime | None],
    untimed: Callable[[Case], bool] = _never_untimed,
) -> Iterator[Stretch]:
    group_of, working = ask.group_of, Clock.WORKING in ask.clocks
    for case in cohort:
        end, reason = reached(case), None
        if case.state == ComplaintState.NO_ACTION:
            reason = Reason.NO_ACTION
        elif untimed(case):
            reason = Reason.UNTIMED
        elif end is None and not case.is_open:
            reason = Reason.ENDED
        calendar = calendars.of_case(case) if working and end is not None else None
        yield Stretch(group_of(case), case.received_at, end, reason, due(case), calendar)


@dataclass(slots=True)
class _Tally:
    values: dict[Clock, list[int]] = field(default_factory=lambda: {clock: [] for clock in Clock})
    n_open: int = 0
    n_breached: int = 0
    n_flagged: int = 0
    excluded: Counter[Reason] = field(default_factory=Counter)
    #: ended, but not countable in the working clock
    no_calendar: int = 0

    def add(self, stretch: Stretch, ask: Question) -> None:
        _, start, end, reason, due_at, pinned = stretch
        if reason is not None:
            self.excluded[reason] += 1
            return
        if end is None:
            self.n_open += 1
            self.n_breached += due_at is not None and due_at < ask.as_of
            return
        if end < start and ask.negative is Negative.FLAG:
            self.n_flagged += 1
            return
        self.n_breached += due_at is not None and due_at < end
        if Clock.WALL in ask.clocks:
            self.values[Clock.WALL].append((end - start) // MICROSECOND)
        if Clock.WORKING in ask.clocks:
            if pinned is None:
                self.no_calendar += 1
            else:
                worked_s = _worked_s(pinned, start, end)
                self.values[Clock.WORKING].append(worked_s * _SECOND_US)

    def row(
        self,
        metric: Metric,
        clock: Clock,
        group: str | None,
        rank: Rank,
        *,
        has_deadline: bool,
    ) -> DurationRow:
        values = sorted(self.values[clock])
        return DurationRow(
            metric,
            clock,
            group,
            len(values),
            self.n_open,
            self.n_breached if has_deadline else None,
            excluded(self.excluded, self.no_calendar if clock is Clock.WORKING else 0),
            self.n_flagged,
            *(percentile(values, hundredths, rank) for hundredths in (50, 90, 95)),
        )


def _worked_s(pinned: Pinned, start: datetime, end: datetime) -> int:
    if end < start:
        return -pinned.calendar.working_seconds(end, start)
    return pinned.calendar.working_seconds(start, end)


def excluded(counted: Counter[Reason], no_calendar: int = 0) -> dict[Reason, int]:
    """Exclusions by reason in a fixed order, without empty ones."""
    found = Counter(counted)
    found[Reason.NO_CALENDAR] += no_calendar
    return {reason: found[reason] for reason in Reason if found[reason]}
