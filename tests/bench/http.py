"""Load clients that cost little: requests made beforehand, keep-alive connections, no parsing."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from time import perf_counter
from typing import Self, cast
from urllib.parse import urlsplit

from tests.bench.lab import BenchFailed

_COMPLAINT = re.compile(rb'"complaint_id":"([0-9a-f-]{36})"')
_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
_END = b"\r\n\r\n"
_AWAY = b"HTTP/1.1 503"
_AGAIN_S = 0.2


@dataclass(slots=True)
class Answers:
    """What came back."""

    #: complaint ids, in the order of the answers
    complaints: list[bytes] = field(default_factory=list)
    latencies_s: list[float] = field(default_factory=list)
    #: 503: asked to come again, which was done
    put_off: int = 0


def request(path: str, body: bytes, *, key: str, kind: str = "application/json") -> bytes:
    """One POST as it goes over the wire."""
    return (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {key}\r\n"
        f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode() + body


def get(path: str, *, key: str | None = None) -> bytes:
    """One GET as it goes over the wire."""
    who = f"Authorization: Bearer {key}\r\n" if key else ""
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{who}\r\n".encode()


async def post_all(
    address: str,
    requests: Sequence[bytes],
    *,
    connections: int,
    per_second: float | None = None,
    expected: int = 202,
    on_answer: Callable[[bytes, float], None] | None = None,
) -> Answers:
    """Send every request once, each connection the next one after its answer.

    A 503 is obeyed: the same request goes again.

    With `per_second` a request is not sent before its turn, and its latency counts from then.
    `on_answer` is told each complaint and when its request was sent.

    Raises:
        BenchFailed: an answer with another status, or a cut connection.
    """
    where = _where(address)
    answers = Answers()
    todo = iter(enumerate(requests))
    loop = asyncio.get_running_loop()
    started = perf_counter()
    made = [
        await loop.create_connection(
            lambda: _Connection(todo, answers, started, per_second, expected, on_answer),
            *where,
        )
        for _ in range(connections)
    ]
    try:
        await asyncio.gather(*(protocol.done for _, protocol in made))
    finally:
        for transport, _ in made:
            transport.close()
    return answers


def _where(address: str) -> tuple[str, int]:
    split = urlsplit(address)
    return split.hostname or "127.0.0.1", split.port or 80


class _Connection(asyncio.Protocol):
    """Sends, waits for the answer, sends the next."""

    def __init__(
        self,
        todo: Iterator[tuple[int, bytes]],
        answers: Answers,
        started: float,
        per_second: float | None,
        expected: int,
        on_answer: Callable[[bytes, float], None] | None,
    ) -> None:
        self._todo = todo
        self._answers = answers
        self._started = started
        self._per_second = per_second
        self._expected = b"HTTP/1.1 %d" % expected
        self._on_answer = on_answer
        self._sent_at = 0.0
        self._got = b""
        self._loop = asyncio.get_running_loop()
        self.done: asyncio.Future[None] = self._loop.create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._next()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(BenchFailed(f"a connection was cut ({exc})"))

    def data_received(self, data: bytes) -> None:
        self._got += data
        head = self._got.find(_END)
        if head < 0:
            return
        length = _LENGTH.search(self._got, 0, head)
        if length is None or len(self._got) < head + len(_END) + int(length[1]):
            return
        answer, self._got = self._got, b""
        if answer.startswith(_AWAY):
            self._answers.put_off += 1
            self._loop.call_later(_AGAIN_S, self._transport.write, self._request)
            return
        if not answer.startswith(self._expected):
            self.done.set_exception(BenchFailed(f"an answer was {answer[:300]!r}"))
            return
        self._answers.latencies_s.append(perf_counter() - self._sent_at)
        complaints = _COMPLAINT.findall(answer, head)
        self._answers.complaints += complaints
        if self._on_answer is not None:
            self._on_answer(complaints[0], self._sent_at)
        self._next()

    def _next(self) -> None:
        try:
            number, request = next(self._todo)
        except StopIteration:
            self.done.set_result(None)
            return
        if self._per_second is None:
            self._send(request, perf_counter())
            return
        due = self._started + number / self._per_second
        self._loop.call_later(max(0.0, due - perf_counter()), self._send, request, due)

    def _send(self, request: bytes, at: float) -> None:
        self._sent_at, self._request = at, request
        self._transport.write(request)


class Client:
    """One keep-alive connection whose answers are read."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    @asynccontextmanager
    async def connected(cls, address: str) -> AsyncIterator[Self]:
        """A connection for the length of a block."""
        reader, writer = await asyncio.open_connection(*_where(address))
        try:
            yield cls(reader, writer)
        finally:
            writer.close()

    async def ask(self, request: bytes) -> bytes:
        """The body of a 2xx answer.

        Raises:
            BenchFailed: any other answer.
        """
        self._writer.write(request)
        head = await self._reader.readuntil(_END)
        length = _LENGTH.search(head)
        body = await self._reader.readexactly(int(length[1]) if length else 0)
        if not head.startswith(b"HTTP/1.1 2"):
            raise BenchFailed(f"an answer was {head[:40]!r} {body[:300]!r}")
        return body
