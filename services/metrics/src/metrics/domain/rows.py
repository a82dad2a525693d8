"""What a report says. `n` is what a figure rests on; no figure is shown without it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from lintas.vocabulary.terms import Clock
from metrics.domain.questions import Metric, Reason, Stage


@dataclass(frozen=True, slots=True)
class DurationRow:
    """How long something took. cohort = n + n_open + n_excluded + n_flagged."""

    metric: Metric
    clock: Clock
    group: str | None
    #: finished, and in the percentiles
    n: int
    #: not finished at `as_of`; how long they will take is not known yet
    n_open: int
    #: finished too late, or open past the deadline; None where no deadline applies
    n_breached: int | None
    excluded: Mapping[Reason, int]
    #: ended before they began: wrong stamps at the source
    n_flagged: int
    p50_us: int | None
    p90_us: int | None
    p95_us: int | None

    @property
    def n_excluded(self) -> int:
        """All exclusions together."""
        return sum(self.excluded.values())


@dataclass(frozen=True, slots=True)
class PromiseRow:
    """How many deadlines were kept, of those that fell in the period."""

    metric: Metric
    stage: Stage
    group: str | None
    n_met: int
    n_breached: int
    #: of the breached, those that may still be reached
    n_open: int
    #: not due yet at `as_of`, kept or not
    n_ahead: int
    excluded: Mapping[Reason, int]

    @property
    def n(self) -> int:
        """Deadlines that fell."""
        return self.n_met + self.n_breached

    @property
    def n_excluded(self) -> int:
        """All exclusions together."""
        return sum(self.excluded.values())

    @property
    def compliance(self) -> float | None:
        """Kept deadlines among those that fell; None where none fell."""
        return round(self.n_met / self.n, 6) if self.n else None


@dataclass(frozen=True, slots=True)
class BacklogRow:
    """How old the open complaints are."""

    metric: Metric
    clock: Clock
    group: str | None
    #: in the percentiles
    n: int
    n_open: int
    #: past a deadline that was not kept
    n_breached: int
    excluded: Mapping[Reason, int]
    p50_us: int | None
    p90_us: int | None
    #: working days since receipt → complaints
    buckets: Mapping[str, int]

    @property
    def n_excluded(self) -> int:
        """All exclusions together."""
        return sum(self.excluded.values())


@dataclass(slots=True)
class CountRow:
    """How many there are. registered = routed + triage + no_action + undecided."""

    metric: Metric
    group: str | None
    registered: int = 0
    #: by the first decision
    routed: int = 0
    triage: int = 0
    no_action: int = 0
    #: registered, and the first decision not folded yet
    undecided: int = 0
    n_open: int = 0
    #: with a first response, whatever came later
    answered: int = 0
    #: settled and not reopened
    resolved: int = 0
    #: by the state now
    closed: int = 0
    rejected: int = 0
    merged: int = 0
    withdrawn: int = 0
    #: statements; None where complaints are filtered or not grouped by agency
    published: int | None = None

    @property
    def n(self) -> int:
        """Complaints."""
        return self.registered


Row = DurationRow | PromiseRow | BacklogRow | CountRow


@dataclass(frozen=True, slots=True)
class CalendarUse:
    """A calendar version that complaints of the report were counted in."""

    id: str
    version: str
    #: complaints
    n: int


@dataclass(frozen=True, slots=True)
class Figures:
    """A report's rows with the calendar versions they rest on."""

    rows: tuple[Row, ...]
    calendars: tuple[CalendarUse, ...] = field(default=())
