"""Every instance is replaced, one after the other, under load."""

from tests.faults.observe import Final
from tests.faults.scene import Fault, Scene

_DRAIN_S = 10.0


async def happen(scene: Scene) -> None:
    """SIGTERM, wait for its end, start the next one, go on once it is ready."""
    slowest = 0.0
    for kept in scene.city.all_instances():
        gone_after_s = await kept.restart()
        slowest = max(slowest, gone_after_s)
        if gone_after_s > _DRAIN_S:
            scene.refuse("I6", f"drains over {_DRAIN_S:.0f} s", f"{kept.name} {gone_after_s:.1f} s")
        await kept.ready()
    await scene.city.all_ready()
    scene.measured["slowest drain, s"] = round(slowest, 2)


async def judge(scene: Scene, _final: Final) -> None:
    """Nobody was told of an outage."""
    began = scene.history.at("fault begins") or 0.0
    since = [one for one in scene.history.operations if one.began_s >= began]
    failed = [f"{one.kind} {one.status}" for one in since if one.status and one.status >= 500]
    scene.measured["connections cut"] = sum(
        one.outcome == "info" and one.status is None for one in since
    )
    if failed:
        scene.refuse("I7", "5xx during a rolling restart", *failed)


FAULT = Fault(
    number=16,
    name="rolling-restart",
    title="Every instance ended with SIGTERM and started again in turn, same version",
    goal_s=3,
    happen=happen,
    judge=judge,
    instances={"ingest": 2},
)
