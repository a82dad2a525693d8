"""A backtest: a candidate's decisions held against what became of complaints. Pure.

What is counted hangs on how many agencies there are, never on how many complaints.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from heapq import nsmallest
from typing import Any, Self
from uuid import UUID
from zlib import crc32

from router.domain.compiling import Compiled
from router.domain.corpus import Case
from router.domain.deciding import decide
from router.domain.decisions import Decision
from router.domain.scoring import Measured, measure

#: so many flips are kept of any number
MOST_FLIPS = 200
_MOST_SPANS = 20


class State(StrEnum):
    """How far a backtest is."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen to it."""
        return self not in {State.QUEUED, State.RUNNING}


class Problem(StrEnum):
    """Why a backtest failed."""

    RULES_UNUSABLE = "rules_unusable"
    MODEL_MISSING = "model_missing"
    MODEL_UNUSABLE = "model_unusable"
    #: perhaps for want of memory
    PROCESS_ENDED = "process_ended"


@dataclass(frozen=True, slots=True)
class Mark:
    """Why the candidate decides so: code points `[start, end)` of the text, and the rule's term."""

    start: int
    end: int
    term: str


@dataclass(frozen=True, slots=True)
class Flip:
    """A complaint whose lead would be another. It holds no words of a reporter."""

    #: of the complaint; of a file, its line
    key: str
    before: str | None
    after: str | None
    #: who led when it was settled
    final: str | None
    #: the rule that makes the candidate decide so; empty if there is none
    rule: str
    marks: tuple[Mark, ...]
    #: code points of the text that the marks belong to: after an edit they fit no more
    length: int


@dataclass(frozen=True, slots=True)
class Load:
    """How many complaints an agency leads."""

    #: None: nobody, so triage or no action
    agency: str | None
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Bounces:
    """Hand-overs between agencies, and what the candidate would change, by the present rate."""

    #: that happened, in the complaints that were settled
    observed: int
    #: settled complaints whose first lead is not the one that settled them
    misrouted_before: int
    misrouted_after: int
    #: hand-overs per complaint that was misrouted when it came; 1 where none was
    per_misrouted: float
    #: hand-overs that the candidate would add; below zero: save
    expected_change: float


@dataclass(frozen=True, slots=True)
class Result:
    """What a backtest finds."""

    #: complaints that were decided again
    rows: int
    #: of them, settled by an agency
    settled: int
    before: Measured
    after: Measured
    #: decisions with another lead than before
    flipped: int
    #: of the settled: flips from a wrong lead to the right one, and the other way round
    mended: int
    broken: int
    bounces: Bounces
    #: the largest change first
    loads: tuple[Load, ...]
    #: a fair sample
    flips: tuple[Flip, ...]


@dataclass(slots=True)
class Tally:
    """What is counted on the way. Tallies of parts add up to the tally of the whole."""

    rows: int = 0
    before: Counter[tuple[str, str | None]] = field(default_factory=Counter)
    after: Counter[tuple[str, str | None]] = field(default_factory=Counter)
    #: lead before and after, of all complaints
    moves: Counter[tuple[str | None, str | None]] = field(default_factory=Counter)
    mended: int = 0
    broken: int = 0
    #: hand-overs in settled complaints
    bounces: int = 0
    #: settled complaints whose lead was wrong when they came, and their hand-overs
    misrouted: int = 0
    misrouted_bounces: int = 0
    flips: list[Flip] = field(default_factory=list)

    def add(self, case: Case, key: str, before: str | None, after: Decision) -> None:
        """Count one complaint: who led by the decision `before`, and what is decided `after`."""
        lead = after.lead
        self.rows += 1
        self.moves[before, lead] += 1
        if case.final is not None:
            self.before[case.final, before] += 1
            self.after[case.final, lead] += 1
            self.mended += before != case.final == lead
            self.broken += before == case.final != lead
            self.bounces += case.bounces
            if case.decided_lead is not None and case.decided_lead != case.final:
                self.misrouted += 1
                self.misrouted_bounces += case.bounces
        if before != lead:
            self._sample([_flip(case, key, before, after)])

    def merge(self, other: Self) -> None:
        """Add what was counted elsewhere."""
        self.rows += other.rows
        self.before.update(other.before)
        self.after.update(other.after)
        self.moves.update(other.moves)
        self.mended += other.mended
        self.broken += other.broken
        self.bounces += other.bounces
        self.misrouted += other.misrouted
        self.misrouted_bounces += other.misrouted_bounces
        self._sample(other.flips)

    def _sample(self, flips: Iterable[Flip]) -> None:
        self.flips.extend(flips)
        if len(self.flips) > 2 * MOST_FLIPS:
            self.flips = _smallest(self.flips)

    def result(self) -> Result:
        """What all that was counted comes to."""
        loads: dict[str | None, list[int]] = {}
        for (before, after), rows in self.moves.items():
            loads.setdefault(before, [0, 0])[0] += rows
            loads.setdefault(after, [0, 0])[1] += rows
        measured_before, measured_after = measure(self.before), measure(self.after)
        return Result(
            rows=self.rows,
            settled=self.before.total(),
            before=measured_before,
            after=measured_after,
            flipped=sum(rows for (before, after), rows in self.moves.items() if before != after),
            mended=self.mended,
            broken=self.broken,
            bounces=self._bounces(),
            loads=tuple(
                sorted(
                    (Load(agency, *pair) for agency, pair in loads.items()),
                    key=lambda one: (-abs(one.after - one.before), one.agency or ""),
                )
            ),
            flips=tuple(_smallest(self.flips)),
        )

    def _bounces(self) -> Bounces:
        before, after = _misrouted(self.before), _misrouted(self.after)
        rate = self.misrouted_bounces / self.misrouted if self.misrouted else 1.0
        return Bounces(
            observed=self.bounces,
            misrouted_before=before,
            misrouted_after=after,
            per_misrouted=rate,
            expected_change=(after - before) * rate,
        )

    def to_json(self) -> dict[str, Any]:
        """As a document, from which `of_json` makes the same again."""
        return {
            "rows": self.rows,
            "before": _cells(self.before),
            "after": _cells(self.after),
            "moves": _cells(self.moves),
            "mended": self.mended,
            "broken": self.broken,
            "bounces": self.bounces,
            "misrouted": self.misrouted,
            "misrouted_bounces": self.misrouted_bounces,
            "flips": [asdict(flip) for flip in _smallest(self.flips)],
        }

    @classmethod
    def of_json(cls, document: Mapping[str, Any]) -> Self:
        """What `to_json` wrote."""
        counted = {name: _counter(document[name]) for name in ("before", "after", "moves")}
        flips = [_flip_of(flip) for flip in document["flips"]]
        return cls(**{**document, **counted, "flips": flips})


@dataclass(frozen=True, slots=True)
class Trial:
    """Who is held against whom."""

    candidate: Compiled
    #: None: the decisions as they were made
    against: Compiled | None

    def hold(self, tally: Tally, case: Case, key: str | None = None) -> None:
        """Decide one complaint by both, and count."""
        if self.against is None:
            before: str | None = case.decided_lead
        else:
            before = decide(case.mention, self.against).lead
        after = decide(case.mention, self.candidate)
        tally.add(case, key or str(case.complaint_id), before, after)


@dataclass(frozen=True, slots=True)
class Backtest:
    """One backtest and how far it is."""

    id: UUID
    state: State
    requested_at: datetime
    requested_by: str
    candidate_version: str
    #: `recorded`: the decisions as they were made
    against_version: str
    since: datetime | None
    until: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None
    #: None until it began
    total: int | None = None
    done: int = 0
    #: the last complaint that is counted
    reached: tuple[datetime, UUID] | None = None
    tally: Mapping[str, Any] | None = None
    problem: Problem | None = None


def _flip(case: Case, key: str, before: str | None, after: Decision) -> Flip:
    best = next((one for one in after.explanation.decided_by if one.agency), None)
    spans = best.spans[:_MOST_SPANS] if best else ()
    return Flip(
        key=key,
        before=before,
        after=after.lead,
        final=case.final,
        rule=best.rule if best else "",
        marks=tuple(Mark(span.start, span.end, span.term) for span in spans),
        length=len(case.mention.text),
    )


def _flip_of(document: Mapping[str, Any]) -> Flip:
    return Flip(**{**document, "marks": tuple(Mark(**mark) for mark in document["marks"])})


def _smallest(flips: list[Flip]) -> list[Flip]:
    """The same fair sample, in whatever order they came."""
    return nsmallest(MOST_FLIPS, flips, key=lambda flip: (crc32(flip.key.encode()), flip.key))


def _misrouted(cells: Counter[tuple[str, str | None]]) -> int:
    return sum(rows for (final, lead), rows in cells.items() if lead not in {None, final})


def _cells(counter: Counter[Any]) -> list[list[Any]]:
    ordered = sorted(counter.items(), key=lambda one: tuple(name or "" for name in one[0]))
    return [[*cell, rows] for cell, rows in ordered]


def _counter(cells: Iterable[Iterable[Any]]) -> Counter[Any]:
    return Counter({(one, other): rows for one, other, rows in cells})
