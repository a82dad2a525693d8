"""A bench: two sides that do the same, measured in turn."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from math import isclose
from pathlib import Path
from typing import Any, Protocol

from tests.bench import profiling
from tests.bench.figures import Run, cpu_ratio_of, ratio_of, summary
from tests.bench.lab import BenchFailed, Lab, Running
from tests.bench.mentions import VARIETY
from tests.bench.recorded import Recorded
from tests.bench.sources import SOURCES


class Side(Protocol):
    """What is measured: a service, or its yardstick."""

    @property
    def running(self) -> Sequence[Running]:
        """The processes that do the work."""

    async def run(self, events: int) -> Run:
        """Take so many events the whole way and compare what came out with what went in.

        Raises:
            BenchFailed: something was lost or doubled.
        """


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person wants measured how."""

    repeats: int
    #: about how long one run takes
    seconds: float
    #: where profiles go; None for no profiles
    profiles: Path | None = None


@dataclass(frozen=True, slots=True)
class Bench:
    """A service beside a yardstick that does the same input and output without logic."""

    name: str
    unit: str
    yardstick_name: str
    #: the least ratio, or None where there is none
    target: float | None
    sides: Callable[[Lab, Recorded], AbstractAsyncContextManager[tuple[Side, Side]]]
    #: events of the first run, which warms up and tells how many a measured run needs
    first: int
    #: a run's events are a multiple of it, so that both sides get the same mix
    step: int = VARIETY
    #: whose tables both sides write
    services: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The results it gives."""
        return (self.name,)

    async def measure(self, lab: Lab, recorded: Recorded, asked: Asked) -> list[dict[str, Any]]:
        """The figures of runs made in turn: ours, theirs, ours, theirs, ..."""
        async with self.sides(lab, recorded) as both:
            sizes = []
            for side in both:
                # twice: the first run also compiles, caches and grows buffers
                await side.run(self.first)
                warm = await side.run(self.first)
                rounds = int(warm.rate * asked.seconds) // self.step
                sizes.append(max(self.first, rounds * self.step))
            before = await rows_of(lab, self.services)
            pairs = await in_turn(both, sizes, asked.repeats)
            after = await rows_of(lab, self.services)
            profile = await profiled(lab, self.name, both[0], sizes[0], asked.profiles)
        events = [sum(pair[place].events for pair in pairs) for place in (0, 1)]
        told = result(self.name, self.unit, self.yardstick_name, pairs)
        ours, theirs = told["service"], told["beside"]
        told |= {
            "rate": ours["rate"],
            "yardstick": theirs["rate"],
            "ratio": ratio_of(pairs),
            "target": self.target,
            "rows_per_event": written(before, after, events),
            **profile,
        }
        if self.target and told["ratio"] < self.target:
            told["missed"].append(
                f"{told['ratio']} of its yardstick, at least {self.target} wanted"
            )
        return [told]


async def in_turn(
    both: tuple[Side, Side], sizes: Sequence[int], repeats: int
) -> list[tuple[Run, Run]]:
    """Runs of both sides, one after the other, so that what drifts drifts for both."""
    pairs = []
    for _ in range(repeats):
        ours, theirs = [await side.run(size) for side, size in zip(both, sizes, strict=True)]
        pairs.append((ours, theirs))
    return pairs


def result(
    name: str, unit: str, yardstick_name: str, pairs: Sequence[tuple[Run, Run]]
) -> dict[str, Any]:
    """What every result says, in the order in which it is read; figures are put in afterwards."""
    return {
        "name": name,
        "rate": None,
        "unit": unit,
        "yardstick_name": yardstick_name,
        "yardstick": None,
        "ratio": None,
        # what the yardstick's processes and servers used for an event, of what ours used
        "cpu_ratio": cpu_ratio_of(pairs),
        "target": None,
        "missed": [],
        "repeats": len(pairs),
        "service": summary([ours for ours, _ in pairs]),
        "beside": summary([theirs for _, theirs in pairs]),
    }


async def profiled(
    lab: Lab, name: str, side: Side, events: int, folder: Path | None
) -> dict[str, Any]:
    """One more run under the profiler, where profiles are wanted."""
    if folder is None:
        return {}
    async with profiling.profile(lab, name, side.running, events, folder) as told:
        await side.run(events)
    return {"profile": told}


#: by table: rows of the service's database, of its twin
Rows = dict[str, tuple[int, int]]
#: what a table may differ by: a service's own housekeeping
_TOLERANCE = 0.01
#: written later than the rows of a complaint
_ALSO = {"ingest": {"inbox"}}
#: a reader nobody waits for is that late, and a little more
_SETTLED_S = 0.5


async def rows_of(lab: Lab, services: Sequence[str]) -> Rows:
    """How many rows are in the tables that both sides write, once nothing more is added."""
    found = await _rows(lab, services)
    before: Rows | None = None
    while found != before:
        await asyncio.sleep(_SETTLED_S)
        before, found = found, await _rows(lab, services)
    return found


async def _rows(lab: Lab, services: Sequence[str]) -> Rows:
    found: Rows = {}
    for service in services:
        async with (
            lab.looking(service) as ours,
            lab.looking(service, yardstick=True) as theirs,
        ):
            tables = {source.table for source in SOURCES[service]} | _ALSO.get(service, set())
            for table in sorted(tables):
                count = f"SELECT count(*) FROM {table}"
                found[f"{service}.{table}"] = (
                    await ours.fetchval(count),
                    await theirs.fetchval(count),
                )
    return found


def written(before: Rows, after: Rows, events: Sequence[int]) -> dict[str, float]:
    """Rows per event and table.

    Raises:
        BenchFailed: a yardstick did not write what the service wrote.
    """
    told = {}
    for table in after:
        ours, theirs = (
            (after[table][side] - before[table][side]) / events[side] for side in (0, 1)
        )
        if not isclose(ours, theirs, rel_tol=_TOLERANCE):
            raise BenchFailed(
                f"{table}: {ours:.3f} rows per event, the yardstick wrote {theirs:.3f}"
            )
        told[table] = round(ours, 2)
    return told
