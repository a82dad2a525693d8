"""`make bench`: measures, writes `.lintas/bench.json`, says which targets are missed."""

import argparse
import asyncio
import json
import platform
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import uvloop

from bench.benches import BENCHES
from bench.lab import Lab
from bench.recorded import record
from bench.sides import Asked
from lintas_local.layout import CHECKOUT, HOME


def main() -> int:
    """Exit status 1 if a ratio is missed."""
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument("names", nargs="*", help="which; all if none is given")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=6.0, help="about how long a run takes")
    asked = parser.parse_args()
    wanted = [bench for bench in BENCHES if not asked.names or bench.name in asked.names]
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        results = runner.run(_measure(wanted, Asked(asked.repeats, asked.seconds)))
    report = {"machine": _machine(), "commit": _commit(), "results": results}
    file = HOME / "bench.json"
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    missed = [f"{one['name']}: {what}" for one in results for what in one["missed"]]
    for what in missed:
        print(f"missed: {what}")
    return 1 if missed else 0


async def _measure(benches: list[Any], asked: Asked) -> list[dict[str, Any]]:
    results = []
    async with Lab.opened() as lab:
        recorded = await record(lab)
        for bench in benches:
            result = await bench.measure(lab, recorded, asked)
            results.append(result)
            print(json.dumps(result, indent=1), flush=True)
    return results


def _machine() -> dict[str, Any]:
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    return {"cpu": model, "at": datetime.now(UTC).isoformat(timespec="seconds")}


def _commit() -> str:
    run = subprocess.run(
        ["git", "describe", "--always", "--dirty", "--abbrev=12"],
        cwd=CHECKOUT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return run.stdout.strip() or "unknown"


if __name__ == "__main__":
    sys.exit(main())
