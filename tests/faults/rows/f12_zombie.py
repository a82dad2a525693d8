"""A consumer stands still until its group has given its work away, and then goes on as if nothing."""

import asyncio

from tests.faults.hits import stopped_at
from tests.faults.scene import Fault, Scene

from lintas.faults import Point

_STILL_S = 25.0
#: by run: who, and where in its code
_VICTIMS = (
    ("agency-gateway", Point.BEFORE_COMMIT),
    ("router", Point.AFTER_EFFECT),
    ("metrics", Point.AFTER_EFFECT),
    ("agency-gateway", Point.AFTER_EFFECT),
)


async def happen(scene: Scene) -> None:
    """Longer than the session of a group member (10 s), shorter than an idle transaction (30 s)."""
    service, point = _VICTIMS[(scene.run - 1) % len(_VICTIMS)]
    victim = scene.city.services[service][0]
    await stopped_at(scene, victim, point)
    await asyncio.sleep(_STILL_S)
    victim.thaw()


FAULT = Fault(
    number=12,
    name="zombie",
    title="A consumer stopped for 25 s (longer than its session), then continued",
    goal_s=15,
    happen=happen,
)
