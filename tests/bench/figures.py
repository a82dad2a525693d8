"""Runs, pairs of runs, and what they come to."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any

_TICKS = os.sysconf("SC_CLK_TCK")
_MACHINE = "machine"
_LOAD = "load"


@dataclass(frozen=True, slots=True)
class Run:
    """One measured run: how many, how long, and which process spent how much processor time."""

    events: int
    seconds: float
    cpu_s: Mapping[str, float] = field(default_factory=dict)
    latencies_s: Sequence[float] = ()
    #: requests that were told to come again
    put_off: int = 0

    @property
    def used(self) -> float:
        """Processor seconds per event of the measured processes and the servers."""
        apart = {_MACHINE, _LOAD}
        return sum(used for name, used in self.cpu_s.items() if name not in apart) / self.events

    @property
    def elsewhere(self) -> float:
        """How many cores were busy with what is no part of this run."""
        ours = sum(used for name, used in self.cpu_s.items() if name != _MACHINE)
        return max(0.0, self.cpu_s.get(_MACHINE, ours) - ours) / self.seconds

    @property
    def rate(self) -> float:
        """Events a second."""
        return self.events / self.seconds


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value with at least this share of all values at or below it (nearest rank)."""
    ordered = sorted(values)
    rank = max(1, -(-len(ordered) * round(share * 1000) // 1000))
    return ordered[rank - 1]


def summary(runs: Sequence[Run]) -> dict[str, Any]:
    """Median and spread of the rates, processor microseconds per event, latencies."""
    rates = [run.rate for run in runs]
    told: dict[str, Any] = {
        "rate": round(median(rates), 1),
        "min": round(min(rates), 1),
        "max": round(max(rates), 1),
        "runs": [round(rate, 1) for rate in rates],
        "events": sum(run.events for run in runs),
        "cpu_us_per_event": {
            name: round(median(run.cpu_s[name] / run.events for run in runs) * 1e6, 1)
            for name in runs[0].cpu_s
            if name != _MACHINE
        },
        # which of them is busy all the time is the one that limits
        "cores_busy": {
            name: round(median(run.cpu_s[name] / run.seconds for run in runs), 2)
            for name in runs[0].cpu_s
            if name != _MACHINE
        },
        "cores_elsewhere": round(max(run.elsewhere for run in runs), 2),
    }
    if any(run.put_off for run in runs):
        told["put_off"] = sum(run.put_off for run in runs)
    latencies = [one for run in runs for one in run.latencies_s]
    if latencies:
        told["p50_ms"] = round(percentile(latencies, 0.5) * 1000, 2)
        told["p99_ms"] = round(percentile(latencies, 0.99) * 1000, 2)
    return told


def ratio_of(pairs: Sequence[tuple[Run, Run]]) -> float:
    """The median of the ratios of runs made one after the other: what drifts drifts for both."""
    return round(median(ours.rate / theirs.rate for ours, theirs in pairs), 3)


def cpu_ratio_of(pairs: Sequence[tuple[Run, Run]]) -> float:
    """The same for processor time per event; other work on the machine hardly moves it."""
    return round(median(theirs.used / ours.used for ours, theirs in pairs), 3)


def cpu_s(pids: Mapping[str, int]) -> dict[str, float]:
    """Processor seconds spent so far by each process with its children, by this one (`load`), by all."""
    children: dict[int, list[int]] = {}
    stats = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                text = (folder / "stat").read_text(encoding="ascii", errors="replace")
            except OSError:
                continue
            # the name in brackets may hold anything
            fields = text.rpartition(")")[2].split()
            pid = int(folder.name)
            children.setdefault(int(fields[1]), []).append(pid)
            own, reaped = fields[11:13], fields[13:15]
            stats[pid] = sum(map(int, (*own, *reaped))) / _TICKS
    told = {
        name: stats.get(pid, 0.0) + sum(stats[child] for child in children.get(pid, ()))
        for name, pid in pids.items()
    }
    # user, nice, system, then (after idle and waiting) interrupts and what other machines took
    busy = Path("/proc/stat").read_text(encoding="ascii").split("\n", 1)[0].split()[1:]
    machine = sum(int(busy[place]) for place in (0, 1, 2, 5, 6, 7)) / _TICKS
    return told | {_LOAD: process_time(), _MACHINE: machine}


def spent(before: Mapping[str, float], after: Mapping[str, float]) -> dict[str, float]:
    """What was spent between two looks."""
    return {name: after[name] - before[name] for name in after}
