"""A consumer ends between the commit of its effect and the commit of its offsets."""

from tests.faults.hits import crash
from tests.faults.scene import Fault, Scene

from lintas.faults import Point

#: by run
_VICTIMS = ("agency-gateway", "router", "ingest", "metrics")


async def happen(scene: Scene) -> None:
    """What it had done comes again, to itself or to the other member."""
    service = _VICTIMS[(scene.run - 1) % len(_VICTIMS)]
    await crash(scene, scene.city.services[service][:1], Point.AFTER_EFFECT, times=3)


FAULT = Fault(
    number=11,
    name="killed-before-offsets",
    title="A consumer killed between database commit and offset commit, three times",
    goal_s=15,
    happen=happen,
)
