"""PostgreSQL stands still: connections stay, and nothing answers on them."""

import asyncio

from tests.faults.observe import GROUPS, Final
from tests.faults.scene import Fault, Scene

_HUNG_S = 30.0
_HONEST_S = 3.0
#: between a client's clock and the service's, on two busy cores
_SLACK_S = 0.5
#: a set in hand when it began waits for its statement and then for its rollback (4 s each) before
#: the offsets of the set before it, whose effect was written, move
_SETTLED_S = 10.0


async def happen(scene: Scene) -> None:
    """Stop every process of the server, and let them go on half a minute later."""
    scene.city.postgres.freeze()
    try:
        await asyncio.sleep(_SETTLED_S)
        before = await _offsets(scene)
        await asyncio.sleep(_HUNG_S - _SETTLED_S - 1)
        after = await _offsets(scene)
    finally:
        scene.city.postgres.thaw()
    moved = [
        f"{place}: {before.get(place)} -> {at}"
        for place, at in after.items()
        if at != before.get(place)
    ]
    if moved:
        scene.refuse("I1", "offsets that moved although nothing could be written", *moved)


async def _offsets(scene: Scene) -> dict[str, int]:
    """Where each group that writes to the database stands, by group and partition."""
    return {
        f"{group} {at.topic}/{at.partition}": offset
        for group in GROUPS
        if not group.startswith("router.")  # no database is on their way
        for at, offset in (await scene.watcher.committed(group)).items()
    }


async def judge(scene: Scene, _final: Final) -> None:
    """Whoever asked meanwhile was told so within three seconds."""
    began = scene.history.at("fault begins") or 0.0
    ended = scene.history.at("fault ends") or 0.0
    for name, kinds in (
        ("intake", {"mention"}),
        ("offices", {"claim", "accept", "draft", "show", "queue", "pry"}),
    ):
        waits = sorted(
            (one.ended_s or 1e9) - one.began_s
            for one in scene.history.operations
            # not those whose answer the healing itself brought
            if one.kind in kinds and began + 1 < one.began_s < ended - _HONEST_S - 2
        )
        if not waits:
            continue
        scene.measured[f"longest wait at {name}, s"] = round(waits[-1], 2)
        scene.measured[f"p99 wait at {name}, s"] = round(waits[int(len(waits) * 0.99)], 2)
        late = [wait for wait in waits if wait > _HONEST_S + _SLACK_S]
        if late:
            scene.refuse("I7", f"answers of {name} later than 3 s", *(f"{w:.1f} s" for w in late))


FAULT = Fault(
    number=18,
    name="postgres-hung",
    title="PostgreSQL stopped (SIGSTOP) for 30 s",
    goal_s=5,
    happen=happen,
    judge=judge,
)
