"""Each mention comes five times at once, at two front doors, and once more later."""

import asyncio

from tests.faults.citizens import Said
from tests.faults.observe import Final
from tests.faults.scene import Fault, Load, Scene

_TIMES = 5
_AT_ONCE = 20


async def happen(scene: Scene) -> None:
    """Everything accepted so far is sent again, five times at once."""
    said = list({one.identity: one for one, _ in scene.citizens.accepted}.values())
    gate = asyncio.Semaphore(_AT_ONCE)

    async def again(one: Said) -> None:
        async with gate:
            await asyncio.gather(*(scene.citizens.send(one, "redelivery") for _ in range(_TIMES)))

    await asyncio.gather(*(again(one) for one in said))
    scene.measured["replayed"] = len(said) * _TIMES


async def judge(scene: Scene, _final: Final) -> None:
    """Every one of them is accepted; that all get one answer is I2."""
    refused = [
        f"{one.asked['identity']}: {one.status}"
        for one in scene.history.of("mention")
        if one.client != "misspeaker" and not one.ok
    ]
    if refused:
        scene.refuse("I7", "repeated mentions that were not accepted", *refused)


FAULT = Fault(
    number=26,
    name="repeated-mentions",
    title="Each mention five times in parallel at two instances, and all of them again later",
    goal_s=5,
    happen=happen,
    judge=judge,
    load=Load(rate=12, at_once=_TIMES),
    instances={"ingest": 2},
)
