"""What runs by itself, beside the relay: commits, and the upkeep of the outbox."""

import asyncio
from collections.abc import Awaitable, Callable

from ingest.usecases.deps import Deps
from ingest.usecases.upkeep import forget_leftovers, forget_published

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


class UpkeepLoop:
    """Measures the outbox every second, and removes what is too old."""

    def __init__(
        self,
        deps: Deps,
        *,
        keep_hours: int,
        aside_keep_hours: int,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._deps = deps
        self._keep_hours = keep_hours
        self._aside_keep_hours = aside_keep_hours
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
            await forget_published(self._deps.work, self._keep_hours)
            await forget_leftovers(self._deps.work, self._aside_keep_hours)
        self._turns += 1
