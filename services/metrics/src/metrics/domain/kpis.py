from collections import Counter
from collections.abc import Iterator, Sequence

from metrics.domain.backlog import backlog_rows
from metrics.domain.calendars import Calendars
from metrics.domain.cases import Case, Published, Share
from metrics.domain.counts import count_rows
from metrics.domain.durations import (
    duration_rows,
    to_accept,
    to_assign,
    to_first_response,
    to_resolution,
)
from metrics.domain.facts import CalendarKey
from metrics.domain.promises import promise_rows
from metrics.domain.questions import Metric, Question
from metrics.domain.rows import CalendarUse, Figures, Row


def figures(
    ask: Question,
    cases: Sequence[Case],
    shares: Sequence[tuple[Share, Case]],
    statements: Sequence[Published],
    calendars: Calendars,
) -> Figures:
    """The answer to `ask`: the same inputs, in any order, give the same rows in the same order.

    `cases` and `shares` must already stand as they stood at `ask.as_of`.
    """
    cases = [*map(ask.seen, cases)]
    cohort = ask.cohort(cases)
    used: Counter[CalendarKey] = Counter()
    for case in cohort:
        pinned = calendars.of_case(case)
        if pinned is not None:
            used[pinned.key] += 1
    return Figures(
        tuple(
            row
            for metric in Metric
            if metric in ask.metrics
            for row in _rows(metric, ask, cases, cohort, shares, statements, calendars)
        ),
        tuple(CalendarUse(key.id, key.version, used[key]) for key in sorted(used)),
    )


def _rows(
    metric: Metric,
    ask: Question,
    cases: Sequence[Case],
    cohort: Sequence[Case],
    shares: Sequence[tuple[Share, Case]],
    statements: Sequence[Published],
    calendars: Calendars,
) -> Iterator[Row]:
    match metric:
        case Metric.COUNTS:
            yield from count_rows(cohort, statements, ask)
        case Metric.TIME_TO_ASSIGN:
            stretches = to_assign(cohort, ask, calendars)
            yield from duration_rows(metric, stretches, ask, has_deadline=False)
        case Metric.TIME_TO_ACCEPT:
            stretches = to_accept(ask.share_cohort(shares), ask, calendars)
            yield from duration_rows(metric, stretches, ask, has_deadline=False)
        case Metric.FIRST_RESPONSE:
            stretches = to_first_response(cohort, ask, calendars)
            yield from duration_rows(metric, stretches, ask, has_deadline=True)
        case Metric.RESOLUTION:
            stretches = to_resolution(cohort, ask, calendars)
            yield from duration_rows(metric, stretches, ask, has_deadline=True)
        case Metric.SLA_COMPLIANCE:
            yield from promise_rows(cases, ask)
        case Metric.BACKLOG:
            yield from backlog_rows(cohort, ask, calendars)
