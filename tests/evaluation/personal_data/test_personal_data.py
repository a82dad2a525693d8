"""The figures of the redactor on the generated sentences; run with `-s` to read what was missed."""

import hashlib
import time
from collections import Counter
from dataclasses import dataclass

import pytest

from lintas.privacy import redact

from .sentences import Sentence, Span, sentences

#: set when the sentences were written, before the detector was tuned on the first half
FROZEN = {
    False: "519c5d35cf31fe42f745bbf80bc0a35e6a0e5371c96c1d6e16a98b2522530d8a",
    True: "7394286d4b0f2b35ebc3c326e26d4012028704b8a60bba4f03c923abe43dd980",
}
OWN = frozenset({"pemkotbogor"})
HALVES = {False: "tuned on", True: "held out"}


def half(*, held_out: bool) -> list[Sentence]:
    return [sentence for sentence in sentences() if sentence.held_out == held_out]


@dataclass
class Figures:
    """What was found of what is there."""

    sentences: list[Sentence]
    missed: Counter[str]
    wrong: Counter[str]
    recall: float
    precision: float
    #: of the places a complaint is routed by, the share that stayed readable
    places_kept: float
    microseconds: float


def judge(chosen: list[Sentence]) -> Figures:
    hits = places = kept = 0
    missed: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    started = time.process_time()
    redactions = [redact(sentence.text, allowed_handles=OWN) for sentence in chosen]
    spent = time.process_time() - started
    for sentence, redaction in zip(chosen, redactions, strict=True):
        found = {Span(*finding) for finding in redaction.found}
        hits += len(found & sentence.personal)
        missed.update(span.kind for span in sentence.personal - found)
        wrong.update(span.kind for span in found - sentence.personal)
        places += len(sentence.places)
        kept += sum(place in redaction.text for place in sentence.places)
    return Figures(
        chosen,
        missed,
        wrong,
        recall=hits / (hits + missed.total()),
        precision=hits / (hits + wrong.total()),
        places_kept=kept / places,
        microseconds=spent / len(chosen) * 1e6,
    )


@pytest.mark.parametrize("held_out", [False, True], ids=HALVES.values())
def test_the_sentences_are_the_ones_that_were_frozen(held_out: bool) -> None:
    written = hashlib.sha256()
    for sentence in half(held_out=held_out):
        written.update(repr((sentence.text, sorted(sentence.personal), sentence.places)).encode())
    assert written.hexdigest() == FROZEN[held_out]


@pytest.mark.parametrize("held_out", [False, True], ids=HALVES.values())
def test_recall_and_precision_on_the_generated_sentences(
    held_out: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    figures = judge(half(held_out=held_out))
    clean = sum(not sentence.personal for sentence in figures.sentences)
    with capsys.disabled():
        print(  # noqa: T201 the figures are what this test is for
            f"\nredactor, {HALVES[held_out]}: {len(figures.sentences)} sentences ({clean} clean), "
            f"recall {figures.recall:.4f}, precision {figures.precision:.4f}, "
            f"places kept {figures.places_kept:.4f}, {figures.microseconds:.0f} µs a text; "
            f"missed {dict(figures.missed)}, wrong {dict(figures.wrong)}"
        )
    assert len(figures.sentences) >= 1_000
    assert figures.recall >= 0.99
    assert figures.precision >= 0.98
    assert figures.places_kept == 1
