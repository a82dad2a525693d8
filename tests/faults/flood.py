"""One source that asks far more than its share: a process of its own, which does not wait for answers.

Starved of the machine that all share here it would send in bursts, as no stranger's flood does that
has its own: so it is as cheap as may be, and says how late it was and what it took.

It has as many connections as a cheap program has: asked at a steady rate, each request goes over one
that is free. Where a door holds its answers until none is free, the request counts as `not sent`.
"""

import asyncio
import json
import random
import sys
from collections import Counter, deque
from dataclasses import dataclass
from itertools import count
from time import process_time
from typing import Any

import uvloop

#: stands in each request where a number makes it another one
NUMBER = "0000000000"


@dataclass(frozen=True, slots=True)
class Door:
    """One way in that is flooded."""

    name: str
    #: requests a second
    rate: float
    #: the whole request, as it goes over the wire
    request: str


class Flood:
    """Sends at the doors' rates at random moments, over `connections` at most."""

    def __init__(self, host: str, port: int, doors: list[Door], connections: int) -> None:
        self._host, self._port, self._doors, self._most = host, port, doors, connections
        self._numbers = count(1)
        self._answers: dict[str, Counter[str]] = {door.name: Counter() for door in doors}
        #: the one that was free the longest is asked last, so that the others may end
        self._free: deque[_Connection] = deque()
        self._open: set[_Connection] = set()
        self._opening: set[asyncio.Task[None]] = set()
        self._late_s: list[float] = []

    async def run(self, seconds: float) -> dict[str, Any]:
        """What each door answered, by status, and how late the flood itself was."""
        await asyncio.gather(*(self._send(door, seconds) for door in self._doors))
        for connection in [*self._open]:
            connection.close()
        late = sorted(self._late_s)
        return {
            "late_p99_ms": round(late[int(len(late) * 0.99)] * 1000, 1) if late else 0.0,
            "processor_s": round(process_time(), 2),
            "answers": self._answers,
        }

    async def _send(self, door: Door, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time()
        until = due + seconds
        while (due := due + random.expovariate(door.rate)) < until:
            if (wait_s := due - loop.time()) > 0:
                await asyncio.sleep(wait_s)
            self._late_s.append(loop.time() - due)
            request = door.request.replace(NUMBER, f"{next(self._numbers):010}").encode()
            if self._free:
                self._free.pop().ask(door.name, request)
            elif len(self._open) < self._most:
                self._connect(door.name, request)
            else:
                self.answered(door.name, "not sent")

    def _connect(self, door: str, request: bytes) -> None:
        connection = _Connection(self)
        connection.ask(door, request)
        self._open.add(connection)
        task = asyncio.create_task(self._connected(connection))
        self._opening.add(task)
        task.add_done_callback(self._opening.discard)

    async def _connected(self, connection: "_Connection") -> None:
        loop = asyncio.get_running_loop()
        try:
            await loop.create_connection(lambda: connection, self._host, self._port)
        except OSError:
            connection.connection_lost(None)

    def answered(self, door: str, status: str) -> None:
        """One request has its answer."""
        self._answers[door][status] += 1

    def freed(self, connection: "_Connection") -> None:
        """It can be asked again."""
        self._free.append(connection)

    def closed(self, connection: "_Connection") -> None:
        """It cannot."""
        self._open.discard(connection)
        if connection in self._free:
            self._free.remove(connection)


class _Connection(asyncio.Protocol):
    """One request after the other."""

    def __init__(self, flood: Flood) -> None:
        self._flood = flood
        self._transport: asyncio.Transport | None = None
        #: whose answer it waits for; none while it is free
        self._door: str | None = None
        self._request = self._heard = b""

    def ask(self, door: str, request: bytes) -> None:
        """Send, as soon as there is a connection."""
        self._door, self._request, self._heard = door, request, b""
        if self._transport is not None:
            self._transport.write(request)

    def close(self) -> None:
        """Hang up; what is under way is not counted."""
        self._door = None
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as documented
        self._transport = transport
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        self._heard += data
        head, ended, body = self._heard.partition(b"\r\n\r\n")
        head = head.lower()
        length = head.partition(b"content-length:")[2].partition(b"\r\n")[0]
        if not ended or len(body) < int(length or 0) or self._door is None:
            return
        self._flood.answered(self._door, head.split(b" ", 2)[1].decode())
        self._door = None
        if b"connection: close" in head or not length:
            self.close()
        else:
            self._flood.freed(self)

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        if self._door is not None:
            self._flood.answered(self._door, "cut")
            self._door = None
        self._flood.closed(self)


def main() -> None:
    """What to flood comes as JSON on the standard input, the answers leave on the output."""
    order = json.load(sys.stdin)
    doors = [Door(**door) for door in order["doors"]]
    flood = Flood(order["host"], order["port"], doors, order["connections"])
    json.dump(uvloop.run(flood.run(order["seconds"])), sys.stdout)


if __name__ == "__main__":
    main()
