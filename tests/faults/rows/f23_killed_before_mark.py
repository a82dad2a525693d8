"""A relay ends after the broker's acknowledgement, before the outbox knows of it."""

from tests.faults.hits import crash
from tests.faults.scene import Fault, Scene

from lintas.faults import Point

#: by run
_VICTIMS = ("ingest", "agency-gateway")


async def happen(scene: Scene) -> None:
    """The same events are published again under the same ids."""
    service = _VICTIMS[(scene.run - 1) % len(_VICTIMS)]
    await crash(scene, scene.city.services[service], Point.AFTER_PUBLISH, times=3)


FAULT = Fault(
    number=23,
    name="killed-before-mark",
    title="A relay killed between Kafka's acknowledgement and its mark, three times",
    goal_s=15,
    happen=happen,
)
