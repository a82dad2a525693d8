"""What a backtest asks for, and how it is shown."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, Discriminator, Tag

from lintas.web import Moment, Strict
from router.domain import Backtest, Flip, Problem, Result, State
from router.schemas.rulesets import RulesetDocument, Version

Candidate = Annotated[
    Annotated[Version, Tag("<version>")] | Annotated[RulesetDocument, Tag("<document>")],
    Discriminator(
        lambda given: "<version>" if isinstance(given, str) else "<document>",
        custom_error_type="no_candidate",
        custom_error_message="the name of a stored version, or a rule set document",
    ),
]


class BacktestIn(Strict):
    """Which rules are to be held against which complaints, and against what."""

    candidate: Candidate
    #: the version in force, decided again, or the decisions as they were made
    against: Literal["in_force", "recorded"] = "in_force"
    #: complaints received from then on; all, unless said
    since: Moment | None = None
    #: complaints received before; now, unless said
    until: Moment | None = None


class LabelScoreOut(BaseModel):
    """How well one agency is found; shares from 0 to 1."""

    label: str
    rows: int
    precision: float
    recall: float
    f1: float


class ConfusionOut(BaseModel):
    """One agency taken for another."""

    label: str
    #: None: nobody
    predicted: str | None
    rows: int


class MeasuredOut(BaseModel):
    """Held against the agency that led in the end; nobody counts as wrong."""

    rows: int
    accuracy: float
    macro_f1: float
    coverage: float
    answered_accuracy: float
    labels: list[LabelScoreOut]
    confusions: list[ConfusionOut]


class BouncesOut(BaseModel):
    """Hand-overs, and what the candidate would change if each wrong lead costs as many as today."""

    observed: int
    misrouted_before: int
    misrouted_after: int
    per_misrouted: float
    expected_change: float


class LoadOut(BaseModel):
    """How many complaints an agency leads; None is nobody."""

    agency: str | None
    before: int
    after: int


class MarkOut(BaseModel):
    """Code points `[start, end)` of the text, and the rule's term that they match."""

    start: int
    end: int
    term: str


class FlipOut(BaseModel):
    """A complaint whose lead would be another."""

    complaint_id: str
    before: str | None
    after: str | None
    final: str | None
    rule: str
    #: redacted; None once it is erased
    text: str | None
    #: none where the text was edited since
    marks: list[MarkOut]

    @classmethod
    def of(cls, flip: Flip, words: str | None) -> Self:
        """How `flip` is shown, with the text as it is now."""
        fits = words is not None and len(words) == flip.length
        return cls(
            complaint_id=flip.key,
            before=flip.before,
            after=flip.after,
            final=flip.final,
            rule=flip.rule,
            text=words,
            marks=[MarkOut(**asdict(mark)) for mark in flip.marks] if fits else [],
        )


class ResultOut(BaseModel):
    """What was found, as far as it is done."""

    rows: int
    settled: int
    flipped: int
    mended: int
    broken: int
    before: MeasuredOut
    after: MeasuredOut
    bounces: BouncesOut
    loads: list[LoadOut]
    flips: list[FlipOut]

    @classmethod
    def of(cls, result: Result, texts: dict[str, str]) -> Self:
        """How `result` is shown; `texts` are those there are still."""
        shown: dict[str, Any] = asdict(result)
        flips = [FlipOut.of(flip, texts.get(flip.key)) for flip in result.flips]
        return cls.model_validate({**shown, "flips": flips})


class BacktestListed(BaseModel):
    """A backtest and how far it is."""

    id: UUID
    state: State
    candidate: str
    against: str
    since: datetime | None
    until: datetime
    requested_at: datetime
    requested_by: str
    started_at: datetime | None
    finished_at: datetime | None
    total: int | None
    done: int
    problem: Problem | None

    @classmethod
    def listed(cls, backtest: Backtest, **more: Any) -> Self:
        """How `backtest` is shown in a list."""
        return cls(
            id=backtest.id,
            state=backtest.state,
            candidate=backtest.candidate_version,
            against=backtest.against_version,
            since=backtest.since,
            until=backtest.until,
            requested_at=backtest.requested_at,
            requested_by=backtest.requested_by,
            started_at=backtest.started_at,
            finished_at=backtest.finished_at,
            total=backtest.total,
            done=backtest.done,
            problem=backtest.problem,
            **more,
        )


class BacktestPage(BaseModel):
    """Backtests, the latest first."""

    items: list[BacktestListed]


class BacktestOut(BacktestListed):
    """The same with what was found."""

    result: ResultOut | None

    @classmethod
    def of(
        cls, backtest: Backtest, result: Result | None = None, texts: dict[str, str] | None = None
    ) -> Self:
        """How `backtest` is shown."""
        shown = None if result is None else ResultOut.of(result, texts or {})
        return cls.listed(backtest, result=shown)
