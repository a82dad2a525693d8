"""Candidate rules held against the corpus of a running router, or against a labelled file."""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from lintas_local.applying import pack_folder
from lintas_local.client import Service
from lintas_local.pack import load_pack, ruleset
from lintas_local.rules.labelled import Labelled, same
from lintas_local.rules.models import usable
from lintas_local.stack import StackProblem
from router.app import backtest, backtest_problem

#: told now and then: the share that is done, how many rows
Progress = Callable[[float, int], None]
_LOOK_S = 0.5
_TOLD_EVERY = 50


@dataclass(frozen=True, slots=True)
class Span:
    """When complaints were received, and what the candidate is held against."""

    since: datetime | None
    until: datetime | None
    #: `in_force` or `recorded`
    against: str


def rules_of(name: str) -> dict[str, Any]:
    """The rule set document of a pack, by its name or folder, or of a JSON file."""
    path = Path(name)
    if not path.is_file():
        return ruleset(load_pack(pack_folder(name)))
    try:
        document = json.loads(path.read_bytes())
    except ValueError:
        raise StackProblem(f"{path} is no JSON", "Expected is a rule set document") from None
    if not isinstance(document, dict) or not isinstance(document.get("version"), str):
        raise StackProblem(f"{path} is no rule set", "Expected is a document with a version")
    return document


def on_corpus(
    router: Service, candidate: str, span: Span, progress: Progress
) -> tuple[dict[str, Any], str]:
    """What the router found, and where; whoever interrupts it cancels it.

    `candidate` names a pack, a file, or a version that the router holds.
    """
    path = Path(candidate)
    local = path.exists() or _is_pack(candidate)
    body = {
        "candidate": rules_of(candidate) if local else candidate,
        "against": span.against,
        **{
            name: moment.isoformat()
            for name, moment in (("since", span.since), ("until", span.until))
            if moment
        },
    }
    asked = router.post("/v1/backtests", body, idempotency_key=str(uuid4()))
    address = f"/v1/backtests/{asked['id']}"
    try:
        while (found := router.get(address))["finished_at"] is None:
            progress(found["done"] / (found["total"] or 1), found["done"])
            time.sleep(_LOOK_S)
    except KeyboardInterrupt:
        router.post(f"{address}/cancel", {})
        raise
    if found["state"] != "done":
        why = backtest_problem(found["problem"], "en") if found["problem"] else ""
        raise StackProblem(f"the backtest is {found['state']}", why)
    return found, address


def on_file(
    labelled: Labelled,
    candidate: str,
    against: str | None,
    progress: Progress,
    models: Sequence[bytes] = (),
) -> dict[str, Any]:
    """The same of a file, without a service: each row by the rules of its day."""
    rules = rules_of(candidate)
    other = rules_of(against) if against else None
    codes = {same(code): code for code in rules["agencies"]}
    codes |= {same(code): code for code in other["agencies"]} if other else {}
    now = datetime.now(UTC)
    rows = {
        str(one.line): {
            "text": one.text,
            "final": codes.get(same(one.label), one.label),
            "received_at": one.at or now,
        }
        for one in labelled.examples
    }

    def told(done: int) -> None:
        if done % _TOLD_EVERY == 0 or done == len(rows):
            progress(done / len(rows), done)

    with usable():
        result = backtest(rules, other, rows, told, models)
    moment = now.isoformat()
    return {
        "id": str(UUID(int=0)),
        "state": "done",
        "candidate": rules["version"],
        "against": other["version"] if other else "none",
        "since": None,
        "until": moment,
        "requested_at": moment,
        "requested_by": "file",
        "started_at": moment,
        "finished_at": datetime.now(UTC).isoformat(),
        "total": len(rows),
        "done": len(rows),
        "problem": None,
        "result": result,
    }


def _is_pack(name: str) -> bool:
    try:
        pack_folder(name)
    except StackProblem:
        return False
    return True


def summary(found: Mapping[str, Any]) -> str:
    """What a backtest found, in one line."""
    result = found["result"]
    before, after, bounces = result["before"], result["after"], result["bounces"]
    return (
        f"{found['done']} rows by {found['candidate']} against {found['against']}:"
        f" accuracy {before['accuracy']:.4f} → {after['accuracy']:.4f},"
        f" macro-F1 {before['macro_f1']:.4f} → {after['macro_f1']:.4f}"
        f" ({result['settled']} settled); {result['flipped']} decisions change,"
        f" {result['mended']} become right, {result['broken']} become wrong;"
        f" expected change in bounces {bounces['expected_change']:+.1f}"
    )
