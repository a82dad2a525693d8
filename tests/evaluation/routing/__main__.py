"""`make evaluate`: every measure of routing, `.lintas/accuracy.json`, and docs/evidence/accuracy.md."""

import json
import sys
import time
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from tests.evaluation.origin import commit, machine

from lintas_local.layout import CHECKOUT
from lintas_local.rules.training import train
from router.app import suggesting

from .accuracy import BY_RULES, LEARNT, Measure, grouping, rows
from .page import page

EVIDENCE = CHECKOUT / "docs" / "evidence" / "accuracy.md"
RESULTS = CHECKOUT / ".lintas" / "accuracy.json"
#: shares of words from which texts count as one text; None: as the command does by itself
_ALIKE = (None, 1.0, 0.6)
_GROUPINGS = (1.0, 0.9, 0.8, 0.7, 0.6)


def main() -> int:
    """Run what is here, keep the results, write the page; 1 if a floor does not hold."""
    measured = []
    for measure in (*BY_RULES, *LEARNT):
        if not measure.file.is_file():
            print(f"{measure.name}: skipped, {measure.file} is not there")  # noqa: T201
            continue
        for alike in _ALIKE if measure in LEARNT else (None,):
            one = _measured(measure, alike)
            measured.append(one)
            print(_told(one), flush=True)  # noqa: T201
    if not measured:
        return 0
    document = {
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "commit": commit(),
        "machine": machine(),
        "measured": measured,
        "groupings": {
            one.set: [asdict(grouping(rows(one), alike)) for alike in _GROUPINGS]
            for one in (LEARNT[0], LEARNT[2])
            if one.file.is_file()
        },
        "costs": [_cost(one) for one in (LEARNT[0], LEARNT[2]) if one.file.is_file()],
    }
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    EVIDENCE.write_text(page(document), encoding="utf-8")
    return int(any(one["missed"] for one in measured if one["alike"] is None))


def _measured(measure: Measure, alike: float | None) -> dict[str, Any]:
    more = () if alike is None else ("--alike", f"{alike:g}")
    start = time.process_time()
    told = measure.run(*more)
    found = {"accuracy": told["accuracy"], **told["coverage_at"]}
    return {
        "name": measure.name,
        "command": " ".join([measure.command, *more]),
        "alike": alike,
        "rows": told["rows"],
        "found": found,
        "macro_f1": told["macro_f1"],
        "floors": dict(measure.floors),
        "goals": dict(measure.goals),
        "missed": sorted(name for name, floor in measure.floors.items() if found[name] < floor),
        "cpu_s": round(time.process_time() - start, 1),
    }


def _told(one: dict[str, Any]) -> str:
    alike = "" if one["alike"] is None else f" (alike {one['alike']:g})"
    missed = f"; below the floor: {', '.join(one['missed'])}" if one["missed"] else ""
    return f"{one['name']}{alike}: {one['found']}, {one['cpu_s']} s{missed}"


def _cost(measure: Measure) -> dict[str, Any]:
    """A model of all rows: how large it is, and what a text costs that it has not met."""
    labelled = rows(measure)
    start = time.process_time()
    model = train([text for text, _ in labelled], [label for _, label in labelled])
    learning = time.process_time() - start
    data = model.to_bytes()
    texts = [text for text, _ in labelled]
    return {
        "set": measure.set,
        "rows": len(labelled),
        "labels": len(model.card["labels"]),
        "bytes": len(data),
        "features": model.card["features"],
        "learning_s": round(learning, 1),
        "ms_each": round(_ms(data, texts[:2000]), 3),
        "ms_long": round(
            _ms(data, [("\n".join(texts[n:]))[:10_000] for n in range(0, 500, 25)]), 3
        ),
    }


def _ms(data: bytes, texts: list[str]) -> float:
    """Processor time for one of `texts`, by a model that remembers nothing."""
    suggester = suggesting.Suggester.from_bytes(data)
    start = time.process_time()
    for text in texts:
        suggester.suggest(text)
    return (time.process_time() - start) * 1000 / len(texts)


if __name__ == "__main__":
    sys.exit(main())
