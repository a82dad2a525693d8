import random
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Backoff:
    """How long to wait before the n-th restart in a row: doubling, capped, with jitter.

    The jitter keeps programs that fell together from starting together.
    """

    first_s: float = 0.25
    longest_s: float = 15.0
    #: a program that ran this long has recovered: counting starts again
    steady_s: float = 30.0
    #: uniform in [0, 1)
    chance: Callable[[], float] = random.random

    def delay_s(self, failures: int) -> float:
        """Seconds before restart number `failures` (from 1): between half and all of the step."""
        step = min(self.longest_s, self.first_s * 2.0 ** min(failures - 1, 16))
        return step * (0.5 + self.chance() / 2)
