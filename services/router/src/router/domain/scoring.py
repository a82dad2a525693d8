"""How good are answers, where somebody said what is right? From counts alone, so of any number."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

#: what should be answered and what was; None: no answer
Cell = tuple[str, str | None]


@dataclass(frozen=True, slots=True)
class LabelScore:
    """How well one label is found."""

    label: str
    #: that should have it
    rows: int
    precision: float
    recall: float
    f1: float


@dataclass(frozen=True, slots=True)
class Confusion:
    """One label taken for another."""

    label: str
    #: None: no answer
    predicted: str | None
    rows: int


@dataclass(frozen=True, slots=True)
class Measured:
    """All shares are from 0 to 1; no answer counts as wrong."""

    rows: int
    accuracy: float
    #: mean over the labels that the rows should have
    macro_f1: float
    #: share of rows that were answered
    coverage: float
    #: share of right answers among the answers
    answered_accuracy: float
    #: the most frequent first
    labels: tuple[LabelScore, ...]
    #: the most frequent first
    confusions: tuple[Confusion, ...]


def measure(cells: Mapping[Cell, int]) -> Measured:
    """What answers are worth that fell into `cells`; all zero where there are none."""
    should: Counter[str] = Counter()
    answered: Counter[str] = Counter()
    right: Counter[str] = Counter()
    for (label, answer), rows in cells.items():
        should[label] += rows
        if answer is not None:
            answered[answer] += rows
        if answer == label:
            right[label] += rows
    names = sorted(should, key=lambda name: (-should[name], name))
    labels = tuple(_label(name, should[name], answered[name], right[name]) for name in names)
    rows, answers, hits = should.total(), answered.total(), right.total()
    wrong = [(cell, number) for cell, number in cells.items() if cell[0] != cell[1] and number]
    wrong.sort(key=lambda one: (-one[1], one[0][0], one[0][1] or ""))
    return Measured(
        rows=rows,
        accuracy=_share(hits, rows),
        macro_f1=_share(sum(one.f1 for one in labels), len(labels)),
        coverage=_share(answers, rows),
        answered_accuracy=_share(hits, answers),
        labels=labels,
        confusions=tuple(Confusion(*cell, number) for cell, number in wrong),
    )


def _label(name: str, should: int, answered: int, right: int) -> LabelScore:
    return LabelScore(
        name,
        should,
        _share(right, answered),
        _share(right, should),
        _share(2 * right, should + answered),
    )


def _share(part: float, whole: int) -> float:
    return part / whole if whole else 0.0
