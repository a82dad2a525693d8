"""`make bench`: measures, writes `.lintas/bench.json`, says which targets are missed."""

import argparse
import asyncio
import sys
from typing import Any

import uvloop
from tests.bench import kafka_client, report
from tests.bench.benches import BENCHES
from tests.bench.lab import Lab
from tests.bench.recorded import record
from tests.bench.sides import Asked

from lintas_local.layout import CHECKOUT, HOME

KAFKA = "kafka"
_EVIDENCE = CHECKOUT / "docs" / "evidence"
_NAMES = (KAFKA, *(name for bench in BENCHES for name in bench.names))


def main() -> int:
    """Exit status 1 if a target is missed."""
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(_NAMES)}")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=5.0, help="about how long a run takes")
    parser.add_argument(
        "--profile", action="store_true", help="one more run each, under a profiler"
    )
    parser.add_argument(
        "--pages", action="store_true", help="measure nothing; write the pages from what is kept"
    )
    given = parser.parse_args()
    if given.pages:
        report.write_pages(HOME, _EVIDENCE)
        return 0
    unknown = set(given.names) - set(_NAMES)
    if unknown:
        parser.error(f"there is no {', '.join(sorted(unknown))}; known are {', '.join(_NAMES)}")
    profiles = HOME / "bench" / "profiles" if given.profile else None
    if profiles is not None:
        profiles.mkdir(parents=True, exist_ok=True)
    asked = Asked(given.repeats, given.seconds, profiles)
    command = " ".join(["make bench", *_chosen(given)])
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        missed = runner.run(_measure(set(given.names or _NAMES), asked, command))
    if not given.names:
        report.write_pages(HOME, _EVIDENCE)
    for what in missed:
        print(f"missed: {what}")
    return 1 if missed else 0


async def _measure(names: set[str], asked: Asked, command: str) -> list[str]:
    """What was missed. Every figure is written as soon as it is there."""
    origin = report.origin(CHECKOUT, command)
    missed: list[str] = []
    async with Lab.opened(counting=asked.profiles is not None) as lab:
        if KAFKA in names:
            found = await kafka_client.measure(lab, repeats=asked.repeats, seconds=asked.seconds)
            report.keep_kafka(HOME, origin, found)
            print(report.kafka_lines(found), flush=True)
        wanted = [bench for bench in BENCHES if names & set(bench.names)]
        recorded = await record(lab) if wanted else None
        for bench in wanted:
            assert recorded is not None
            await lab.forget()
            for result in await bench.measure(lab, recorded, asked):
                report.keep(HOME, origin, result)
                print(report.line(result), flush=True)
                missed += [f"{result['name']}: {what}" for what in result["missed"]]
    return missed


def _chosen(given: argparse.Namespace) -> list[str]:
    """The variables of `make bench` that ask for the same again."""
    chosen: dict[str, Any] = {
        "BENCH": " ".join(given.names),
        "REPEATS": given.repeats,
        "SECONDS": f"{given.seconds:g}",
        "PROFILE": "1" if given.profile else "",
    }
    return [
        f'{name}="{value}"' if " " in str(value) else f"{name}={value}"
        for name, value in chosen.items()
        if value
    ]


if __name__ == "__main__":
    sys.exit(main())
