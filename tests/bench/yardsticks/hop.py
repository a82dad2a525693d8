"""Yardstick of a consumer: read a batch, write the rows of its complaints, commit, publish."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import asyncpg
from aiokafka import AIOKafkaConsumer
from aiokafka.structs import ConsumerRecord, TopicPartition
from tests.bench.rows import Recording
from tests.bench.sources import SOURCES
from tests.bench.yardsticks import plain

_Found = Mapping[TopicPartition, Sequence[ConsumerRecord]]


async def main(given: dict[str, Any]) -> None:
    """Turn until ended."""
    known_as = plain.known_as(given)
    rows = await Recording.read(given["recorded"], SOURCES[given["service"]], known_as)
    connection = await plain.connect(given["database"])
    consumer = plain.consumer(
        given["kafka"],
        f"{given['service']}.yardstick",
        given["topic"],
        gathers=given["positions"],
    )
    offsets = plain.Offsets(consumer)
    async with plain.Sender(given["kafka"]) as sender, asyncio.TaskGroup() as tasks:
        relay = plain.Relay(await plain.connect(given["database"]), sender, plain.headers(given))
        if given["headers"]:
            tasks.create_task(relay.run())
        await consumer.start()
        if given["positions"]:
            await _seek(connection, consumer)
        else:
            await _poll(consumer)
        plain.say_ready(given)
        seen: set[bytes] = set()
        while True:
            found = await _poll(consumer)
            keys = dict.fromkeys(one.key for records in found.values() for one in records)
            fresh = [key for key in keys if key not in seen]
            seen.update(fresh)
            lot = []
            for key in fresh:
                template = plain.template_of(key, len(known_as))
                lot.append((template, rows.new_ids(template, UUID(key.decode()))))
            if found:
                async with connection.transaction():
                    if given["positions"]:
                        await _move(connection, found)
                    if lot:
                        await rows.write(connection, lot)
                relay.wake()
            if not given["positions"]:
                await offsets.after(found)


async def _poll(consumer: AIOKafkaConsumer) -> _Found:
    found: _Found = await consumer.getmany(timeout_ms=200)
    return found


async def _seek(connection: asyncpg.Connection, consumer: AIOKafkaConsumer) -> None:
    """Go on where the rows end."""
    known = {
        TopicPartition(row["topic"], row["partition"]): row["next"]
        for row in await connection.fetch("SELECT topic, partition, next FROM kafka_pos")
    }
    await consumer.getmany(timeout_ms=200, max_records=1)
    for partition in consumer.assignment():
        consumer.seek(partition, known.get(partition, 0))


async def _move(connection: asyncpg.Connection, found: _Found) -> None:
    """Keep the positions beside the rows, as metrics does, instead of at the broker."""
    await connection.execute(
        "INSERT INTO kafka_pos (generation, topic, partition, next, read_to)"
        " SELECT 1, $1, partition, next, now() FROM unnest($2::int[], $3::bigint[])"
        " AS r(partition, next) ON CONFLICT (generation, topic, partition)"
        " DO UPDATE SET next = excluded.next, read_to = excluded.read_to",
        next(iter(found)).topic,
        [partition.partition for partition in found],
        [records[-1].offset + 1 for records in found.values()],
    )


if __name__ == "__main__":
    plain.run(main)
