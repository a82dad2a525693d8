"""A bench: two sides that do the same, measured in turn."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from bench.figures import Run, ratio_of, summary
from bench.lab import Lab
from bench.recorded import Recorded


class Side(Protocol):
    """What is measured: a service, or its yardstick."""

    async def run(self, events: int) -> Run:
        """Take so many events the whole way and compare what came out with what went in.

        Raises:
            BenchFailed: something was lost or doubled.
        """


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

    async def measure(
        self, lab: Lab, recorded: Recorded, *, repeats: int, seconds: float
    ) -> dict[str, Any]:
        """The figures of runs made in turn: ours, theirs, ours, theirs, ..."""
        async with self.sides(lab, recorded) as both:
            # twice: the first run also compiles, caches and grows buffers
            sizes = []
            for side in both:
                await side.run(self.first)
                warm = await side.run(self.first)
                sizes.append(max(self.first, int(warm.rate * seconds)))
            pairs = []
            for _ in range(repeats):
                ours, theirs = [
                    await side.run(size) for side, size in zip(both, sizes, strict=True)
                ]
                pairs.append((ours, theirs))
        ours, theirs = (summary([pair[place] for pair in pairs]) for place in (0, 1))
        return {
            "name": self.name,
            "rate": ours["rate"],
            "unit": self.unit,
            "yardstick_name": self.yardstick_name,
            "yardstick": theirs["rate"],
            "ratio": ratio_of(pairs),
            "target": self.target,
            "repeats": repeats,
            "service": ours,
            "beside": theirs,
        }
