"""The load client, against a server that misbehaves on order."""

import asyncio
from collections.abc import Callable
from uuid import uuid4

import pytest
from tests.bench import http
from tests.bench.lab import BenchFailed

ACCEPTED = "HTTP/1.1 202 Accepted\r\ncontent-length: {}\r\n\r\n{}"
AWAY = b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\ncontent-length: 4\r\n\r\naway"


class Server:
    """Answers each request by its number, and remembers the requests."""

    def __init__(self, answer: Callable[[int], bytes]) -> None:
        self._answer = answer
        self.requests: list[bytes] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await reader.readuntil(b"\r\n\r\n"):
            body = await reader.readexactly(int(head.rpartition(b"Content-Length: ")[2]))
            self.requests.append(body)
            answer = self._answer(len(self.requests))
            # in two pieces, as a network may bring it
            writer.write(answer[:30])
            await writer.drain()
            await asyncio.sleep(0)
            writer.write(answer[30:])


async def talk(answer: Callable[[int], bytes], number: int, **more):
    server = Server(answer)
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    requests = [http.request("/v1/mentions", b"%d" % n, key="k") for n in range(number)]
    try:
        answers = await http.post_all(f"http://127.0.0.1:{port}", requests, **more)
    finally:
        listening.close()
    return server, answers


def accepted(_number: int) -> bytes:
    body = f'{{"complaint_id":"{uuid4()}","text":"x"}}'
    return ACCEPTED.format(len(body), body).encode()


async def test_every_request_is_sent_once_and_every_complaint_kept():
    server, answers = await talk(accepted, 50, connections=4)
    assert sorted(map(int, server.requests)) == list(range(50))
    assert len(set(answers.complaints)) == len(answers.latencies_s) == 50
    assert answers.put_off == 0


async def test_who_is_told_to_come_again_comes_again_with_the_same():
    server, answers = await talk(lambda n: AWAY if n == 2 else accepted(n), 3, connections=1)
    assert server.requests == [b"0", b"1", b"1", b"2"]
    assert len(answers.complaints) == 3
    assert answers.put_off == 1


async def test_any_other_answer_ends_the_run():
    refused = b"HTTP/1.1 422 Unprocessable\r\ncontent-length: 2\r\n\r\n{}"
    with pytest.raises(BenchFailed, match="422"):
        await talk(lambda _n: refused, 3, connections=2)


async def test_at_a_fixed_rate_no_request_goes_before_its_turn():
    loop = asyncio.get_running_loop()
    started = loop.time()
    told = []
    await talk(accepted, 10, connections=2, per_second=100, on_answer=lambda *one: told.append(one))
    assert loop.time() - started >= 0.09
    assert len(told) == 10
