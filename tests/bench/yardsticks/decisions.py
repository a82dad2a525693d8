"""Yardstick of the router: read mentions, publish what was once decided on such mentions, commit."""

from typing import Any

from tests.bench.yardsticks import plain


async def main(given: dict[str, Any]) -> None:
    """Turn until ended."""
    values = [value.encode() for value in given["values"]]
    headers = plain.headers(given)
    consumer = plain.consumer(given["kafka"], "router.yardstick", given["topic"])
    async with plain.Sender(given["kafka"]) as sender, consumer:
        await consumer.getmany(timeout_ms=200)
        plain.say_ready(given)
        offsets = plain.Offsets(consumer)
        while True:
            found = await consumer.getmany(timeout_ms=200)
            if found:
                await sender.send(
                    (given["to"], one.key, values[plain.template_of(one.key, len(values))], headers)
                    for records in found.values()
                    for one in records
                )
            await offsets.after(found)


if __name__ == "__main__":
    plain.run(main)
