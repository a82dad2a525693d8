"""Keeps a service's loops turning: waits out outages, ends the process on a bug."""

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Protocol

from aiokafka.errors import KafkaError

from lintas.messaging.client import ends_us
from lintas.messaging.consumer import KafkaConsumer
from lintas.messaging.ports import SendFailed, TopicsDiffer
from lintas.messaging.relay import Relay
from lintas.messaging.runner import Runner
from lintas.vocabulary.errors import Unavailable

_log = logging.getLogger(__name__)

#: what passes by itself
OUTAGES = (
    KafkaError,
    SendFailed,
    TopicsDiffer,
    Unavailable,
    TimeoutError,
    OSError,
    # the client's, which nobody asked for
    asyncio.CancelledError,
)
_LONGEST_PAUSE_S = 2.0
_RELAY_WAIT_S = 0.5
#: a service that ends does not wait any longer for a broker that is away
_LAST_COMMIT_S = 1.0


class Loop(Protocol):
    """Something that turns until it is cancelled."""

    async def run(self) -> None:
        """Turn for ever; raise one of OUTAGES to be started again after a pause."""


class ConsumerLoop:
    """A runner on a fresh consumer; after any failure of the client it starts anew.

    Continuing a client after an exception loses records, so the consumer is rebuilt and reads
    again from the committed offsets.
    """

    def __init__(
        self,
        make_consumer: Callable[[], KafkaConsumer],
        make_runner: Callable[[KafkaConsumer], Runner],
    ) -> None:
        self._make_consumer = make_consumer
        self._make_runner = make_runner
        #: the runner of the present consumer, for readiness
        self.runner: Runner | None = None

    async def run(self) -> None:
        """See `Loop.run`."""
        consumer = self._make_consumer()
        await consumer.start()
        try:
            runner = self._make_runner(consumer)
            await runner.recover()
            self.runner = runner
            while True:
                await runner.run_once()
        except asyncio.CancelledError as end:
            if ends_us(end) and self.runner is not None:
                # whoever reads on need not read again what is done
                with suppress(KafkaError, TimeoutError, OSError):
                    async with asyncio.timeout(_LAST_COMMIT_S):
                        await self.runner.commit()
            raise
        finally:
            self.runner = None
            await consumer.stop()


class RelayLoop:
    """A relay, woken by commits and, for other instances' commits, by a short timer."""

    def __init__(self, relay: Relay) -> None:
        self._relay = relay

    async def run(self) -> None:
        """See `Loop.run`."""
        try:
            while True:
                if await self._relay.run_once() == 0:
                    await self._relay.wait(_RELAY_WAIT_S)
        finally:
            await self._relay.stop()


class Loops:
    """The loops of one process.

    An outage pauses a loop; a bug ends the process uncommitted, and its supervisor starts it
    again: a half-working service would be worse than a restarting one.
    """

    def __init__(
        self,
        loops: Sequence[Loop],
        *,
        on_bug: Callable[[BaseException], None] | None = None,
        is_outage: Callable[[BaseException], bool] = lambda _: False,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._loops = loops
        self._on_bug = on_bug or _end_process
        self._is_outage = is_outage
        self._sleep = sleep
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Let them turn in the background."""
        self._tasks = [asyncio.create_task(self._keep(loop)) for loop in self._loops]

    async def stop(self) -> None:
        """End them; each finishes or abandons its turn, and nothing uncommitted counts."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _keep(self, loop: Loop) -> None:
        pause_s = 0.1
        while True:
            started = asyncio.get_running_loop().time()
            try:
                await loop.run()
            except (Exception, asyncio.CancelledError) as error:
                if ends_us(error):
                    raise
                if not isinstance(error, OUTAGES) and not self._is_outage(error):
                    self._on_bug(error)
                    return
                if asyncio.get_running_loop().time() - started > _LONGEST_PAUSE_S:
                    pause_s = 0.1
                _log.warning("%s starts again: %s", type(loop).__name__, type(error).__name__)
                await self._sleep(pause_s)
                pause_s = min(_LONGEST_PAUSE_S, pause_s * 2)


def _end_process(error: BaseException) -> None:
    _log.critical("a loop met a bug; the process ends", exc_info=error)
    logging.shutdown()
    os._exit(1)
