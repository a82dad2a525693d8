"""Publishes the outbox: whatever a transaction wrote goes out, in order per key."""

import asyncio
from collections.abc import Sequence
from typing import Protocol

from lintas.contracts.records import OutRecord
from lintas.faults import Point, reach
from lintas.messaging.ports import Producer, SendFailed
from lintas.telemetry import gauge


class Row(Protocol):
    """One waiting record."""

    @property
    def id(self) -> int:
        """Identifies the row when it is marked."""

    @property
    def record(self) -> OutRecord:
        """What to send."""


class Outbox(Protocol):
    """Committed records that are not published yet."""

    async def acquire(self) -> bool:
        """Become the one active relay; False while another is."""

    async def release(self) -> None:
        """Let another become active."""

    async def waiting(self, limit: int) -> Sequence[Row]:
        """The oldest unpublished rows."""

    async def mark(self, ids: Sequence[int]) -> None:
        """Say that these are acknowledged."""

    async def depth(self) -> int:
        """How many wait."""


class Relay:
    """A steppable loop from the outbox to the broker.

    A record may be published twice (a crash between acknowledgement and mark), under the same
    event id; none is lost, as a row is marked only after its acknowledgement. While the broker is
    away rows wait.
    """

    def __init__(self, outbox: Outbox, producer: Producer, *, limit: int = 500) -> None:
        self._outbox = outbox
        self._producer = producer
        #: the most of one lot
        self.limit = limit
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """Something was committed: do not wait for the timer."""
        self._woken.set()

    async def run_once(self) -> int:
        """Publish one lot and return its size; 0 when nothing waits or another relay is active.

        Raises:
            SendFailed: the lot stays unpublished and is sent again.
        """
        self._woken.clear()
        if not await self._outbox.acquire():
            return 0
        rows = await self._outbox.waiting(self.limit)
        if rows:
            reach(Point.BEFORE_PUBLISH)
            try:
                await self._producer.send([row.record for row in rows])
            except SendFailed:
                # an outage is when the depth matters most
                gauge("lintas_outbox_pending", await self._outbox.depth())
                raise
            reach(Point.AFTER_PUBLISH)
            await self._outbox.mark([row.id for row in rows])
        # less than a full lot was all there was, so nothing is counted on a quiet day
        more = await self._outbox.depth() if len(rows) == self.limit else 0
        gauge("lintas_outbox_pending", more)
        return len(rows)

    async def wait(self, timeout_s: float) -> None:
        """Return when woken, or after `timeout_s`."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._woken.wait()
        except TimeoutError:
            return

    async def stop(self) -> None:
        """Hand the lock over."""
        await self._outbox.release()
