"""One source that asks far more than its share: a process of its own, at a bounded rate."""

import asyncio
import json
import random
import sys
from collections import Counter
from dataclasses import dataclass
from itertools import count
from time import monotonic
from typing import Any

#: stands in each request where a number makes it another one
NUMBER = "0000000000"
#: connections of each door, kept open
_CONNECTIONS = 64


@dataclass(frozen=True, slots=True)
class Door:
    """One address that is flooded."""

    name: str
    host: str
    port: int
    #: requests a second
    rate: float
    #: the whole request, as it goes over the wire
    request: str


class Flood:
    """Sends at the doors' rates, never faster; a door that does not keep up is sent less."""

    def __init__(self, doors: list[Door]) -> None:
        self._doors = doors
        self._numbers = count(1)
        self._answers: dict[str, Counter[str]] = {door.name: Counter() for door in doors}

    async def run(self, seconds: float) -> dict[str, Any]:
        """What each door answered, by status, and how many a second that were."""
        began = monotonic()
        streams = [self._stream(door, began + seconds) for door in self._doors]
        await asyncio.gather(*(one for door in streams for one in door))
        took_s = monotonic() - began
        return {
            name: {"rate": round(sum(told.values()) / took_s, 1), **told}
            for name, told in self._answers.items()
        }

    def _stream(self, door: Door, until: float) -> list[Any]:
        return [self._send(door, door.rate / _CONNECTIONS, until) for _ in range(_CONNECTIONS)]

    async def _send(self, door: Door, rate: float, until: float) -> None:
        reader = writer = None
        # not in step with the others, or all would ask in the same moment for ever
        due = monotonic() + random.random() / rate
        while (now := monotonic()) < until:
            due = max(due + 1 / rate, now - 0.1)
            if due > now:
                await asyncio.sleep(due - now)
            try:
                if writer is None or reader is None:
                    reader, writer = await asyncio.open_connection(door.host, door.port)
                number = f"{next(self._numbers):010}"
                writer.write(door.request.replace(NUMBER, number).encode())
                status, closes = await _answer(reader)
            except (OSError, asyncio.IncompleteReadError):
                status, closes = "cut", True
            self._answers[door.name][status] += 1
            if closes and writer is not None:
                writer.close()
                reader = writer = None
        if writer is not None:
            writer.close()


async def _answer(reader: asyncio.StreamReader) -> tuple[str, bool]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    length = head.partition("content-length:")[2].partition("\r\n")[0]
    await reader.readexactly(int(length or 0))
    return head.split(" ", 2)[1], "connection: close" in head or not length


def main() -> None:
    """Doors and seconds come as JSON on the standard input, the answers leave on the output."""
    order = json.load(sys.stdin)
    flood = Flood([Door(**door) for door in order["doors"]])
    json.dump(asyncio.run(flood.run(order["seconds"])), sys.stdout)


if __name__ == "__main__":
    main()
