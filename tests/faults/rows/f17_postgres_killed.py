"""PostgreSQL ends at once, as its machine would, and is back ten seconds later."""

import asyncio
import signal

from tests.faults.scene import Fault, Scene

_AWAY_S = 10.0


async def happen(scene: Scene) -> None:
    """Immediate stop: nothing is written, what was committed is in the write-ahead log."""
    await scene.city.postgres.kill(signal.SIGQUIT, hold=True)
    await asyncio.sleep(_AWAY_S)
    scene.city.postgres.start()
    await scene.city.postgres.ready()


FAULT = Fault(
    number=17,
    name="postgres-killed",
    title="PostgreSQL stopped immediately, back after 10 s",
    goal_s=5,
    happen=happen,
)
