"""No fault at all: some bugs show by themselves, given a little time."""

import asyncio

from tests.faults.scene import Fault, Scene

_CALM_S = 8.0


async def happen(_scene: Scene) -> None:
    """Let the load go on."""
    await asyncio.sleep(_CALM_S)


FAULT = Fault(number=0, name="calm", title="Nothing happens", goal_s=5, happen=happen)
