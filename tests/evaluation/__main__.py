"""`make history`: both sets, `.lintas/history.json`, and docs/evidence/history.md from it."""

import json
import sys
from dataclasses import asdict
from datetime import UTC, datetime

from tests.e2e.city import CHECKOUT

from .comparing import compare
from .history import SETS, Result, city_of, run
from .origin import commit, machine
from .page import page

EVIDENCE = CHECKOUT / "docs" / "evidence" / "history.md"
RESULTS = CHECKOUT / ".lintas" / "history.json"


def main() -> int:
    """Run every set that is here, keep the results, write the page; 1 if anything differs."""
    results = []
    for which in SETS:
        if which.missing:
            print(f"{which.name}: skipped, {which.missing}")  # noqa: T201
            continue
        print(f"{which.name}: {which.rows:,} rows ...", flush=True)  # noqa: T201
        with city_of(which) as city:
            result = compare(which, city, run(which, city))
        results.append(result)
        print(f"{which.name}: {_verdict(result)}", flush=True)  # noqa: T201
        for figure in result.differing:
            print(f"  {figure.what}: {figure.found}, expected {figure.expected}")  # noqa: T201
    if not results:
        return 0
    document = {
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "commit": commit(),
        "command": "make history",
        "machine": machine(),
        "results": [
            {
                **asdict(result),
                "figures": [asdict(figure) for figure in result.differing],
                "n_figures": len(result.figures),
                "n_differing": len(result.differing),
            }
            for result in results
        ],
    }
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    EVIDENCE.parent.mkdir(exist_ok=True)
    EVIDENCE.write_text(page(document), encoding="utf-8")
    return int(any(result.differing or result.changed for result in results))


def _verdict(result: Result) -> str:
    return (
        f"{len(result.figures)} figures, {len(result.differing)} differing, "
        f"{len(result.changed)} changed by the second import, "
        f"{result.imported['rows_per_s']} rows/s, {result.seconds} s until all were in the figures"
    )


if __name__ == "__main__":
    sys.exit(main())
