"""Records nobody can read, on every topic, and 25 in a row on one partition."""

import asyncio
from time import monotonic

import httpx2
from tests.faults.observe import Final
from tests.faults.raw import lateness_ms, poison
from tests.faults.scene import Fault, Scene

from lintas.contracts.topics import COMPLAINTS, MENTIONS, ROUTING, STATEMENTS

_NEIGHBOURS_MS = 1_000
_SPREAD = 8
_IN_A_ROW = 25
_STOPS_WITHIN_S = 20.0


async def happen(scene: Scene) -> None:
    """First single ones among good ones; then so many in a row that a person has to look."""
    for _ in range(_SPREAD):
        for topic in (MENTIONS, ROUTING, COMPLAINTS, STATEMENTS):
            await poison(scene, topic, scene.random.randrange(6), scene.random.randint(1, 2))
    scene.history.note("single ones are out")
    # so that what was late because of them is not mixed with what follows
    await asyncio.sleep(1)
    scene.history.note("in a row")
    await poison(scene, MENTIONS, scene.random.randrange(6), _IN_A_ROW)
    began = monotonic()
    while not await _somebody_stopped(scene):
        if monotonic() > began + _STOPS_WITHIN_S:
            scene.refuse("I6", "25 unreadable records in a row did not stop the partition")
            break
        await asyncio.sleep(0.1)
    scene.measured["stopped after, s"] = round(monotonic() - began, 2)
    # somebody has looked
    for kept in scene.city.services["router"]:
        await kept.restart()


async def _somebody_stopped(scene: Scene) -> bool:
    async with httpx2.AsyncClient(trust_env=False, timeout=5) as client:
        for address in scene.city.addresses("router"):
            answer = await client.get(f"{address}/readyz")
            if answer.status_code == httpx2.codes.SERVICE_UNAVAILABLE:
                return True
    return False


async def judge(scene: Scene, final: Final) -> None:
    """Good records among the single bad ones were decided as fast as ever."""
    began_at = next(one.details["at"] for one in scene.history.moments if one.name == "began")
    window_ms = [
        (began_at + (scene.history.at(name) or 0.0)) * 1000
        for name in ("fault begins", "single ones are out")
    ]
    mentions = [
        record
        for record in final.of(MENTIONS)
        if window_ms[0] <= record.timestamp_ms <= window_ms[1]
    ]
    late = sorted(lateness_ms(mentions, final.of(ROUTING)).values())
    if late:
        scene.measured["latest neighbour, ms"] = late[-1]
        beyond = [f"{ms} ms" for ms in late if ms > _NEIGHBOURS_MS]
        if beyond:
            scene.refuse("I6", "neighbours of unreadable records later than 1 s", *beyond)


FAULT = Fault(
    number=29,
    name="poison",
    title="Unreadable records on every topic; 25 in a row on one partition",
    goal_s=15,
    happen=happen,
    judge=judge,
)
