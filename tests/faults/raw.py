"""Writes what no service would write, and takes topics away."""

import json
import random
from collections.abc import Sequence

from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from tests.faults.checker import POISON
from tests.faults.scene import Scene

from lintas.contracts.records import Record


def unreadable(chance: random.Random) -> tuple[bytes | None, list[tuple[str, bytes]]]:
    """A record nobody can read: random bytes, truncated JSON, nothing, or a known type's wrong body."""
    mark = [(POISON, b"1")]
    known = [
        *mark,
        ("ce_type", b"lintas.mention.received.v1"),
        ("ce_id", b"11111111-1111-5111-8111-111111111111"),
        ("ce_time", b"2026-01-01T00:00:00Z"),
        ("ce_recordedtime", b"2026-01-01T00:00:00Z"),
    ]
    kinds: list[tuple[bytes | None, list[tuple[str, bytes]]]] = [
        (chance.randbytes(200), mark),
        (chance.randbytes(200), known),
        (b'{"complaint_id": "1111', known),
        (None, known),
        (json.dumps({"complaint_id": 7, "mention": []}).encode(), known),
        (json.dumps(["a", "list"]).encode(), known),
        (b"{}", [*mark, ("ce_type", b"lintas.mention.unheard_of.v1")]),
    ]
    return chance.choice(kinds)


async def poison(scene: Scene, topic: str, partition: int, number: int) -> None:
    """Append `number` unreadable records in a row, and note where they stand."""
    producer = AIOKafkaProducer(bootstrap_servers=scene.city.bootstrap, acks="all")
    await producer.start()
    try:
        batch = producer.create_batch()
        for _ in range(number):
            value, headers = unreadable(scene.random)
            key = f"poison-{scene.random.randrange(10**6)}".encode()
            batch.append(key=key, value=value, timestamp=None, headers=headers)
        batch.close()
        written = await (await producer.send_batch(batch, topic, partition=partition))
    finally:
        await producer.stop()
    for place in range(number):
        scene.history.note(
            "poison", topic=topic, partition=partition, offset=written.offset + place
        )


async def delete_topics(scene: Scene, names: Sequence[str]) -> None:
    """Take topics away with everything in them."""
    admin = AIOKafkaAdminClient(bootstrap_servers=scene.city.bootstrap)
    try:
        await admin.start()
        await admin.delete_topics(list(names))
    finally:
        await admin.close()


def lateness_ms(causes: Sequence[Record], effects: Sequence[Record]) -> dict[bytes, int]:
    """By key, how long after the first record of `causes` its first one in `effects` was written."""
    first: dict[bytes, int] = {}
    for record in causes:
        first.setdefault(record.key or b"", record.timestamp_ms)
    late: dict[bytes, int] = {}
    for record in effects:
        key = record.key or b""
        if key in first:
            late.setdefault(key, record.timestamp_ms - first[key])
    return late
