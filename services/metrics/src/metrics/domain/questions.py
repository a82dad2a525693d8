from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from operator import attrgetter

from lintas.vocabulary.terms import Clock
from metrics.domain.cases import Case, Share
from metrics.domain.percentiles import Rank

#: changes whenever a definition changes, so that two reports can be told apart
KPI_VERSION = "2"


class Metric(StrEnum):
    """What can be asked for, in the order in which reports show it."""

    COUNTS = "counts"
    TIME_TO_ASSIGN = "time_to_assign"
    TIME_TO_ACCEPT = "time_to_accept"
    FIRST_RESPONSE = "first_response"
    RESOLUTION = "resolution"
    SLA_COMPLIANCE = "sla_compliance"
    BACKLOG = "backlog"


class Dimension(StrEnum):
    """What complaints can be grouped by."""

    #: the agency that leads at `as_of`; for time_to_accept the agency that was assigned
    AGENCY = "agency"
    CHANNEL = "channel"
    CATEGORY = "category"
    MENTION_CLASS = "mention_class"
    KECAMATAN = "kecamatan"
    STAKEHOLDER = "stakeholder"
    STANCE = "stance"
    ORIGIN = "origin"


class Stage(StrEnum):
    """The deadlines whose keeping is measured."""

    FIRST_RESPONSE = "first_response"
    RESOLUTION = "resolution"


class Reason(StrEnum):
    """Why a complaint of the period is in no percentile."""

    NO_ACTION = "no_action"
    ENDED = "ended"
    NO_TARGET = "no_target"
    NO_CALENDAR = "no_calendar"
    UNTIMED = "untimed"
    UNJUDGED = "unjudged"
    NOT_REACHED = "not_reached"


class Negative(StrEnum):
    """What becomes of a duration whose end lies before its start."""

    FLAG = "flag"
    KEEP = "keep"


class SlaVariant(StrEnum):
    """Whose way of counting kept deadlines: ours, or one that a source publishes."""

    AS_PROMISED = "as_promised"
    CLOSED_WITH_TARGET = "closed_with_target"
    PUBLISHED_ALL_ROWS = "published_all_rows"


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of time, open where an end is None; `until` itself is outside."""

    since: datetime | None = None
    until: datetime | None = None

    def __contains__(self, moment: datetime) -> bool:
        return (self.since is None or self.since <= moment) and (
            self.until is None or moment < self.until
        )


@dataclass(frozen=True, slots=True)
class Question:
    """Everything a report depends on besides the log and the calendars."""

    #: facts that happened later do not exist for it
    as_of: datetime
    metrics: tuple[Metric, ...] = tuple(Metric)
    clocks: tuple[Clock, ...] = (Clock.WALL, Clock.WORKING)
    group_by: Dimension | None = None
    period: Period = Period()
    #: field of `Case` or "agency" → the value it must have
    filters: Mapping[str, str] = field(default_factory=dict)
    percentiles: Rank = Rank.LINEAR
    negative: Negative = Negative.FLAG
    sla_variant: SlaVariant = SlaVariant.AS_PROMISED
    #: whether an answer that the source of an import tells of is a first response
    imported_answers: bool = False

    def seen(self, case: Case) -> Case:
        """The case as this question looks at it."""
        if not self.imported_answers or case.answered_elsewhere_at is None:
            return case
        first = case.first_response_at
        elsewhere = case.answered_elsewhere_at
        return replace(case, first_response_at=min(first, elsewhere) if first else elsewhere)

    def takes(self, case: Case, share: Share | None = None) -> bool:
        """Whether the filters let it in."""
        return all(_value(name, case, share) == wanted for name, wanted in self.filters.items())

    def cohort(self, cases: Iterable[Case]) -> list[Case]:
        """Those of `cases` that were received in the period and that the filters let in."""
        whole = self.period == Period()
        return [
            case
            for case in cases
            if (whole or case.received_at in self.period) and (not self.filters or self.takes(case))
        ]

    def share_cohort(self, shares: Iterable[tuple[Share, Case]]) -> list[tuple[Share, Case]]:
        """Those of `shares` whose complaint was received in the period and that the filters let in."""
        return [
            (share, case)
            for share, case in shares
            if case.received_at in self.period and self.takes(case, share)
        ]

    @property
    def group_of(self) -> Callable[[Case], str | None]:
        """Tells the group a complaint falls in; None for none."""
        if self.group_by is None:
            return _no_group
        return attrgetter("lead" if self.group_by is Dimension.AGENCY else self.group_by.value)

    def share_group(self, share: Share, case: Case) -> str | None:
        """The group an assignment falls in; None for none."""
        return None if self.group_by is None else _value(self.group_by, case, share)


def _no_group(_case: Case) -> str | None:
    return None


def _value(name: str, case: Case, share: Share | None) -> str | None:
    if name == Dimension.AGENCY:
        return share.agency if share else case.lead
    value: str | None = getattr(case, name)
    return value
