"""What faults do to processes: let them crash or freeze at a point of their own code."""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from time import monotonic

from tests.faults.processes import Kept
from tests.faults.scene import Scene

from lintas.faults import Point

_STATUS = 137
_PATIENCE_S = 60.0


async def crash(scene: Scene, victims: Sequence[Kept], point: Point, *, times: int = 1) -> None:
    """Let `victims` end at `point`, `times` in all, and return at the last of their ends.

    They come back by themselves, unarmed after that.
    """
    passage = scene.random.randint(2, 8)
    scene.measured["crashed"] = f"{victims[0].name} at {point}, passage {passage}, {times} times"
    before = _ends(victims)
    for victim in victims:
        victim.expected_code = _STATUS
        victim.told(LINTAS_FAULT=f"{point}:exit{_STATUS}@{passage}")
        await victim.restart()
        await victim.ready()
    reached = await _until(lambda: _ends(victims) - before >= times)
    for victim in victims:
        victim.told(LINTAS_FAULT=None)
    # the others are armed still; they are to be as ever
    for victim in victims:
        if victim.running:
            await victim.restart()
        victim.expected_code = None
    if not reached:
        scene.refuse("I6", f"crashes at {point}: never got there {times} times")


async def stopped_at(scene: Scene, victim: Kept, point: Point | None) -> None:
    """Freeze `victim` at `point`, or anywhere, and return once it stands still."""
    scene.measured["frozen"] = f"{victim.name} at {point or 'any moment'}"
    if point is None:
        victim.freeze()
        return
    victim.told(LINTAS_FAULT=f"{point}:stop@{scene.random.randint(2, 8)}")
    await victim.restart()
    victim.told(LINTAS_FAULT=None)
    if not await _until(lambda: _is_stopped(victim.pid)):
        scene.refuse("I6", f"freeze at {point}: never got there")


async def _until(condition: Callable[[], bool]) -> bool:
    end = monotonic() + _PATIENCE_S
    while not condition():
        if monotonic() > end:
            return False
        await asyncio.sleep(0.02)
    return True


def _ends(victims: Sequence[Kept]) -> int:
    return sum(one.code == _STATUS for victim in victims for one in victim.exits)


def _is_stopped(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] == "T"
