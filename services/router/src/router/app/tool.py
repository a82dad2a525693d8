"""What the operator's tool uses without a running service."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import UUID

from lintas.contracts.events.envelope import canonical_json
from lintas.vocabulary.errors import FieldError, Invalid
from lintas.web import parse_json
from router import pages
from router.domain import (
    Case,
    Compiled,
    Mention,
    ModelUnusable,
    RuleSet,
    RuleSetUnusable,
    Tally,
    Trial,
    advise,
    compile_document,
    compile_ruleset,
    decide,
    lint,
    unusable,
)
from router.schemas import BacktestOut, Explained, ExplainIn, ResultOut
from router.usecases.modelling import ModelMissing, compiled
from router.usecases.replaying import replay


def offline(
    document: Mapping[str, Any], models: Sequence[bytes] = ()
) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
    """The decisions of one rule set document, without a running service.

    What is returned takes what `POST /v1/explain` takes and gives what that answers. `models`
    hold what `lintas rules train` wrote, if the document names one. Invalid if the document is no
    rule set, or if it names another model.
    """
    (ready,) = _ready(models, document)

    def explain(body: Mapping[str, Any]) -> dict[str, Any]:
        said = parse_json(canonical_json(dict(body)), ExplainIn)
        decision = decide(said.mention(datetime.now(UTC)), ready)
        return Explained.of(decision).model_dump(mode="json")

    return explain


def replaying(
    document: Mapping[str, Any] | None, models: Sequence[bytes] = ()
) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
    """Makes decisions once more by a rule set document (None: by no rules at all).

    What is returned takes the body of a routed event and says whether the decision in it is the
    same, byte for byte, or where it differs; Invalid if there is none. `models` as in `offline`.
    """
    (ready,) = _ready(models, document)
    return partial(replay, ready)


def _ready(models: Sequence[bytes], *documents: Mapping[str, Any] | None) -> list[Compiled]:
    by_hash = {hashlib.sha256(data).hexdigest(): data for data in models}
    ready = [_compiled(document, by_hash) for document in documents]
    if by_hash.keys() - {one.ruleset.model.sha256 for one in ready if one.ruleset.model}:
        raise Invalid("A model is given that the rules do not name.")
    return ready


def _compiled(document: Mapping[str, Any] | None, models: Mapping[str, bytes]) -> Compiled:
    try:
        return compiled(document, models)
    except ModelMissing as missing:
        expected = "the file whose SHA-256 the rules name, as `lintas rules train` wrote it"
        raise Invalid(
            "The rules name a model that is not given.",
            [FieldError("/model", "model_missing", expected)],
        ) from missing
    except ModelUnusable as error:
        raise Invalid("What the rules name is no model.") from error
    except RuleSetUnusable as error:
        raise Invalid("The rule set cannot be compiled.") from error


def linted(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Faults and advice of a rule set document: `{path, code, expected, rule, advice}` each.

    Raises RuleSetUnusable where the document is no rule set at all.
    """
    ruleset = RuleSet.from_document(document)
    try:
        compile_ruleset(ruleset)
    except RuleSetUnusable as error:
        return [asdict(unusable(ruleset, error))]
    return [asdict(finding) for finding in (*lint(ruleset), *advise(ruleset))]


def deciding(document: Mapping[str, Any], texts: Sequence[str]) -> Callable[[], int]:
    """Decides each of `texts` once per call and says how many that were: for benchmarks."""
    ready = compile_document(document)
    mentions = [Mention(text, received_at=datetime.now(UTC)) for text in texts]

    def run() -> int:
        return len([decide(mention, ready) for mention in mentions])

    return run


def backtest(
    candidate: Mapping[str, Any],
    against: Mapping[str, Any] | None,
    rows: Mapping[str, Mapping[str, Any]],
    progress: Callable[[int], None] = lambda _done: None,
    models: Sequence[bytes] = (),
) -> dict[str, Any]:
    """What `GET /v1/backtests/{id}` answers as `result`, for rows that somebody labelled.

    Each row has `text`, `final` (the agency that is right) and `received_at`. Against nothing,
    nobody led before. `models` as in `offline`.
    """
    ready, *other = _ready(models, candidate, *([against] if against else ()))
    trial = Trial(ready, other[0] if other else None)
    tally = Tally()
    for done, (key, row) in enumerate(rows.items(), start=1):
        mention = Mention(row["text"], received_at=row["received_at"])
        trial.hold(tally, Case(UUID(int=0), mention, final=row["final"]), key)
        progress(done)
    texts = {flip.key: rows[flip.key]["text"] for flip in tally.result().flips}
    return ResultOut.of(tally.result(), texts).model_dump(mode="json")


def backtest_problem(code: str, language: str) -> str:
    """Why a backtest failed, as its page says it."""
    return pages.problem(code, language)


def backtest_page(shown: Mapping[str, Any], language: str) -> str:
    """The page of what `GET /v1/backtests/{id}` answers."""
    return pages.render(BacktestOut.model_validate(shown), language)
