"""How good are answers, where somebody said what is right?"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from router.app import Confusion, LabelScore, measure

#: label and how sure, from 0 to 1; None: no answer
Prediction = tuple[str | None, float]
Predictor = Callable[[Sequence[str]], Sequence[Prediction]]

#: at which share of right answers coverage is told
WANTED = (0.93, 0.95)


@dataclass(frozen=True, slots=True)
class Scores:
    """All shares are from 0 to 1; no answer counts as wrong."""

    rows: int
    accuracy: float
    #: mean over the labels that the rows should have
    macro_f1: float
    #: share of rows that were answered
    coverage: float
    #: share of rows that were not
    silent: float
    #: share of right answers among the answers
    answered_accuracy: float
    #: the largest share of rows, the surest first, of which so many are right: `{"0.95": 0.5}`
    coverage_at: dict[str, float]
    #: the most frequent first
    labels: tuple[LabelScore, ...]
    #: the most frequent first
    confusions: tuple[Confusion, ...]

    def to_json(self) -> dict[str, Any]:
        """As a document, shares with four digits."""
        document: dict[str, Any] = _rounded(asdict(self))
        return document


def score(
    labels: Sequence[str], predictions: Sequence[Prediction], wanted: Sequence[float] = WANTED
) -> Scores:
    """What `predictions` are worth where `labels` are right; at least one row is needed."""
    cells = Counter((label, answer) for label, (answer, _) in zip(labels, predictions, strict=True))
    measured = measure(cells)
    return Scores(
        rows=measured.rows,
        accuracy=measured.accuracy,
        macro_f1=measured.macro_f1,
        coverage=measured.coverage,
        silent=1 - measured.coverage,
        answered_accuracy=measured.answered_accuracy,
        coverage_at={f"{share:g}": coverage_at(labels, predictions, share) for share in wanted},
        labels=measured.labels,
        confusions=measured.confusions,
    )


def coverage_at(labels: Sequence[str], predictions: Sequence[Prediction], accuracy: float) -> float:
    """The largest share of rows that a threshold of sureness lets through with that `accuracy`."""
    best = 0
    for passed, right in _thresholds(labels, predictions):
        if right >= accuracy * passed:
            best = passed
    return best / len(labels)


def _thresholds(
    labels: Sequence[str], predictions: Sequence[Prediction]
) -> Iterator[tuple[int, int]]:
    """For each threshold, the highest first: how many answers pass it, how many of them are right."""
    answers = sorted(
        (
            (sure, answer == label)
            for label, (answer, sure) in zip(labels, predictions, strict=True)
            if answer is not None
        ),
        reverse=True,
    )
    right = 0
    for number, (sure, is_right) in enumerate(answers, start=1):
        right += is_right
        # equally sure answers pass together
        if number == len(answers) or answers[number][0] < sure:
            yield number, right


def _rounded(value: Any) -> Any:
    match value:
        case float():
            return round(value, 4)
        case dict():
            return {name: _rounded(member) for name, member in value.items()}
        case list() | tuple():
            return [_rounded(member) for member in value]
    return value
