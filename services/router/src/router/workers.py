"""What runs by itself: following the rules topic, backtests, and letting go of what is old."""

import asyncio
from datetime import timedelta

from lintas.database.work import UnitOfWork
from router.usecases import collecting
from router.usecases.backtesting import Runs
from router.usecases.following import Rules

_LOOK_EVERY_S = 1.0
_DROP_EVERY_S = 3_600.0


class RulesLoop:
    """Looks at the rules topic again and again; an outage leaves the known rules in force."""

    def __init__(self, rules: Rules, *, poll_s: float) -> None:
        self._rules = rules
        self._poll_s = poll_s

    async def run(self) -> None:
        """See `lintas.messaging.loops.Loop.run`."""
        while True:
            await self._rules.refresh()
            await asyncio.sleep(self._poll_s)


class BacktestLoop:
    """Carries out backtests that are asked for."""

    def __init__(self, runs: Runs) -> None:
        self._runs = runs

    async def run(self) -> None:
        """See `lintas.messaging.loops.Loop.run`."""
        while True:
            if not await self._runs.run_next():
                await asyncio.sleep(_LOOK_EVERY_S)


class DropLoop:
    """Lets go of what is older than it is kept, some rows at a time."""

    def __init__(self, work: UnitOfWork, keep: timedelta) -> None:
        self._work = work
        self._keep = keep

    async def run(self) -> None:
        """See `lintas.messaging.loops.Loop.run`."""
        while True:
            if not await collecting.drop_old(self._work, self._keep):
                await asyncio.sleep(_DROP_EVERY_S)
