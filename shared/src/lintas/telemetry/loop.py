"""A blocked event loop is noticed, and ended before Kafka forgets the consumer."""

import asyncio
import os
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

from lintas.telemetry.logs import get_logger
from lintas.telemetry.metrics import count, gauge

BEAT_S = 0.25
EXIT_STATUS = 70

_log = get_logger(__name__)


class Heart:
    """When the event loop last ran, as a thread outside of it sees it."""

    def __init__(
        self, alarm_s: float, exit_s: float, *, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._alarm_s, self._exit_s, self._now = alarm_s, exit_s, now
        self._beat_at = self._looked_at = now()
        self._alarmed = False

    def beat(self) -> None:
        """The loop is running."""
        lag = max(0.0, self._now() - self._beat_at - BEAT_S)
        gauge("lintas_loop_lag_seconds", lag)
        self._beat_at, self._alarmed = self._now(), False

    def look(self) -> bool:
        """Whether the process must end; raises the alarm, once per blockage, before that."""
        now = self._now()
        if now - self._looked_at > self._alarm_s:
            # this thread slept too: the whole process was stopped, not just its loop blocked
            self._beat_at = now
        self._looked_at = now
        lag = now - self._beat_at
        if lag > self._alarm_s and not self._alarmed:
            self._alarmed = True
            count("lintas_loop_alarms_total")
            _log.error("loop_blocked", lag_s=round(lag, 3))
        return lag > self._exit_s


@asynccontextmanager
async def watch_loop(*, alarm_s: float = 2, exit_s: float = 8) -> AsyncIterator[None]:
    """While open, a loop blocked over `alarm_s` is logged, over `exit_s` ends the process.

    It ends at once, with status 70 and without clean-up: what was not committed is read again.
    """
    heart = Heart(alarm_s, exit_s)
    done = threading.Event()
    thread = threading.Thread(target=_look, args=(heart, done), name="loop-watch", daemon=True)
    thread.start()
    task = asyncio.create_task(_beat(heart))
    try:
        yield
    finally:
        done.set()
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _beat(heart: Heart) -> None:
    while True:
        heart.beat()
        await asyncio.sleep(BEAT_S)


def _look(heart: Heart, done: threading.Event) -> None:
    while not done.wait(BEAT_S):
        if heart.look():
            _log.critical("loop_blocked_exit")
            os._exit(EXIT_STATUS)
