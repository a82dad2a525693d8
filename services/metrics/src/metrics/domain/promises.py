from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from lintas.vocabulary.terms import ComplaintState
from metrics.domain.cases import Case
from metrics.domain.durations import excluded, in_order
from metrics.domain.questions import Metric, Question, Reason, SlaVariant, Stage
from metrics.domain.rows import PromiseRow


def promise_rows(cases: Iterable[Case], ask: Question) -> list[PromiseRow]:
    """Deadlines kept and missed, by stage and group.

    The period is that of the deadlines, not of receipt. A deadline has fallen when `as_of` is past
    it. Kept means reached at the due instant or before; open and overdue is missed, and so is
    ending without it afterwards. What ended before its deadline fell is excluded; what has no
    deadline is excluded and belongs to the period in which it was received. The variants that
    sources publish are about the resolution alone.
    """
    as_promised = ask.sla_variant is SlaVariant.AS_PROMISED
    stages = tuple(Stage) if as_promised else (Stage.RESOLUTION,)
    tallies: dict[Stage, dict[str | None, _Tally]] = {
        stage: {} if ask.group_by else {None: _Tally()} for stage in stages
    }
    group_of = ask.group_of
    add = _COUNTS[ask.sla_variant]
    for case in cases:
        if not ask.takes(case):
            continue
        group = group_of(case)
        for stage in stages:
            due_at, reached_at = _deadline(case, stage)
            if (due_at or case.received_at) in ask.period:
                tally = tallies[stage].setdefault(group, _Tally())
                add(tally, case, due_at, reached_at, ask.as_of)
    return [
        tallies[stage][group].row(stage, group)
        for stage in stages
        for group in in_order(tallies[stage])
    ]


def is_overdue(case: Case, as_of: datetime) -> bool:
    """Whether an open complaint is past a deadline that was not kept."""
    return case.is_open and any(
        due_at is not None and reached_at is None and due_at < as_of
        for due_at, reached_at in (_deadline(case, stage) for stage in Stage)
    )


def _deadline(case: Case, stage: Stage) -> tuple[datetime | None, datetime | None]:
    """When it is due, and when it was reached."""
    if stage is Stage.FIRST_RESPONSE:
        return case.first_response_due_at, case.first_response_at
    return case.resolution_due_at, case.resolved_at


@dataclass(slots=True)
class _Tally:
    n_met: int = 0
    n_breached: int = 0
    n_open: int = 0
    n_ahead: int = 0
    excluded: Counter[Reason] = field(default_factory=Counter)

    def add(
        self, case: Case, due_at: datetime | None, reached_at: datetime | None, as_of: datetime
    ) -> None:
        """As promised: what fell is kept or missed."""
        if case.state == ComplaintState.NO_ACTION:
            self.excluded[Reason.NO_ACTION] += 1
        elif due_at is None:
            self.excluded[Reason.NO_TARGET] += 1
        elif as_of <= due_at:
            self.n_ahead += 1
        elif reached_at is not None and reached_at <= due_at:
            self.n_met += 1
        elif reached_at is None and case.ended_at is not None and case.ended_at <= due_at:
            self.excluded[Reason.ENDED] += 1
        else:
            self.n_breached += 1
            self.n_open += reached_at is None and case.is_open

    def add_closed(
        self, case: Case, due_at: datetime | None, reached_at: datetime | None, _as_of: datetime
    ) -> None:
        """What was reached and had a target; what is open counts nowhere."""
        if case.state == ComplaintState.NO_ACTION:
            self.excluded[Reason.NO_ACTION] += 1
        elif case.unjudged:
            self.excluded[Reason.UNJUDGED] += 1
        elif due_at is None:
            self.excluded[Reason.NO_TARGET] += 1
        elif reached_at is None:
            self.excluded[Reason.NOT_REACHED] += 1
        else:
            self.n_met += reached_at <= due_at
            self.n_breached += due_at < reached_at

    def add_all(
        self, case: Case, due_at: datetime | None, reached_at: datetime | None, as_of: datetime
    ) -> None:
        """Everything; without a target, or with one that lies ahead, it is on time."""
        if case.state == ComplaintState.NO_ACTION:
            self.excluded[Reason.NO_ACTION] += 1
        elif case.unjudged:
            self.excluded[Reason.UNJUDGED] += 1
        elif due_at is None or (reached_at or as_of) <= due_at:
            self.n_met += 1
        else:
            self.n_breached += 1
            self.n_open += reached_at is None and case.is_open

    def row(self, stage: Stage, group: str | None) -> PromiseRow:
        return PromiseRow(
            Metric.SLA_COMPLIANCE,
            stage,
            group,
            self.n_met,
            self.n_breached,
            self.n_open,
            self.n_ahead,
            excluded(self.excluded),
        )


_COUNTS: Mapping[
    SlaVariant, Callable[[_Tally, Case, datetime | None, datetime | None, datetime], None]
] = {
    SlaVariant.AS_PROMISED: _Tally.add,
    SlaVariant.CLOSED_WITH_TARGET: _Tally.add_closed,
    SlaVariant.PUBLISHED_ALL_ROWS: _Tally.add_all,
}
