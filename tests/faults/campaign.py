"""The fault campaign: which rows run, in which city, and where what they leave is kept."""

import asyncio
import shutil
import sys
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from tests.faults import evidence
from tests.faults.checker import check
from tests.faults.city import INSTANCES, City, temporary_city
from tests.faults.history import History
from tests.faults.observe import Final
from tests.faults.planted import Bug, all_bugs
from tests.faults.rows import all_faults
from tests.faults.scene import Fault, Played, play

from lintas_local.layout import HOME

#: histories and final states, for replay
KEPT = HOME / "faults"
#: what a bug keeps on its way for ever is not waited for that long
_PLANTED_DRAIN_S = 30.0


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked for, as the environment says it."""

    faults: frozenset[int]
    runs: int
    shard: int
    shards: int
    force: bool

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> "Order":
        """FAULTS=11,22 RUNS=3 SHARD=1/2 FORCE=1; each may be missing or empty."""
        shard, _, shards = (environ.get("SHARD") or "1/1").partition("/")
        return cls(
            faults=frozenset(int(one) for one in environ.get("FAULTS", "").split(",") if one),
            runs=int(environ.get("RUNS") or 3),
            shard=int(shard),
            shards=int(shards),
            force=bool(environ.get("FORCE")),
        )

    def chosen(self) -> list[Fault]:
        """The rows of this shard."""
        wanted = [one for one in all_faults() if not self.faults or one.number in self.faults]
        return wanted[self.shard - 1 :: self.shards]


def campaign(order: Order) -> bool:
    """Run every chosen row that is not on file for this code; whether all kept their promises."""
    code = evidence.Code.present()
    fine = True
    for fault in order.chosen():
        if not order.force and evidence.is_kept(fault.slug, code, order.runs):
            say(f"{fault.slug}: on file for {code.commit}")
            continue
        say(f"{fault.slug}: {fault.title}")
        played = asyncio.run(run_row(fault, order.runs))
        evidence.keep_fault(fault, code, played)
        fine = fine and not any(one.violations for one in played)
    evidence.write_page()
    say(f"the page: {evidence.PAGE}")
    return fine


def planted(wanted: str, order: Order) -> bool:
    """Run the planted bugs that are named, or all; whether each was caught."""
    code = evidence.Code.present()
    chosen = {one for one in wanted.split(",") if one}
    bugs = [bug for bug in all_bugs() if "all" in chosen or bug.name in chosen]
    fine = bool(bugs)
    for bug in bugs[order.shard - 1 :: order.shards]:
        slug = f"planted-{bug.name}"
        if not order.force and evidence.is_kept(slug, code, 1):
            say(f"{slug}: on file for {code.commit}")
            continue
        say(f"{slug}: {bug.title}")
        played = asyncio.run(run_planted(bug))
        caught = is_caught(bug, played)
        say(
            f"  {'caught' if caught else 'NOT CAUGHT'} (by {', '.join(names(played)) or 'nothing'})"
        )
        evidence.keep_planted(bug, code, played, caught=caught)
        fine = fine and caught
    return fine


async def run_row(fault: Fault, runs: int, *, kept: Path = KEPT, **city: Any) -> list[Played]:
    """All runs of a row, in one city as long as it stays whole."""
    played: list[Played] = []
    settings = {"instances": {**INSTANCES, **fault.instances}, "settings": fault.settings, **city}
    async with AsyncExitStack() as cities:
        present: City | None = None
        for run in range(1, runs + 1):
            if present is None:
                present = await cities.enter_async_context(temporary_city(**settings))
            folder = kept / fault.slug / str(run)
            shutil.rmtree(folder, ignore_errors=True)
            one = await play(present, fault, run, fault.number * 1000 + run, folder)
            played.append(one)
            tell(one)
            shutil.copytree(present.home.logs, folder / "logs")
            if one.violations:
                # what is broken must not break the next run
                await cities.aclose()
                present = None
    return played


async def run_planted(bug: Bug, *, kept: Path = KEPT) -> list[Played]:
    """Runs with a planted bug, each in a city of its own, until it is caught."""
    fault: Fault = import_module(bug.fault).FAULT
    instances = {**INSTANCES, **fault.instances, **bug.instances}
    played: list[Played] = []
    for run in bug.runs:
        folder = kept / f"planted-{bug.name}" / str(run)
        shutil.rmtree(folder, ignore_errors=True)
        async with temporary_city(instances=instances, factories=bug.factories) as city:
            one = await play(city, fault, run, 90_000 + run, folder, drain_s=_PLANTED_DRAIN_S)
            shutil.copytree(city.home.logs, folder / "logs")
        played.append(one)
        tell(one)
        if is_caught(bug, played):
            break
    return played


def is_caught(bug: Bug, played: Sequence[Played]) -> bool:
    """Whether an invariant that must see the bug was broken."""
    return not bug.caught_by.isdisjoint(names(played))


def replay(folder: Path) -> bool:
    """Judge a kept run again, without running it; whether it kept its promises."""
    history = History.read(folder / "history.jsonl")
    violations = check(history, Final.read(folder / "final.json.gz"))
    for violation in violations:
        say(f"  {violation}")
    say(f"{len(history.operations)} operations, {len(violations)} violations")
    return not violations


def tell(played: Played) -> None:
    """One run in a few lines."""
    recovery = "not" if played.recovery_s is None else f"in {played.recovery_s:.1f} s"
    counts = ", ".join(f"{number} {name}" for name, number in played.counts.items())
    say(f"  run {played.run}: {counts}; recovered {recovery}")
    if played.measured:
        say("    " + "; ".join(f"{name}: {value}" for name, value in played.measured.items()))
    for violation in played.violations:
        say(f"    VIOLATION {violation}")


def say(line: str) -> None:
    """To whoever watches."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def names(played: Sequence[Played]) -> list[str]:
    """The invariants that were broken, each once."""
    return sorted({one.invariant for run in played for one in run.violations})
