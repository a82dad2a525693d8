"""Trains the suggester: a linear model from texts with labels, the same bytes every time."""

import hashlib
import math
from array import array
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.svm import LinearSVC
from threadpoolctl import threadpool_limits

from lintas_local.rules.folds import fold_numbers, groups
from lintas_local.rules.related import Related
from router.app import suggesting

Prediction = tuple[str | None, float]
Numbers = NDArray[np.float64]

#: how many texts must hold a unit, or a part of a word, for it to be learnt
FEWEST_UNITS, FEWEST_PARTS = 2, 3
_PENALTY = 0.3
#: how strong a feature is that tells nothing, and how much each e-fold of chances adds
_PLAIN, _TELLING = 0.25, 0.5
#: how much of a word's weight is what its relations share, before anything is learnt
_KINSHIP = 0.5
_FACTORS = tuple(1.1**power for power in range(-10, 41))
_INNER_FOLDS = 3


class Untrainable(Exception):
    """There is too little to learn from."""


@dataclass(slots=True)
class Model:
    """A trained suggester. Equal rows in any order and an equal seed give equal bytes."""

    suggester: suggesting.Suggester

    def predict(self, texts: Sequence[str]) -> list[Prediction]:
        """For each text the likeliest label and how sure that is; None where no word is known."""
        return [self.suggester.suggest(text) for text in texts]

    @property
    def version(self) -> str:
        """Of its contents."""
        return self.suggester.version

    @property
    def card(self) -> Mapping[str, Any]:
        """What it was trained on."""
        return self.suggester.card

    def to_bytes(self) -> bytes:
        """The model as a file."""
        return self.suggester.to_bytes()

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """The model in a file; ModelUnusable if it is none."""
        return cls(suggesting.Suggester.from_bytes(data))


def train(
    texts: Sequence[str],
    labels: Sequence[str],
    *,
    seed: int = 0,
    related: Related | None = None,
    card: Mapping[str, Any] | None = None,
) -> Model:
    """A model of what label goes with what text; `card` goes into its card.

    What is learnt of a word tells a little of those `related` to it, also of words in no text.

    Raises:
        Untrainable: fewer than two labels, or no word that several texts share.
    """
    rows = sorted(zip(texts, labels, strict=True))
    texts, labels = [text for text, _ in rows], [label for _, label in rows]
    names = tuple(sorted(set(labels)))
    if len(names) < 2:  # noqa: PLR2004  # one label leaves nothing to tell apart
        raise Untrainable("at least two labels are needed")
    reader = suggesting.Reader()
    readings = [reader.read(text) for text in texts]
    truth = np.array([names.index(label) for label in labels])
    # sums in another order end in another last bit
    with threadpool_limits(1):
        learner = _Learner(len(names), seed, _units_of(related or Related(), reader))
        counts = _counts(texts)
        features, weights, bias = learner.learn(readings, truth, counts)
        unseen = _unseen_scores(texts, readings, truth, counts, learner)
        weights, bias = _sure(weights, bias, unseen, truth)
    facts = {
        "rows": len(rows),
        "labels": dict(sorted(Counter(labels).items())),
        "data_sha256": _digest(rows),
        "features": {
            "units": len(features.units),
            "parts": len(features.parts),
            "fewest_texts_of_a_unit": FEWEST_UNITS,
            "fewest_texts_of_a_part": FEWEST_PARTS,
        },
        "related": {"by": related.source if related else None, "words": len(learner.related)},
        "seed": seed,
        "limits": "It knows single words, pairs and parts of words of the texts above, and guesses"
        " by them; it sees no place, no time and no picture.",
        **(card or {}),
    }
    return Model(suggesting.finished(features.suggester(names, weights, bias, facts)))


class _Features:
    """What is learnt about, and how rare it is."""

    def __init__(
        self, readings: Sequence[suggesting.Reading], related: Mapping[str, Sequence[str]]
    ) -> None:
        units: Counter[str] = Counter()
        pieces: Counter[str] = Counter()
        of: dict[str, set[str]] = {}
        for reading in readings:
            units.update(reading.units.keys())
            inside: set[str] = set()
            for word in reading.words:
                if word not in of:
                    of[word] = set(suggesting.parts(word))
                inside |= of[word]
            pieces.update(inside)
        shared = {unit for unit, times in units.items() if times >= FEWEST_UNITS}
        if not shared:
            raise Untrainable("no word is shared by several texts")
        self.units = sorted(shared | related.keys())
        self.parts = sorted(part for part, times in pieces.items() if times >= FEWEST_PARTS)
        self.rarity = array(
            "f",
            [_rarity(len(readings), units[name]) for name in self.units]
            + [_rarity(len(readings), pieces[name]) for name in self.parts],
        )
        self._unit_columns = {name: number for number, name in enumerate(self.units)}
        offset = len(self.units)
        self._part_columns = {name: offset + number for number, name in enumerate(self.parts)}
        self._inside: dict[str, dict[int, float]] = {}
        self.kinship = self._kinship(related)

    def _kinship(self, related: Mapping[str, Sequence[str]]) -> sparse.csr_matrix:
        """Which feature stands for which relations."""
        names = sorted({name for own in related.values() for name in own})
        number = {name: place for place, name in enumerate(names)}
        pairs = [
            (self._unit_columns[unit], number[name])
            for unit, own in sorted(related.items())
            for name in own
        ]
        rows, columns = np.array(pairs, dtype=np.int32).reshape(-1, 2).T
        return sparse.csr_matrix(
            (np.full(len(pairs), _KINSHIP), (rows, columns)), shape=(len(self.rarity), len(names))
        )

    def matrix(self, readings: Sequence[suggesting.Reading]) -> sparse.csr_matrix:
        """One row per reading, as the suggester weighs it."""
        starts, columns, values = [0], array("i"), array("d")
        for reading in readings:
            whole: dict[int, float] = {}
            for unit, times in reading.units.items():
                column = self._unit_columns.get(unit)
                if column is not None:
                    whole[column] = times * self.rarity[column]
            inner: dict[int, float] = {}
            square = 0.0
            for word, times in reading.words.items():
                for column, value in self._parts(word).items():
                    inner[column] = inner.get(column, 0.0) + times * value
                    square += (times * value) ** 2
            for found, length in (
                (whole, math.sqrt(sum(value * value for value in whole.values()))),
                (inner, math.sqrt(square)),
            ):
                columns.extend(found.keys())
                values.extend(value / length for value in found.values())
            starts.append(len(columns))
        return sparse.csr_matrix(
            (np.array(values), np.array(columns), np.array(starts)),
            shape=(len(readings), len(self.rarity)),
        )

    def _parts(self, word: str) -> dict[int, float]:
        known = self._inside.get(word)
        if known is None:
            known = {}
            for part in suggesting.parts(word):
                column = self._part_columns.get(part)
                if column is not None:
                    known[column] = known.get(column, 0.0) + self.rarity[column]
            self._inside[word] = known
        return known

    def suggester(
        self, names: tuple[str, ...], weights: Numbers, bias: Numbers, card: Mapping[str, Any]
    ) -> suggesting.Suggester:
        """What was learnt, for the service; `weights` has one row per label."""
        rarity = np.array(self.rarity, dtype=np.float64)
        by_feature = (weights * rarity).T.astype(np.float32)
        cut = len(self.units)

        def table(names: list[str], part: slice) -> suggesting.Table:
            return suggesting.Table(
                names, self.rarity[part], array("f", by_feature[part].ravel().tobytes())
            )

        return suggesting.Suggester(
            labels=names,
            units=table(self.units, slice(0, cut)),
            parts=table(self.parts, slice(cut, None)),
            bias=tuple(float(number) for number in bias),
            card=card,
        )


@dataclass(frozen=True, slots=True)
class _Learner:
    """Learns from some of the rows what is asked of the others."""

    labels: int
    seed: int
    #: unit → what it has in common with others
    related: Mapping[str, Sequence[str]]

    def learn(
        self,
        readings: Sequence[suggesting.Reading],
        truth: NDArray[np.int64],
        counts: Numbers,
    ) -> tuple[_Features, Numbers, Numbers]:
        """What there is to see, one row of weights per label, and the biases.

        What is learnt of a relation is added to each of its words, so it costs nothing later.
        """
        features = _Features(readings, self.related)
        matrix = features.matrix(readings)
        wide = sparse.hstack([matrix, matrix @ features.kinship]).tocsr()
        weights, bias = _separate(wide, truth, counts, self.labels, self.seed)
        own, common = weights[:, : matrix.shape[1]], weights[:, matrix.shape[1] :]
        return features, own + (features.kinship @ common.T).T, bias


def _units_of(related: Related, reader: suggesting.Reader) -> dict[str, list[str]]:
    """How the model sees related terms, of one word or two; longer ones it does not see whole."""
    units: dict[str, list[str]] = {}
    for name, terms in sorted(related.terms.items()):
        for unit in sorted({unit for term in terms if (unit := reader.term(term))}):
            units.setdefault(unit, []).append(name)
    return units


def _separate(
    matrix: sparse.csr_matrix,
    truth: NDArray[np.int64],
    counts: Numbers,
    labels: int,
    seed: int,
) -> tuple[Numbers, Numbers]:
    """One row of weights and one bias per label: each against all others.

    A feature is as strong as it tells the label. That too is folded into its weight.
    """
    present = matrix.copy()
    present.data = np.ones_like(present.data)
    # a label that stood on the other side only is never the answer
    weights, bias = np.zeros((labels, matrix.shape[1])), np.full(labels, -1.0)
    for label in np.unique(truth):
        own = truth == label
        strength = _PLAIN + _TELLING * np.abs(
            _chance(present[own], counts[own]) - _chance(present[~own], counts[~own])
        )
        learnt = LinearSVC(C=_PENALTY, random_state=seed)
        learnt.fit(matrix @ sparse.diags(strength), own, sample_weight=counts)
        weights[label], bias[label] = learnt.coef_[0] * strength, learnt.intercept_[0]
    return weights, bias


def _chance(present: sparse.csr_matrix, counts: Numbers) -> Numbers:
    """How likely each feature is in such rows, as a logarithm; never quite sure."""
    chance: Numbers = np.log((present.T @ counts + 1.0) / (counts.sum() + 2.0))
    return chance


def _counts(texts: Sequence[str]) -> Numbers:
    """What each text counts: one that is told n times counts as the root of n, not as n."""
    group = groups(texts)
    times = Counter(group)
    return np.array([times[one] ** -0.5 for one in group])


def _unseen_scores(
    texts: Sequence[str],
    readings: Sequence[suggesting.Reading],
    truth: NDArray[np.int64],
    counts: Numbers,
    learner: _Learner,
) -> Numbers:
    """The scores of each row by a model that has not seen it, nor one like it."""
    fold = fold_numbers(texts, _INNER_FOLDS)
    scores = np.full((len(texts), learner.labels), -1.0)
    for number in range(_INNER_FOLDS):
        learnt = [place for place, one in enumerate(fold) if one != number]
        asked = [place for place, one in enumerate(fold) if one == number]
        if not asked or len(set(truth[learnt])) < 2:  # noqa: PLR2004  # too few rows
            continue
        features, weights, bias = learner.learn(
            [readings[n] for n in learnt], truth[learnt], counts[learnt]
        )
        scores[asked] = features.matrix([readings[n] for n in asked]) @ weights.T + bias
    return scores


def _sure(
    weights: Numbers, bias: Numbers, unseen: Numbers, truth: NDArray[np.int64]
) -> tuple[Numbers, Numbers]:
    """The same answers, with scores that are logarithms of chances as far as unseen rows tell.

    One factor for all labels, because more freedom made answers worse.
    """
    factor = min(_FACTORS, key=lambda one: _surprise(unseen * one, truth))
    return weights * factor, bias * factor


def _surprise(scores: Numbers, truth: NDArray[np.int64]) -> float:
    """How unlikely the truth seems, on average."""
    best = scores.max(axis=1, keepdims=True)
    totals = np.log(np.exp(scores - best).sum(axis=1)) + best[:, 0]
    return float(np.mean(totals - scores[np.arange(len(truth)), truth]))


def _rarity(texts: int, times: int) -> float:
    return math.log((1 + texts) / (1 + times)) + 1.0


def _digest(rows: Sequence[tuple[str, str]]) -> str:
    digest = hashlib.sha256()
    for text, label in rows:
        for one in (text, label):
            encoded = one.encode()
            digest.update(len(encoded).to_bytes(4, "big") + encoded)
    return digest.hexdigest()
