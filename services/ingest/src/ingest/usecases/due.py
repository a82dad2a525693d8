"""Work that waits in the database until it is due, and may fail and come again."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from lintas.database.work import Transaction, UnitOfWork

T = TypeVar("T")


class Due(Generic[T]):
    """Takes what is due and does it, a few at once; one instance at a time has each."""

    def __init__(
        self,
        work: UnitOfWork,
        take: Callable[[Transaction, datetime, datetime, int], Awaitable[Sequence[T]]],
        do: Callable[[T], Awaitable[None]],
        *,
        lease: timedelta,
        at_once: int,
    ) -> None:
        self._work = work
        self._take = take
        self._do = do
        #: so long it is ours alone; an end while we are at it is noticed after that
        self._lease = lease
        self._at_once = at_once
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """There is something new."""
        self._woken.set()

    async def wait(self, longest_s: float) -> None:
        """Return when there is something new, or after a while."""
        try:
            async with asyncio.timeout(longest_s):
                await self._woken.wait()
        except TimeoutError:
            return

    async def run_once(self) -> int:
        """Do what is due; how much that was.

        Raises:
            Unavailable: the database is away; what was taken is due again after its lease.
        """
        self._woken.clear()
        now = self._work.clock()
        async with self._work.begin() as tx:
            taken = await self._take(tx, now, now + self._lease, self._at_once)
        ended = await asyncio.gather(*map(self._do, taken), return_exceptions=True)
        for failed in ended:
            if failed is not None:
                raise failed
        return len(taken)
