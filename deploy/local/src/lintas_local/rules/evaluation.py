"""Rules or a model held against a labelled file, from beginning to end."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lintas_local.pack import Pack
from lintas_local.rules.deciding import Aspect, PackRules, Verdict
from lintas_local.rules.evaluating import Prediction, Scores, score
from lintas_local.rules.folds import ALIKE, folds
from lintas_local.rules.labelled import Example, Labelled, same
from lintas_local.rules.related import Related
from lintas_local.rules.training import train

#: told after each text: the share that is done, how many
Progress = Callable[[float, int], None]


@dataclass(frozen=True, slots=True)
class Wrong:
    """One row that was answered wrongly, or not at all."""

    line: int
    label: str
    predicted: str | None
    sure: float
    rule: str
    terms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What came of it."""

    #: who answered: a pack's rules with their version, or a model
    by: str
    examples: Sequence[Example]
    verdicts: Sequence[Verdict]
    scores: Scores

    def wrong(self, most: int) -> list[Wrong]:
        """Wrong answers, the surest first, then rows without an answer."""
        found = [
            Wrong(one.line, one.label, *verdict.prediction, verdict.rule, verdict.terms)
            for one, verdict in zip(self.examples, self.verdicts, strict=True)
            if same(verdict.prediction[0] or "") != same(one.label)
        ]
        return sorted(found, key=lambda one: (one.predicted is None, -one.sure, one.line))[:most]


def by_pack(
    labelled: Labelled,
    pack: Pack,
    aspect: Aspect,
    progress: Progress,
    models: Sequence[bytes] = (),
) -> Evaluation:
    """Held against a pack's rules, each row by those of its day."""
    rules = PackRules(pack, aspect, models)
    verdicts: list[Verdict] = []
    for number, one in enumerate(labelled.examples, start=1):
        verdicts.append(rules.verdict(one.text, one.at))
        progress(number / len(labelled.examples), number)
    return _evaluation(f"rules {pack.city.code} {rules.version}", labelled, verdicts)


def by_model(
    labelled: Labelled,
    teacher: Labelled | None,
    progress: Progress,
    *,
    related: Related | None = None,
    number: int = 5,
    alike: float = ALIKE,
) -> Evaluation:
    """Held against a model of `teacher`; without one, of the file's own other folds.

    Texts that are so much `alike` are in one fold, so that no model has seen what it is asked.

    Raises:
        Untrainable: there is too little to learn from.
    """
    if teacher is not None:
        model = train(teacher.texts, teacher.labels, related=related)
        progress(0.5, len(teacher.examples))
        predictions = model.predict(labelled.texts)
        progress(1.0, len(labelled.examples))
    else:
        predictions = by_folds(labelled, progress, number=number, alike=alike, related=related)
    verdicts = [Verdict(prediction) for prediction in predictions]
    by = "model" if teacher is not None else f"model, {number} folds"
    return _evaluation(by, labelled, verdicts)


def by_folds(
    labelled: Labelled,
    progress: Progress,
    *,
    number: int,
    alike: float = ALIKE,
    seed: int = 0,
    related: Related | None = None,
) -> list[Prediction]:
    """What models of the other folds say about each row."""
    texts, labels = labelled.texts, labelled.labels
    predictions: list[Prediction] = [(None, 0.0)] * len(texts)
    for step, (learnt, asked) in enumerate(folds(texts, number, alike), start=1):
        model = train(
            [texts[n] for n in learnt], [labels[n] for n in learnt], seed=seed, related=related
        )
        for n, answer in zip(asked, model.predict([texts[n] for n in asked]), strict=True):
            predictions[n] = answer
        progress(step / number, len(texts) * step // number)
    return predictions


def _evaluation(by: str, labelled: Labelled, verdicts: Sequence[Verdict]) -> Evaluation:
    """Scores in the file's own spelling of labels."""
    spelling = {same(label): label for label in reversed(labelled.labels)}
    labels = [spelling[same(label)] for label in labelled.labels]
    predictions = [
        (None if answer is None else spelling.get(same(answer), answer), sure)
        for answer, sure in (verdict.prediction for verdict in verdicts)
    ]
    return Evaluation(by, labelled.examples, verdicts, score(labels, predictions))
