"""What runs by itself: the fold, rebuilds, and the gauges about them."""

import asyncio
from collections.abc import Awaitable, Callable

from lintas.database.work import UnitOfWork
from lintas.messaging.consumer import KafkaConsumer
from lintas.messaging.loops import ConsumerLoop
from lintas.messaging.runner import Runner
from lintas.telemetry import gauge, get_logger
from metrics.domain.rebuilds import Rebuild, RebuildState
from metrics.usecases import rebuilding, reporting
from metrics.usecases.folding import Folder

Sleep = Callable[[float], Awaitable[None]]
MakeRunner = Callable[[KafkaConsumer, Folder], Runner]

_log = get_logger(__name__)

_LOOK_EVERY_S = 1.0
_MEASURE_EVERY_S = 2.0
#: turns between two looks whether a rebuild has caught up
_TURNS = 20


class FoldLoop:
    """Folds the log into the generation that is shown; after a rebuild, into the new one."""

    def __init__(
        self,
        work: UnitOfWork,
        make_consumer: Callable[[], KafkaConsumer],
        make_runner: MakeRunner,
    ) -> None:
        self._work = work
        self._make_consumer = make_consumer
        self._make_runner = make_runner
        self._loop: ConsumerLoop | None = None

    @property
    def stopped(self) -> bool:
        """Whether a partition stands still because somebody must look at it."""
        return bool(self._loop and self._loop.runner and self._loop.runner.stopped)

    @property
    def turns(self) -> bool:
        """Whether it is reading."""
        return bool(self._loop and self._loop.runner)

    async def run(self) -> None:
        """Turn until cancelled; raises `PositionMoved` when it must begin anew."""
        folder = Folder(self._work, await rebuilding.shown_generation(self._work))
        self._loop = ConsumerLoop(
            self._make_consumer, lambda consumer: self._make_runner(consumer, folder)
        )
        await self._loop.run()


class RebuildLoop:
    """Carries out requested rebuilds; goes on where an earlier process was cut off.

    Several instances may turn at once: they share the partitions of one consumer group, and the
    positions of the new generation let each record in once.
    """

    def __init__(
        self,
        work: UnitOfWork,
        make_consumer: Callable[[], KafkaConsumer],
        make_runner: MakeRunner,
        *,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._work = work
        self._make_consumer = make_consumer
        self._make_runner = make_runner
        self._sleep = sleep

    async def run(self) -> None:
        """Turn until cancelled."""
        while True:
            if not await self.run_once():
                await self._sleep(_LOOK_EVERY_S)

    async def run_once(self) -> bool:
        """Do what there is to do of one rebuild; False if there is none."""
        rebuild = await rebuilding.unfinished(self._work)
        if rebuild is None:
            return False
        if rebuild.state is RebuildState.CLEANING:
            if await rebuilding.clean(self._work, rebuild):
                _log.info("rebuild_done", generation=rebuild.generation)
            return True
        await self._fold(rebuild)
        _log.info("rebuild_shown", generation=rebuild.generation)
        return True

    async def _fold(self, rebuild: Rebuild) -> None:
        consumer = self._make_consumer()
        await consumer.start()
        try:
            runner = self._make_runner(consumer, Folder(self._work, rebuild.generation))
            await runner.recover()
            shown = False
            while not shown:
                folded = 0
                for _ in range(_TURNS):
                    dealt = await runner.run_once()
                    folded += dealt
                    if not dealt:
                        break
                shown = await rebuilding.show_if_caught_up(self._work, rebuild, folded)
        finally:
            await consumer.stop()


class GaugeLoop:
    """Measures how far the figures are behind, and what waits behind a gap."""

    def __init__(self, work: UnitOfWork, *, sleep: Sleep = asyncio.sleep) -> None:
        self._work = work
        self._sleep = sleep

    async def run(self) -> None:
        """Turn until cancelled."""
        while True:
            await self.run_once()
            await self._sleep(_MEASURE_EVERY_S)

    async def run_once(self) -> None:
        """One measurement."""
        standing = await reporting.standing(self._work)
        gauge("lintas_parked", standing.n_waiting, group="metrics.fold/gap")
        if standing.known_to is not None:
            behind_s = (self._work.clock() - standing.known_to).total_seconds()
            gauge("lintas_fold_behind_seconds", max(0.0, behind_s))
