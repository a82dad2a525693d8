"""Group commit: requests that come at the same time share one transaction."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence

from ingest.domain.mentions import Arrival
from ingest.usecases.intake import Outcome
from lintas.telemetry import get_logger
from lintas.vocabulary.errors import Unavailable

_log = get_logger(__name__)

#: so long a request waits for its commit before it is told to come again
PATIENCE_S = 2.5
#: turns of the event loop, microseconds each, that a set waits for company
_TURNS = 8

Accept = Callable[[Sequence[Arrival]], Awaitable[list[Outcome]]]
_Waiting = tuple[Arrival, "asyncio.Future[Outcome]"]


class SharedCommit:
    """Takes everything that waits, up to a limit, commits it as one set, and answers each.

    Whoever waits is answered after the commit or not at all: a set that fails as a whole fails for
    each of its members, who may send again. One member that breaks a set is found by trying them
    one by one, and fails alone.
    """

    def __init__(
        self,
        accept: Accept,
        *,
        most: int = 500,
        longest_queue: int = 20_000,
        patience_s: float = PATIENCE_S,
    ) -> None:
        self._accept = accept
        self._most = most
        self._longest_queue = longest_queue
        self._patience_s = patience_s
        self._waiting: deque[_Waiting] = deque()
        self._woken = asyncio.Event()

    async def submit(self, arrivals: Sequence[Arrival]) -> list[Outcome]:
        """What became of `arrivals`, in order, once they are committed.

        Raises:
            Unavailable: none of them is known to be written.
        """
        if len(self._waiting) + len(arrivals) > self._longest_queue:
            raise Unavailable("Too many requests wait.")
        loop = asyncio.get_running_loop()
        futures: list[asyncio.Future[Outcome]] = [loop.create_future() for _ in arrivals]
        self._waiting.extend(zip(arrivals, futures, strict=True))
        self._woken.set()
        try:
            async with asyncio.timeout(self._patience_s):
                return await asyncio.gather(*futures)
        except TimeoutError:
            raise Unavailable("The commit takes too long.") from None
        finally:
            for future in futures:
                # nobody waits any more; a set that has not begun leaves it out
                future.cancel()

    async def run(self) -> None:
        """Commit set after set until cancelled."""
        while True:
            if await self.run_once() == 0:
                await self._woken.wait()

    async def run_once(self) -> int:
        """Commit one set; how many arrivals it had."""
        self._woken.clear()
        await self._let_others_in()
        lot: list[_Waiting] = []
        while self._waiting and len(lot) < self._most:
            waiting = self._waiting.popleft()
            if not waiting[1].done():
                lot.append(waiting)
        if lot:
            await self._commit(lot)
        return len(lot)

    async def _let_others_in(self) -> None:
        """Requests that have come but are still being read join this set instead of the next."""
        for _ in range(_TURNS):
            if not 0 < len(self._waiting) < self._most:
                return
            await asyncio.sleep(0)

    async def _commit(self, lot: Sequence[_Waiting]) -> None:
        try:
            async with asyncio.timeout(self._patience_s):
                outcomes = await self._accept([arrival for arrival, _ in lot])
        except TimeoutError:
            self._fail(lot, Unavailable("The commit takes too long."))
        except Unavailable as away:
            self._fail(lot, away)
        except Exception as error:  # noqa: BLE001  # told to whoever waits, who reports it
            if len(lot) == 1:
                self._fail(lot, error)
                return
            _log.warning("set_broken", size=len(lot), error=type(error).__name__)
            for waiting in lot:
                await self._commit([waiting])
        else:
            for (_, future), outcome in zip(lot, outcomes, strict=True):
                if not future.done():
                    future.set_result(outcome)

    @staticmethod
    def _fail(lot: Sequence[_Waiting], error: Exception) -> None:
        for _, future in lot:
            if not future.done():
                future.set_exception(error)
