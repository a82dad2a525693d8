"""What the operator's tool uses without a running service."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import UUID

from lintas.contracts.events.envelope import canonical_json
from lintas.vocabulary.errors import Invalid
from lintas.web import parse_json
from router import pages
from router.domain import (
    Case,
    Compiled,
    Mention,
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
from router.usecases.replaying import replay


def offline(document: Mapping[str, Any]) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
    """The decisions of one rule set document, without a running service.

    What is returned takes what `POST /v1/explain` takes and gives what that answers. Invalid if
    the document is no rule set.
    """
    compiled = _compiled(document)

    def explain(body: Mapping[str, Any]) -> dict[str, Any]:
        said = parse_json(canonical_json(dict(body)), ExplainIn)
        decision = decide(said.mention(datetime.now(UTC)), compiled)
        return Explained.of(decision).model_dump(mode="json")

    return explain


def replaying(
    document: Mapping[str, Any] | None,
) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
    """Makes decisions once more by a rule set document (None: by no rules at all).

    What is returned takes the body of a routed event and says whether the decision in it is the
    same, byte for byte, or where it differs; Invalid if there is none.
    """
    return partial(replay, _compiled(document))


def _compiled(document: Mapping[str, Any] | None) -> Compiled:
    try:
        return compile_ruleset(RuleSet.empty()) if document is None else compile_document(document)
    except RuleSetUnusable as unusable:
        raise Invalid("The rule set cannot be compiled.") from unusable


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
    compiled = compile_document(document)
    mentions = [Mention(text, received_at=datetime.now(UTC)) for text in texts]

    def run() -> int:
        return len([decide(mention, compiled) for mention in mentions])

    return run


def backtest(
    candidate: Mapping[str, Any],
    against: Mapping[str, Any] | None,
    rows: Mapping[str, Mapping[str, Any]],
    progress: Callable[[int], None] = lambda _done: None,
) -> dict[str, Any]:
    """What `GET /v1/backtests/{id}` answers as `result`, for rows that somebody labelled.

    Each row has `text`, `final` (the agency that is right) and `received_at`. Against nothing,
    nobody led before.
    """
    trial = Trial(compile_document(candidate), compile_document(against) if against else None)
    tally = Tally()
    for done, (key, row) in enumerate(rows.items(), start=1):
        mention = Mention(row["text"], received_at=row["received_at"])
        trial.hold(tally, Case(UUID(int=0), mention, final=row["final"]), key)
        progress(done)
    texts = {flip.key: rows[flip.key]["text"] for flip in tally.result().flips}
    return ResultOut.of(tally.result(), texts).model_dump(mode="json")


def backtest_page(shown: Mapping[str, Any], language: str) -> str:
    """The page of what `GET /v1/backtests/{id}` answers."""
    return pages.render(BacktestOut.model_validate(shown), language)
