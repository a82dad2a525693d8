"""The broker ends with kill -9, and what it had acknowledged but not written out is gone.

On one broker `acks=1` and `acks=all` promise the same: the record is in the page cache of every
in-sync replica, and there is one. What three brokers would survive is shown here as what it looks
like when it is not survived: the tail of the log is cut off.
"""

import asyncio
from pathlib import Path

from tests.faults.scene import Fault, Scene

from lintas.contracts.topics import MENTIONS

#: of each partition's newest segment; a few records
_LOST_BYTES = 6_000


async def happen(scene: Scene) -> None:
    """Kill, cut, start: the broker truncates to the last whole batch by itself."""
    await scene.city.kafka.kill(hold=True)
    data = scene.city.home.kafka / "data"
    cut = await asyncio.to_thread(_cut, data)
    scene.measured["partitions cut"] = cut
    scene.city.kafka.start()


def _cut(data: Path) -> int:
    cut = 0
    for folder in data.glob(f"{MENTIONS}-*"):
        newest = max(folder.glob("*.log"))
        size = newest.stat().st_size
        with newest.open("r+b") as file:
            file.truncate(max(0, size - _LOST_BYTES))
        cut += size > 0
    return cut


FAULT = Fault(
    number=0,
    name="page-cache-lost",
    title="The broker killed, and the unwritten tail of its log gone",
    goal_s=60,
    happen=happen,
)
