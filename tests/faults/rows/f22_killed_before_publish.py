"""A service ends after its database commit, before anything was published."""

from tests.faults.hits import crash
from tests.faults.scene import Fault, Scene

from lintas.faults import Point

#: by run; whichever instance holds the relay is to be hit, so all are armed
_VICTIMS = (
    ("ingest", Point.BEFORE_PUBLISH),
    ("agency-gateway", Point.BEFORE_PUBLISH),
    ("ingest", Point.AFTER_COMMIT),
)


async def happen(scene: Scene) -> None:
    """What is committed is published by whoever comes next."""
    service, point = _VICTIMS[(scene.run - 1) % len(_VICTIMS)]
    await crash(scene, scene.city.services[service], point, times=3)


FAULT = Fault(
    number=22,
    name="killed-before-publish",
    title="A service killed between database commit and publishing, three times",
    goal_s=15,
    happen=happen,
)
