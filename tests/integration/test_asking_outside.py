"""The guarded client against a server on this machine."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from lintas.net import Asking, Unanswered

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def serving(talk: Talk) -> AsyncIterator[str]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await talk(reader, writer)
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    server.close()


def saying(answer: bytes, heard: list[bytes] | None = None) -> Talk:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await reader.readuntil(b"\r\n\r\n")
        if heard is not None:
            heard.append(request)
        writer.write(answer)
        await writer.drain()

    return talk


def http(status: str, body: bytes = b"", *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


async def ask(origin: str, **more):
    asking = Asking(also=[origin], total_s=1.0)
    try:
        return await asking.ask("GET", f"{origin}/path?q=1", **more)
    finally:
        await asking.close()


async def test_an_answer_comes_back_with_its_status_and_the_request_shows_what_was_given():
    heard: list[bytes] = []
    async with serving(saying(http("404 Not Found", b"nothing", "X-Y: z"), heard)) as origin:
        answer = await ask(origin, headers={"Authorization": "Bearer token"})
    assert (answer.status, answer.content, answer.headers["x-y"]) == (404, b"nothing", "z")
    [request] = heard
    assert request.startswith(b"GET /path?q=1 HTTP/1.1\r\n")
    assert b"authorization: bearer token" in request.lower()
    assert f"host: {origin.removeprefix('http://')}".encode() in request.lower()


async def test_a_redirection_is_not_followed():
    heard: list[bytes] = []
    answer = http("302 Found", b"", "Location: http://127.0.0.1:1/")
    async with serving(saying(answer, heard)) as origin:
        assert (await ask(origin)).status == 302
    assert len(heard) == 1


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(http("200 OK", b"x" * 100_000), id="longer than allowed"),
        pytest.param(http("200 OK", b"\x1f\x8b", "Content-Encoding: gzip"), id="coded"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort", id="cut off"),
        pytest.param(b"nonsense\r\n\r\n", id="no HTTP"),
        pytest.param(b"", id="closed"),
    ],
)
async def test_an_answer_that_cannot_be_used_is_none(answer):
    async with serving(saying(answer)) as origin:
        with pytest.raises(Unanswered):
            await ask(origin)


async def test_an_answer_that_trickles_is_cut_off_in_time():
    async def trickle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        while not writer.is_closing():
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.05)

    async with serving(trickle) as origin:
        started = asyncio.get_running_loop().time()
        with pytest.raises(Unanswered):
            await ask(origin)
        assert asyncio.get_running_loop().time() - started < 5


async def test_the_connection_goes_to_the_address_that_was_checked_with_the_names_certificate():
    """TLS asks for the name, the socket for the number: no second look-up can move it."""
    names: list[str | None] = []
    connected = asyncio.Event()

    async def resolve(host: str, _port: int) -> list[str]:
        assert host == "outside.example"
        return ["127.0.0.1"]

    async def talk(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        hello = await reader.read(4096)
        names.append("outside.example" if b"outside.example" in hello else None)
        connected.set()

    async with serving(talk) as origin:
        port = origin.rpartition(":")[2]
        secure = f"https://outside.example:{port}"
        asking = Asking(resolve=resolve, also=[secure])
        with pytest.raises(Unanswered) as refused:
            await asking.ask("GET", f"{secure}/")
        await asyncio.wait_for(connected.wait(), 5)
        await asking.close()
    assert names == ["outside.example"]
    assert not isinstance(refused.value.__cause__, ssl.CertificateError)
