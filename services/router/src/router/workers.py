"""What runs by itself: following the rules topic."""

import asyncio

from router.usecases.following import Rules


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
