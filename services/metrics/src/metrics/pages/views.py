from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lintas.vocabulary.terms import Clock
from metrics.domain.backlog import BUCKETS
from metrics.domain.questions import Metric, Stage
from metrics.domain.rows import BacklogRow, CountRow, DurationRow, Figures, PromiseRow, Row
from metrics.pages.texts import Words, duration, number, percent
from metrics.usecases.board import Board

_DURATIONS = (
    Metric.TIME_TO_ASSIGN,
    Metric.TIME_TO_ACCEPT,
    Metric.FIRST_RESPONSE,
    Metric.RESOLUTION,
)
_SHOWN_BUCKETS = tuple(name for name in BUCKETS if name != "unknown")
_UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Spread:
    """Median and p90 as text, with what they rest on."""

    n: str
    p50: str | None
    p90: str | None


@dataclass(frozen=True, slots=True)
class Count:
    """One of the totals."""

    word: str
    text: str
    #: it asks somebody to act
    warns: bool = False


@dataclass(frozen=True, slots=True)
class StageLine:
    """How long one stage takes in the whole city."""

    word: str
    wall: Spread
    working: Spread
    n_open: str
    n_late: str | None
    n_excluded: str
    n_flagged: str


@dataclass(frozen=True, slots=True)
class Line:
    """One agency, or the whole city."""

    name: str
    code: str | None
    n: str
    n_open: str
    wall: Spread
    working: Spread
    #: share of kept deadlines; None where none fell
    kept: str | None
    n_due: str
    #: None where none is ahead
    n_ahead: str | None
    n_overdue: str
    is_overdue: bool
    buckets: Sequence[str]


@dataclass(frozen=True, slots=True)
class View:
    """The board in words and texts of one language."""

    is_empty: bool
    counts: Sequence[Count]
    stages: Sequence[StageLine]
    agencies: Sequence[Line]
    city: Line
    #: age groups that have a column
    buckets: Sequence[str]


class _Texts:
    """One grouping's rows by what they are about."""

    def __init__(self, figures: Figures, language: str, t: Words) -> None:
        self._rows: Mapping[object, Row] = {_key(row): row for row in figures.rows}
        self._language = language
        self._t = t

    def groups(self) -> list[str | None]:
        found = {row.group for row in self._rows.values()}
        return sorted(found, key=lambda group: (group is None, group or ""))

    def number(self, value: int) -> str:
        return number(value, self._language)

    def count(self, group: str | None) -> CountRow:
        row = self._rows.get((Metric.COUNTS, None, group))
        return row if isinstance(row, CountRow) else CountRow(Metric.COUNTS, group)

    def backlog(self, group: str | None) -> BacklogRow | None:
        row = self._rows.get((Metric.BACKLOG, Clock.WALL, group))
        return row if isinstance(row, BacklogRow) else None

    def kept(self, group: str | None) -> tuple[str | None, str, str | None]:
        row = self._rows.get((Metric.SLA_COMPLIANCE, Stage.FIRST_RESPONSE, group))
        if not isinstance(row, PromiseRow):
            return None, "0", None
        share = row.compliance
        shown = None if share is None else percent(share, self._language)
        return shown, self.number(row.n), self.number(row.n_ahead) if row.n_ahead else None

    def spread(self, metric: Metric, clock: Clock, group: str | None) -> Spread:
        row = self.durations(metric, clock, group)
        if row is None:
            return Spread("0", None, None)
        return Spread(
            self.number(row.n),
            duration(row.p50_us, clock, self._language, self._t),
            duration(row.p90_us, clock, self._language, self._t),
        )

    def durations(self, metric: Metric, clock: Clock, group: str | None) -> DurationRow | None:
        row = self._rows.get((metric, clock, group))
        return row if isinstance(row, DurationRow) else None


def view_of(board: Board, language: str, t: Words) -> View:
    """What the page shows of `board`."""
    total = _Texts(board.total, language, t)
    agencies = _Texts(board.agencies, language, t)
    whole = total.count(None)
    backlog = total.backlog(None)
    has_unknown = bool(backlog and backlog.buckets[_UNKNOWN])
    buckets = (*_SHOWN_BUCKETS, _UNKNOWN) if has_unknown else _SHOWN_BUCKETS

    def name_of(code: str | None) -> str:
        if code is None:
            return t("no_agency")
        names = board.names.get(code, {})
        return names.get(language) or names.get("id") or code

    lines = [_line(agencies, group, name_of(group), group, buckets) for group in agencies.groups()]
    return View(
        is_empty=whole.registered == 0 and not whole.published,
        counts=_counts(total, whole, backlog),
        stages=[_stage(total, metric) for metric in _DURATIONS],
        agencies=sorted(lines, key=lambda line: (line.code is None, line.name.casefold())),
        city=_line(total, None, t("city"), None, buckets),
        buckets=buckets,
    )


def _counts(texts: _Texts, whole: CountRow, backlog: BacklogRow | None) -> list[Count]:
    overdue = backlog.n_breached if backlog else 0
    found = [
        Count("registered", texts.number(whole.registered)),
        Count("routed", texts.number(whole.routed)),
        Count("triage", texts.number(whole.triage)),
        Count("no_action", texts.number(whole.no_action)),
        Count("answered", texts.number(whole.answered)),
        Count("published", texts.number(whole.published or 0)),
        Count("open", texts.number(whole.n_open)),
        Count("overdue", texts.number(overdue), warns=overdue > 0),
    ]
    if whole.undecided:
        found.insert(4, Count("undecided", texts.number(whole.undecided)))
    return found


def _stage(texts: _Texts, metric: Metric) -> StageLine:
    row = texts.durations(metric, Clock.WALL, None)
    late = row.n_breached if row else None
    return StageLine(
        metric.value,
        texts.spread(metric, Clock.WALL, None),
        texts.spread(metric, Clock.WORKING, None),
        texts.number(row.n_open if row else 0),
        None if late is None else texts.number(late),
        texts.number(row.n_excluded if row else 0),
        texts.number(row.n_flagged if row else 0),
    )


def _line(
    texts: _Texts, group: str | None, name: str, code: str | None, buckets: Sequence[str]
) -> Line:
    count, backlog = texts.count(group), texts.backlog(group)
    kept, due, ahead = texts.kept(group)
    overdue = backlog.n_breached if backlog else 0
    return Line(
        name=name,
        code=code,
        n=texts.number(count.registered),
        n_open=texts.number(count.n_open),
        wall=texts.spread(Metric.FIRST_RESPONSE, Clock.WALL, group),
        working=texts.spread(Metric.FIRST_RESPONSE, Clock.WORKING, group),
        kept=kept,
        n_due=due,
        n_ahead=ahead,
        n_overdue=texts.number(overdue),
        is_overdue=overdue > 0,
        buckets=[texts.number(backlog.buckets[name] if backlog else 0) for name in buckets],
    )


def _key(row: Row) -> tuple[Metric, Stage | Clock | None, str | None]:
    match row:
        case CountRow():
            return row.metric, None, row.group
        case PromiseRow():
            return row.metric, row.stage, row.group
        case _:
            return row.metric, row.clock, row.group
