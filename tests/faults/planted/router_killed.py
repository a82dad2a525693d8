"""A router ends three times between two of its steps, wherever its planted bug put that point."""

from tests.faults.hits import crash
from tests.faults.scene import Fault, Scene

from lintas.faults import Point


async def happen(scene: Scene) -> None:
    """The router has no outbox on its way, so nothing else of it reaches this point."""
    await crash(scene, scene.city.services["router"][:1], Point.BEFORE_PUBLISH, times=3)


FAULT = Fault(
    number=0,
    name="router-killed",
    title="A router killed between two steps, three times",
    goal_s=15,
    happen=happen,
)
