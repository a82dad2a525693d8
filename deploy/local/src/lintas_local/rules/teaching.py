"""A model from a labelled file, with a card that says what it is worth."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from lintas_local.rules.evaluating import Prediction, Scores, score
from lintas_local.rules.folds import folds
from lintas_local.rules.labelled import Labelled
from lintas_local.rules.training import Model, train

#: told the share that is done, how many rows
Progress = Callable[[float, int], None]


def taught(labelled: Labelled, *, number: int, seed: int, progress: Progress) -> Model:
    """A model of all rows; its card tells how models of the other folds answered for each fold."""
    texts, labels = labelled.texts, labelled.labels
    predictions: list[Prediction] = [(None, 0.0)] * len(texts)
    for step, (learnt, asked) in enumerate(folds(texts, number), start=1):
        model = train([texts[n] for n in learnt], [labels[n] for n in learnt], seed=seed)
        answers = model.predict([texts[n] for n in asked])
        for n, answer in zip(asked, answers, strict=True):
            predictions[n] = answer
        progress(step / (number + 1), len(texts) * step // (number + 1))
    card = {"measured": _measured(score(labels, predictions), number), "dates": _dates(labelled)}
    model = train(texts, labels, seed=seed, card=card)
    progress(1.0, len(texts))
    return model


def _measured(scores: Scores, number: int) -> dict[str, Any]:
    told = scores.to_json()
    return {
        "folds": number,
        "near_equal_texts": "in one fold",
        **{name: told[name] for name in ("accuracy", "macro_f1", "coverage", "coverage_at")},
    }


def _dates(labelled: Labelled) -> dict[str, str] | None:
    known: list[datetime] = [one.at for one in labelled.examples if one.at is not None]
    if not known:
        return None
    return {"first": min(known).date().isoformat(), "last": max(known).date().isoformat()}
