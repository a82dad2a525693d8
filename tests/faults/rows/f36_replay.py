"""Every group reads its topics again from the very first record, and the figures are built anew."""

import asyncio
import json
from typing import Any

import httpx2
from aiokafka import AIOKafkaConsumer
from aiokafka.structs import TopicPartition
from tests.faults.observe import GROUPS, Final
from tests.faults.scene import Fault, Scene

from lintas.contracts.topics import ROUTING

_REBUILD_S = 60.0


async def happen(scene: Scene) -> None:
    """Groups must be empty to be moved, so their services are away for a moment."""
    movers = [kept for kept in scene.city.all_instances() if not kept.name.startswith("metrics")]
    for kept in movers:
        await kept.kill(kept.program.stop_signal, hold=True)
    for group, topics in GROUPS.items():
        await _to_the_beginning(scene, group, topics)
    await _corpus_to_the_beginning(scene)
    for kept in movers:
        kept.start()
    for kept in movers:
        await kept.ready()


async def judge(scene: Scene, final: Final) -> None:
    """It was read again, and a second fold of the whole log shows the same bytes as the first."""
    ids = [dict(record.headers)["ce_id"] for record in final.of(ROUTING)]
    scene.measured["decisions repeated"] = len(ids) - len(set(ids))
    if len(ids) == len(set(ids)):
        scene.refuse("I6", "nothing was read again")
    address = scene.city.addresses("metrics")[0]
    operator = {"Authorization": f"Bearer {scene.city.stack.key('operator')}"}
    async with httpx2.AsyncClient(base_url=address, trust_env=False, timeout=30) as client:
        before = await _figures(client, final.report["as_of"])
        key = {"Idempotency-Key": f'"faults-{scene.run}-{scene.seed}"'}
        asked = (await client.post("/v1/rebuilds", headers=operator | key)).json()
        async with asyncio.timeout(_REBUILD_S):
            while asked["state"] not in {"done", "cleaning"}:
                await asyncio.sleep(0.2)
                path = f"/v1/rebuilds/{asked['id']}"
                asked = (await client.get(path, headers=operator)).json()
        after = await _figures(client, final.report["as_of"])
    scene.measured["facts rebuilt"] = asked.get("facts")
    if before != after:
        scene.refuse("I4", "figures that differ after a rebuild")


async def _figures(client: httpx2.AsyncClient, as_of: str) -> str:
    answer: dict[str, Any] = (await client.get("/v1/kpis", params={"as_of": as_of})).json()
    return json.dumps(answer["kpis"], sort_keys=True)


async def _to_the_beginning(scene: Scene, group: str, topics: tuple[str, ...]) -> None:
    partitions = [
        TopicPartition(topic.name, number)
        for topic in scene.city.topics()
        if topic.name in topics
        for number in range(topic.partitions)
    ]
    # committing for a group without belonging to it works only while it is empty
    consumer = AIOKafkaConsumer(
        bootstrap_servers=scene.city.bootstrap, group_id=group, enable_auto_commit=False
    )
    consumer.assign(partitions)
    await consumer.start()
    try:
        await consumer.commit(dict.fromkeys(partitions, 0))
    finally:
        await consumer.stop()


async def _corpus_to_the_beginning(scene: Scene) -> None:
    """Its positions are in the router's database, as metrics' are in its own."""
    connection = await scene.city.database("router")
    try:
        await connection.execute("DELETE FROM corpus_position")
    finally:
        await connection.close()


FAULT = Fault(
    number=36,
    name="replay",
    title="All consumer groups set back to offset 0; the figures rebuilt from it",
    goal_s=120,
    happen=happen,
    judge=judge,
)
