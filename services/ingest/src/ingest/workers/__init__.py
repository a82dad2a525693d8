"""What runs by itself, beside the relay: commits, imports, questions to platforms, upkeep."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from ingest.usecases.deps import Deps
from ingest.usecases.due import Due
from ingest.usecases.erasing import apply_held, erase_rest
from ingest.usecases.imports import ImportWork
from ingest.usecases.media import forget_erased, forget_unnamed
from ingest.usecases.upkeep import Keep, forget_overdue

_EVERY_S = 1.0
#: measurements between two cleanings
_CLEAN_EVERY = 600


class CommitLoop:
    """Commits what the front door has taken, set after set."""

    def __init__(self, deps: Deps) -> None:
        self._deps = deps

    async def run(self) -> None:
        """Turn until cancelled."""
        await self._deps.commit.run()


class ImportLoop:
    """Works through imported files, one at a time, and removes what is past its time."""

    def __init__(self, deps: Deps, work: ImportWork) -> None:
        self._deps = deps
        self._work = work
        self._turns = 0

    async def run(self) -> None:
        """Turn until cancelled."""
        while True:
            self._deps.importing.woken.clear()
            if not await self._work.run_once():
                await self._rest()

    async def _rest(self) -> None:
        if self._turns % _CLEAN_EVERY == 0:
            await self._deps.importing.forget_old()
        self._turns += 1
        try:
            # another instance may have taken a file in, or died over one
            async with asyncio.timeout(_EVERY_S):
                await self._deps.importing.woken.wait()
        except TimeoutError:
            return


class UpkeepLoop:
    """Measures the outbox every second; now and then removes what is old or to be erased."""

    def __init__(
        self,
        deps: Deps,
        keep: Keep,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._deps = deps
        self._keep = keep
        self._sleep = sleep
        self._turns = 0

    async def run(self) -> None:
        """Turn until cancelled."""
        while True:
            await self.run_once()
            await self._sleep(_EVERY_S)

    async def run_once(self) -> None:
        """One measurement, and now and then a cleaning."""
        await self._deps.backlog.measure(self._deps.work)
        if self._turns % _CLEAN_EVERY == 0:
            await forget_overdue(self._deps.work, self._keep)
            await apply_held(self._deps.work)
            await erase_rest(self._deps.work)
            await forget_erased(self._deps.work, self._deps.media)
            await forget_unnamed(self._deps.work, self._deps.vault, self._deps.media)
        self._turns += 1


class DueLoop:
    """Does what is due in the database: pointers to ask for, files to collect."""

    def __init__(self, due: Due[Any]) -> None:
        self._due = due

    async def run(self) -> None:
        """Turn until cancelled."""
        while True:
            if await self._due.run_once() == 0:
                await self._due.wait(_EVERY_S)
