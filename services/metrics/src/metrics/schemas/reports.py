from datetime import datetime
from typing import Self

from pydantic import BaseModel, Field

from lintas.vocabulary.terms import Clock
from metrics.domain.answers import Report
from metrics.domain.percentiles import Rank
from metrics.domain.questions import (
    KPI_VERSION,
    Dimension,
    Metric,
    Negative,
    SlaVariant,
    Stage,
)
from metrics.domain.rows import BacklogRow, CountRow, DurationRow, PromiseRow, Row
from metrics.schemas.positions import PositionOut

_SECOND_US = 1_000_000


class CalendarOut(BaseModel):
    """A calendar version that figures rest on."""

    id: str
    version: str
    #: complaints counted in it
    n: int


class RowOut(BaseModel):
    """What all rows have."""

    metric: Metric
    stage: Stage | None = None
    clock: Clock | None = None
    group: str | None
    n: int
    n_open: int


class DurationOut(RowOut):
    """How long something took, in seconds."""

    n_breached: int | None
    n_excluded: int
    excluded: dict[str, int]
    n_flagged: int
    p50_s: float | None
    p90_s: float | None
    p95_s: float | None


class PromiseOut(RowOut):
    """How many deadlines were kept."""

    n_met: int
    n_breached: int
    n_ahead: int
    n_excluded: int
    excluded: dict[str, int]
    compliance: float | None
    p50_s: None = None
    p90_s: None = None


class BacklogOut(RowOut):
    """How old the open complaints are."""

    n_breached: int
    n_excluded: int
    excluded: dict[str, int]
    p50_s: float | None
    p90_s: float | None
    buckets: dict[str, int]


class CountOut(RowOut):
    """How many there are."""

    registered: int
    routed: int
    triage: int
    no_action: int
    undecided: int
    answered: int
    resolved: int
    closed: int
    rejected: int
    merged: int
    withdrawn: int
    published: int | None
    p50_s: None = None
    p90_s: None = None


class ReportOut(BaseModel):
    """Figures with everything they are a function of; the same inputs give the same bytes."""

    as_of: datetime
    kpi_version: str
    since: datetime | None = Field(serialization_alias="from")
    until: datetime | None = Field(serialization_alias="to")
    group_by: Dimension | None
    filters: dict[str, str]
    percentiles: Rank
    negative: Negative
    imported_answers: bool
    sla_variant: SlaVariant
    positions: list[PositionOut]
    calendars: list[CalendarOut]
    #: facts behind a missing one, which no figure counts
    n_waiting: int
    kpis: list[DurationOut | PromiseOut | BacklogOut | CountOut]

    @classmethod
    def of(cls, report: Report) -> Self:
        """A report as it is sent."""
        ask = report.ask
        return cls(
            as_of=ask.as_of,
            kpi_version=KPI_VERSION,
            since=ask.period.since,
            until=ask.period.until,
            group_by=ask.group_by,
            filters=dict(sorted(ask.filters.items())),
            percentiles=ask.percentiles,
            negative=ask.negative,
            imported_answers=ask.imported_answers,
            sla_variant=ask.sla_variant,
            positions=PositionOut.several(report.positions),
            calendars=[
                CalendarOut(id=use.id, version=use.version, n=use.n)
                for use in report.figures.calendars
            ],
            n_waiting=report.n_waiting,
            kpis=[_row_out(row) for row in report.figures.rows],
        )


def _row_out(row: Row) -> DurationOut | PromiseOut | BacklogOut | CountOut:
    match row:
        case DurationRow():
            return DurationOut(
                metric=row.metric,
                clock=row.clock,
                group=row.group,
                n=row.n,
                n_open=row.n_open,
                n_breached=row.n_breached,
                n_excluded=row.n_excluded,
                excluded={reason.value: n for reason, n in row.excluded.items()},
                n_flagged=row.n_flagged,
                p50_s=_seconds(row.p50_us),
                p90_s=_seconds(row.p90_us),
                p95_s=_seconds(row.p95_us),
            )
        case PromiseRow():
            return PromiseOut(
                metric=row.metric,
                stage=row.stage,
                group=row.group,
                n=row.n,
                n_open=row.n_open,
                n_met=row.n_met,
                n_breached=row.n_breached,
                n_ahead=row.n_ahead,
                n_excluded=row.n_excluded,
                excluded={reason.value: n for reason, n in row.excluded.items()},
                compliance=row.compliance,
            )
        case BacklogRow():
            return BacklogOut(
                metric=row.metric,
                clock=row.clock,
                group=row.group,
                n=row.n,
                n_open=row.n_open,
                n_breached=row.n_breached,
                n_excluded=row.n_excluded,
                excluded={reason.value: n for reason, n in row.excluded.items()},
                p50_s=_seconds(row.p50_us),
                p90_s=_seconds(row.p90_us),
                buckets=dict(row.buckets),
            )
        case CountRow():
            names = set(CountOut.model_fields) - {"stage", "clock", "p50_s", "p90_s"}
            return CountOut(**{name: getattr(row, name) for name in names})


def _seconds(value_us: int | None) -> float | None:
    return None if value_us is None else value_us / _SECOND_US
