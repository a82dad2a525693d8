"""Group commit: requests that come at the same time share one transaction."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field

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


@dataclass(frozen=True, slots=True)
class _Lot:
    """Arrivals that came together, stay in one set and are answered together."""

    arrivals: Sequence[Arrival]
    answer: "asyncio.Future[list[Outcome]]" = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )


class SharedCommit:
    """Takes everything that waits, up to a limit, commits it as one set, and answers each.

    Whoever waits is answered after the commit or not at all: a set that fails as a whole fails for
    each of its members, who may send again. One member that breaks a set is found by trying them
    one by one, and only those that came with it fail with it.
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
        self._waiting: deque[_Lot] = deque()
        #: arrivals in all of them
        self._queued = 0
        self._under_way = 0
        self._woken = asyncio.Event()

    async def submit(self, arrivals: Sequence[Arrival]) -> list[Outcome]:
        """What became of `arrivals`, in order, once they are committed.

        Raises:
            Unavailable: none of them is known to be written.
        """
        if self._queued + len(arrivals) > self._longest_queue:
            raise Unavailable("Too many requests wait.")
        starts = range(0, len(arrivals), self._most)
        lots = [_Lot(arrivals[start : start + self._most]) for start in starts]
        self._waiting.extend(lots)
        self._queued += len(arrivals)
        self._woken.set()
        try:
            async with asyncio.timeout(self._patience_s):
                return [outcome for lot in lots for outcome in await lot.answer]
        except TimeoutError:
            raise Unavailable("The commit takes too long.") from None
        finally:
            for lot in lots:
                # nobody waits any more; a set that has not begun leaves it out
                lot.answer.cancel()

    async def run(self) -> None:
        """Commit set after set until cancelled; several may run side by side."""
        while True:
            if await self.run_once() == 0:
                await self._woken.wait()

    async def run_once(self) -> int:
        """Commit one set; how many arrivals it had. Beside another one only a full set begins."""
        self._woken.clear()
        if self._under_way and self._queued < self._most:
            return 0
        await self._let_others_in()
        lots, size = [], 0
        while self._waiting and size + len(self._waiting[0].arrivals) <= self._most:
            lot = self._waiting.popleft()
            self._queued -= len(lot.arrivals)
            if not lot.answer.done():
                lots.append(lot)
                size += len(lot.arrivals)
        if lots:
            self._under_way += 1
            try:
                await self._commit(lots)
            finally:
                self._under_way -= 1
        return size

    async def _let_others_in(self) -> None:
        """Requests that have come but are still being read join this set instead of the next."""
        for _ in range(_TURNS):
            if not 0 < self._queued < self._most:
                return
            await asyncio.sleep(0)

    async def _commit(self, lots: Sequence[_Lot]) -> None:
        try:
            outcomes = iter(await self._accepted([one for lot in lots for one in lot.arrivals]))
        except Unavailable as away:
            _fail(lots, away)
        except Exception as error:  # noqa: BLE001  # told to whoever waits, who reports it
            _log.warning("set_broken", lots=len(lots), error=type(error).__name__)
            for lot in lots:
                await self._commit_one_by_one(lot)
        else:
            for lot in lots:
                _answer(lot, [next(outcomes) for _ in lot.arrivals])

    async def _commit_one_by_one(self, lot: _Lot) -> None:
        outcomes: list[Outcome] = []
        broken: Exception | None = None
        for arrival in lot.arrivals:
            try:
                outcomes += await self._accepted([arrival])
            except Exception as error:  # noqa: BLE001  # told to whoever waits, who reports it
                broken = error
        if broken is None:
            _answer(lot, outcomes)
        else:
            _fail([lot], broken)

    async def _accepted(self, arrivals: Sequence[Arrival]) -> list[Outcome]:
        try:
            async with asyncio.timeout(self._patience_s):
                return await self._accept(arrivals)
        except TimeoutError:
            raise Unavailable("The commit takes too long.") from None


def _answer(lot: _Lot, outcomes: list[Outcome]) -> None:
    if not lot.answer.done():
        lot.answer.set_result(outcomes)


def _fail(lots: Iterable[_Lot], error: Exception) -> None:
    for lot in lots:
        if not lot.answer.done():
            lot.answer.set_exception(error)
