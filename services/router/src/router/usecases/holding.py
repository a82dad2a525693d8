"""Decides complaints by two versions of the rules in a process of its own, below everything else.

Deciding is the processor's work alone: in the service's own process it would hold up mentions.
"""

import asyncio
import multiprocessing
import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from threading import Thread
from time import sleep
from typing import Any

from router.domain import (
    Case,
    Tally,
    Trial,
)
from router.usecases.modelling import compiled

_LOWEST = 19
_LOOK_S = 1.0


class Holder:
    """One process that holds complaints against a candidate; closed by `close`."""

    def __init__(self) -> None:
        # not forked: a copy of a process with loops and connections is no place to begin
        context = multiprocessing.get_context("spawn")
        self._pool = ProcessPoolExecutor(
            1, mp_context=context, initializer=_begin, initargs=(os.getpid(),)
        )

    async def prepare(
        self,
        candidate: Mapping[str, Any],
        against: Mapping[str, Any] | None,
        models: Mapping[str, bytes],
    ) -> None:
        """Compile both, with what `models` they name, by hash; RuleSetUnusable if one cannot be."""
        await self._do(_prepare, candidate, against, models)

    async def hold(self, cases: Sequence[Case]) -> Tally:
        """What is counted over these complaints.

        Raises:
            BrokenProcessPool: the process ended, out of memory perhaps.
        """
        tally: Tally = await self._do(_hold, cases)
        return tally

    def close(self) -> None:
        """End the process; what it is at is lost."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def _do(self, function: Any, *args: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._pool, function, *args)


#: of this process; it holds against one candidate in its life
_trials: list[Trial] = []


def _begin(parent: int) -> None:
    os.nice(_LOWEST)
    Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: int) -> None:
    # whoever kills the service does not know of this process
    while os.getppid() == parent:
        sleep(_LOOK_S)
    os._exit(1)


def _prepare(
    candidate: Mapping[str, Any],
    against: Mapping[str, Any] | None,
    models: Mapping[str, bytes],
) -> None:
    _trials[:] = [
        Trial(compiled(candidate, models), None if against is None else compiled(against, models))
    ]


def _hold(cases: Sequence[Case]) -> Tally:
    tally = Tally()
    for case in cases:
        _trials[0].hold(tally, case)
    return tally
