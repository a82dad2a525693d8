"""What runs by itself: following the topics that tell of rules and of statements."""

import asyncio
from typing import Protocol


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
