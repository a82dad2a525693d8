"""What runs by itself, beside the relay: the upkeep of the tables."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

from agency_gateway.usecases.upkeep import clean, measure
from lintas.database.work import UnitOfWork

_EVERY_S = 5.0
#: measurements between two cleanings
_CLEAN_EVERY = 120


class UpkeepLoop:
    """Measures the outbox, and removes what nobody asks for any more. Leases end without it."""

    def __init__(
        self,
        work: UnitOfWork,
        *,
        outbox: timedelta,
        answers: timedelta,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._work = work
        self._outbox = outbox
        self._answers = answers
        self._sleep = sleep
        self._turns = 0

    async def run(self) -> None:
        """Turn until cancelled."""
        while True:
            await self.run_once()
            await self._sleep(_EVERY_S)

    async def run_once(self) -> None:
        """One measurement, and now and then a cleaning."""
        await measure(self._work)
        if self._turns % _CLEAN_EVERY == 0:
            await clean(self._work, outbox=self._outbox, kept_answers=self._answers)
        self._turns += 1
