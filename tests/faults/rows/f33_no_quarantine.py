"""Unreadable records come while there is nowhere to put them."""

import asyncio

from aiokafka.structs import TopicPartition
from tests.faults.raw import delete_topics, poison
from tests.faults.scene import Fault, Scene

from lintas.contracts.topics import MENTIONS, quarantine_topic
from lintas_local.stack.topics import make_topics

_AWAY_S = 15.0


async def happen(scene: Scene) -> None:
    """The router's quarantine topic is deleted, and made again."""
    await delete_topics(scene, [quarantine_topic("router")])
    partition = scene.random.randrange(6)
    await poison(scene, MENTIONS, partition, 3)
    first = min(one.details["offset"] for one in scene.history.moments if one.name == "poison")
    await asyncio.sleep(_AWAY_S)
    offsets = await scene.watcher.committed("router.decide")
    stands_at = offsets.get(TopicPartition(MENTIONS, partition), 0)
    if stands_at > first:
        scene.refuse("I1", "offset moved past a record that is nowhere", f"{stands_at} > {first}")
    await make_topics(scene.city.bootstrap)


FAULT = Fault(
    number=33,
    name="no-quarantine",
    title="The quarantine topic deleted for 15 s while unreadable records arrive",
    goal_s=30,
    happen=happen,
)
