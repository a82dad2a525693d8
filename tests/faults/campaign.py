"""The fault campaign: which rows run, in which city, and where what they leave is kept."""

import asyncio
import shutil
import sys
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.faults import evidence
from tests.faults.checker import check
from tests.faults.city import INSTANCES, City, temporary_city
from tests.faults.history import History
from tests.faults.observe import Final
from tests.faults.rows import all_faults
from tests.faults.scene import Fault, Played, play

from lintas_local.layout import HOME

#: histories and final states, for replay
KEPT = HOME / "faults"


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
