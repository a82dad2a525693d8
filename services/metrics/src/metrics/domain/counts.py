from collections.abc import Iterable
from uuid import UUID

from lintas.vocabulary.terms import ComplaintState
from metrics.domain.cases import Case, Published
from metrics.domain.durations import in_order
from metrics.domain.questions import Dimension, Metric, Question
from metrics.domain.rows import CountRow


def count_rows(
    cohort: Iterable[Case], statements: Iterable[Published], ask: Question
) -> list[CountRow]:
    """How many complaints and statements there are, by group."""
    rows: dict[str | None, CountRow] = {} if ask.group_by else {None: _row(None)}
    group_of = ask.group_of
    for case in cohort:
        group = group_of(case)
        row = rows.get(group)
        if row is None:
            row = rows[group] = _row(group)
        _count(row, case)
    if ask.group_by in {None, Dimension.AGENCY} and ask.filters.keys() <= {Dimension.AGENCY}:
        for row in rows.values():
            row.published = 0
        for agency in _agencies_of_published(statements, ask):
            group = agency if ask.group_by else None
            row = rows.setdefault(group, _row(group))
            row.published = (row.published or 0) + 1
    return [rows[group] for group in in_order(rows)]


def _row(group: str | None) -> CountRow:
    return CountRow(Metric.COUNTS, group)


def _count(row: CountRow, case: Case) -> None:
    row.registered += 1
    row.routed += case.outcome == "assigned"
    row.triage += case.outcome == "triage"
    row.no_action += case.outcome == "no_action"
    row.undecided += case.outcome is None
    row.n_open += case.is_open
    row.answered += case.first_response_at is not None
    row.resolved += case.resolved_at is not None
    row.closed += case.state == ComplaintState.CLOSED
    row.rejected += case.state == ComplaintState.REJECTED
    row.merged += case.state == ComplaintState.MERGED
    row.withdrawn += case.state == ComplaintState.WITHDRAWN


def _agencies_of_published(statements: Iterable[Published], ask: Question) -> Iterable[str]:
    """The agency of each statement whose first version went out in the period."""
    first: dict[UUID, Published] = {}
    for statement in statements:
        known = first.get(statement.statement_id)
        earlier = known is None or (statement.at, statement.agency) < (known.at, known.agency)
        if statement.at <= ask.as_of and earlier:
            first[statement.statement_id] = statement
    agency = ask.filters.get(Dimension.AGENCY)
    for statement in first.values():
        if statement.at in ask.period and agency in {None, statement.agency}:
            yield statement.agency
