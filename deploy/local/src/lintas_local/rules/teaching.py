"""A model from labelled rows, with a card that says what it is worth."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from lintas_local.rules.evaluating import Scores, score
from lintas_local.rules.evaluation import by_folds
from lintas_local.rules.folds import ALIKE
from lintas_local.rules.labelled import Labelled
from lintas_local.rules.related import Related
from lintas_local.rules.training import Model, train

#: told the share that is done, how many rows
Progress = Callable[[float, int], None]


def taught(
    labelled: Labelled, related: Related, *, number: int, seed: int, progress: Progress
) -> Model:
    """A model of all rows; its card tells how models of the other folds answered for each fold."""
    texts, labels = labelled.texts, labelled.labels
    predictions = by_folds(
        labelled,
        lambda share, rows: progress(share * number / (number + 1), rows),
        number=number,
        seed=seed,
        related=related,
    )
    card = {
        "source": dict(labelled.source),
        "measured": _measured(score(labels, predictions), number),
        "dates": _dates(labelled),
    }
    model = train(texts, labels, seed=seed, related=related, card=card)
    progress(1.0, len(texts))
    return model


def _measured(scores: Scores, number: int) -> dict[str, Any]:
    told = scores.to_json()
    return {
        "folds": number,
        "in_one_fold": f"texts that share {ALIKE:.0%} of their words",
        **{name: told[name] for name in ("accuracy", "macro_f1", "coverage", "coverage_at")},
    }


def _dates(labelled: Labelled) -> dict[str, str] | None:
    known: list[datetime] = [one.at for one in labelled.examples if one.at is not None]
    if not known:
        return None
    return {"first": min(known).date().isoformat(), "last": max(known).date().isoformat()}
