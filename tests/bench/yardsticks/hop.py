"""Yardstick of a consumer: read a batch, write the rows of its complaints, commit, publish."""

import asyncio
from typing import Any
from uuid import UUID

from aiokafka import AIOKafkaConsumer
from aiokafka.structs import ConsumerRecord

from bench.rows import Recording
from bench.sources import SOURCES
from bench.yardsticks import plain


async def main(given: dict[str, Any]) -> None:
    """Turn until ended."""
    known_as = plain.known_as(given)
    rows = await Recording.read(given["recorded"], SOURCES[given["service"]], known_as)
    connection = await plain.connect(given["database"])
    headers = [(name, value.encode()) for name, value in given["headers"]]
    consumer = plain.consumer(given["kafka"], f"{given['service']}.yardstick", given["topic"])
    async with plain.Sender(given["kafka"]) as sender, asyncio.TaskGroup() as tasks:
        relay = plain.Relay(await plain.connect(given["database"]), sender, headers)
        tasks.create_task(relay.run())
        await consumer.start()
        await _poll(consumer)
        plain.say_ready(given)
        seen: set[bytes] = set()
        while True:
            found = await _poll(consumer)
            fresh = list(dict.fromkeys(record.key for record in found if record.key not in seen))
            seen.update(fresh)
            lot = []
            for key in fresh:
                template = plain.template_of(key, len(known_as))
                lot.append((template, rows.new_ids(template, UUID(key.decode()))))
            if lot:
                async with connection.transaction():
                    await rows.write(connection, lot)
                relay.wake()
            if found:
                await consumer.commit()


async def _poll(consumer: AIOKafkaConsumer) -> list[ConsumerRecord]:
    found = await consumer.getmany(timeout_ms=200)
    return [record for records in found.values() for record in records]


if __name__ == "__main__":
    plain.run(main)
