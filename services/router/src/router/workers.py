"""What runs by itself: following topics, backtests, and letting go of what is old."""

import asyncio
from datetime import timedelta
from typing import Protocol

from lintas.database.work import UnitOfWork
from router.usecases import collecting
from router.usecases.backtesting import Runs

_LOOK_EVERY_S = 1.0
_DROP_EVERY_S = 3_600.0


class Follower(Protocol):
    """Knows a topic as far as it was read."""

    async def refresh(self) -> None:
        """Read on."""


class FollowLoop:
    """Looks at a topic again and again; an outage leaves what is known in force."""

    def __init__(self, follower: Follower, *, poll_s: float) -> None:
        self._follower = follower
        self._poll_s = poll_s

    async def run(self) -> None:
        """See `lintas.messaging.loops.Loop.run`."""
        while True:
            await self._follower.refresh()
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
