"""Every broker there is ends with kill -9, and is started again five seconds later."""

import asyncio

from tests.faults.scene import Fault, Scene

_AWAY_S = 5.0


async def happen(scene: Scene) -> None:
    """Recovery counts from the start of the new broker, not from its first answer."""
    await scene.city.kafka.kill(hold=True)
    await asyncio.sleep(_AWAY_S)
    scene.city.kafka.start()


FAULT = Fault(
    number=6,
    name="cluster-killed",
    title="The whole Kafka cluster (one broker) killed with -9, started again after 5 s",
    goal_s=60,
    happen=happen,
)
