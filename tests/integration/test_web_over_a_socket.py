"""What only a real server shows: lying lengths, endless chunks, slow clients, smuggling."""

import asyncio
import json
import time
from typing import Annotated

import pytest
from fastapi import APIRouter, Form, Request
from tests.serving import served

from lintas.telemetry import metric_value
from lintas.web import BodyLimits, Strict, allow, create_service, json_body, public
from lintas.web.protocol import PatientProtocol

PATIENCE_S = 0.4


class Note(Strict):
    text: str


class HastyProtocol(PatientProtocol):
    headers_s = PATIENCE_S


router = APIRouter(dependencies=[allow(public)])


@router.post("/notes", status_code=202)
async def add(note: Annotated[Note, json_body(Note)]) -> dict[str, int]:
    return {"length": len(note.text)}


@router.post("/unread", status_code=202)
async def unread(request: Request) -> str:
    return request.method


@router.post("/form")
async def form(text: Annotated[str, Form()]) -> int:
    return len(text)


@pytest.fixture(scope="module")
async def address():
    limits = BodyLimits(default=100_000, patience_s=PATIENCE_S)
    app = create_service(name="sample", title="Sample", routers=[router], limits=limits)
    unexpected = metric_value("lintas_unexpected_errors_total")
    async with served(app, http=HastyProtocol) as where:
        yield where
    assert metric_value("lintas_unexpected_errors_total") == unexpected


async def exchange(address, *parts, pause_s=0.0):
    """Everything the server says while and after `parts` are sent, until it hangs up."""
    reader, writer = await asyncio.open_connection(*address)
    answer = asyncio.create_task(heard(reader))
    try:
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(pause_s)
    except ConnectionError:
        pass
    try:
        async with asyncio.timeout(5):
            return await answer
    finally:
        writer.close()


async def heard(reader):
    answer = b""
    try:
        while piece := await reader.read(65536):
            answer += piece
    except ConnectionError:
        pass
    return answer


def post(path, *headers, body=b""):
    lines = [f"POST {path} HTTP/1.1", "Host: sample", "Content-Type: application/json", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


def status(answer):
    return int(answer.split(b" ", 2)[1]) if answer else None


def problem(answer):
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"application/problem+json" in head
    return json.loads(body)


CLOSE = "Connection: close"


async def test_a_good_request_is_answered(address):
    body = b'{"text":"abc"}'
    answer = await exchange(
        address, post("/notes", CLOSE, f"Content-Length: {len(body)}", body=body)
    )
    assert status(answer) == 202
    assert answer.endswith(b'{"length":3}')


async def test_a_declared_giant_is_refused_before_it_is_sent(address):
    answer = await exchange(address, post("/notes", "Content-Length: 10000000000"))
    assert status(answer) == 413
    assert problem(answer)["type"] == "/problems/too-large"
    assert b"connection: close" in answer.lower()


async def test_the_refusal_of_a_large_body_reaches_a_client_that_sends_it_all(address):
    body = b"x" * 300_000
    for path in ("/notes", "/unread", "/nowhere"):
        answer = await exchange(address, post(path, f"Content-Length: {len(body)}", body=body))
        assert status(answer) == 413


async def test_a_client_that_asks_first_is_not_told_to_continue(address):
    answer = await exchange(
        address, post("/notes", "Content-Length: 200000", "Expect: 100-continue")
    )
    assert answer.startswith(b"HTTP/1.1 413")


async def test_endless_chunks_are_cut_off(address):
    chunk = b"2000\r\n" + b"x" * 8192 + b"\r\n"
    answer = await exchange(address, post("/notes", "Transfer-Encoding: chunked"), *[chunk] * 100)
    assert status(answer) == 413


async def test_a_form_of_endless_chunks_is_cut_off(address):
    head = (
        b"POST /form HTTP/1.1\r\nHost: s\r\nTransfer-Encoding: chunked\r\n"
        b"Content-Type: application/x-www-form-urlencoded\r\n\r\n"
    )
    answer = await exchange(address, head, *[b"2000\r\n" + b"x" * 8192 + b"\r\n"] * 100)
    assert status(answer) == 413


@pytest.mark.parametrize(
    "parts",
    [
        pytest.param([post("/notes", "Content-Length: 50", body=b'{"text":')], id="short-body"),
        pytest.param([post("/notes", "Transfer-Encoding: chunked", body=b"8\r\n{")], id="half-chunk"),
        pytest.param(
            [post("/notes", "Content-Length: 5000")] + [b"x"] * 40, id="one-byte-at-a-time"
        ),
    ],
)  # fmt: skip
async def test_a_body_that_comes_too_slowly_is_408(address, parts):
    began = time.monotonic()
    answer = await exchange(address, *parts, pause_s=0.05)
    assert status(answer) == 408
    assert problem(answer)["type"] == "/problems/slow-body"
    assert time.monotonic() - began < 10 * PATIENCE_S


@pytest.mark.parametrize(
    "parts",
    [
        pytest.param([b"GET /healthz HTTP/1.1\r\nHost: s\r\n"], id="silent"),
        pytest.param([b""], id="nothing-at-all"),
        pytest.param([b"GET /healthz HTTP/1.1\r\n"] + [b"X-A: b\r\n"] * 30, id="header-by-header"),
    ],
)
async def test_headers_that_come_too_slowly_end_the_connection(address, parts):
    began = time.monotonic()
    assert await exchange(address, *parts, pause_s=0.05) == b""
    assert time.monotonic() - began < 10 * PATIENCE_S


async def test_a_connection_is_reused_and_its_second_request_is_watched_too(address):
    good = b"GET /healthz HTTP/1.1\r\nHost: s\r\n\r\n"
    began = time.monotonic()
    answer = await exchange(address, good, good, b"GET /healthz HTTP/1.1\r\n", pause_s=0.05)
    assert answer.count(b"HTTP/1.1 200") == 2
    assert time.monotonic() - began < 10 * PATIENCE_S


async def test_headers_without_end_are_cut_off(address):
    answer = await exchange(address, b"GET /healthz HTTP/1.1\r\n", *[b"X-A: " + b"b" * 8192] * 20)
    assert answer == b""


@pytest.mark.parametrize(
    ("request_line", "expected"),
    [
        pytest.param(b"GET /" + b"a" * 9000, 414, id="long-address"),
        pytest.param(b"GET /a%00b", 400, id="nul"),
        pytest.param(b"GET /../../etc/passwd", 404, id="dots"),
        pytest.param(b"GET /%2e%2e/etc", 404, id="dots-escaped"),
        pytest.param(b"GET /%ff%fe", 404, id="not-utf8"),
        pytest.param(b"TRACE /notes", 405, id="trace"),
        pytest.param(b"HEAD /healthz", 200, id="head"),
    ],
)
async def test_an_odd_request_line_is_refused(address, request_line, expected):
    answer = await exchange(
        address, request_line + b" HTTP/1.1\r\nHost: s\r\nConnection: close\r\n\r\n"
    )
    assert status(answer) == expected
    if request_line.startswith(b"HEAD"):
        assert answer.endswith(b"\r\n\r\n")


async def test_many_headers_are_431(address):
    many = "".join(f"X-{n}: 1\r\n" for n in range(200)).encode()
    answer = await exchange(
        address, b"GET /healthz HTTP/1.1\r\nHost: s\r\nConnection: close\r\n" + many + b"\r\n"
    )
    assert status(answer) == 431


SMUGGLED = b"0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: s\r\n\r\n"


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(
            post("/notes", "Content-Length: 5", "Transfer-Encoding: chunked", body=SMUGGLED),
            id="length-and-chunks",
        ),
        pytest.param(
            post("/notes", "Content-Length: 5", "Content-Length: 6", body=b"aaaaaa"), id="two-lengths"
        ),
        pytest.param(post("/notes", "Content-Length: -1"), id="negative-length"),
        pytest.param(post("/notes", "Content-Length: 1 2"), id="odd-length"),
        pytest.param(post("/notes", "X: a\r\n folded", "Content-Length: 0"), id="folded-header"),
        pytest.param(post("/notes", "Transfer-Encoding: chunked", body=b"zz\r\n"), id="bad-chunk"),
        pytest.param(
            post("/notes", "Transfer-Encoding: xchunked", body=SMUGGLED), id="unknown-encoding"
        ),
    ],
)  # fmt: skip
async def test_an_ambiguous_request_is_refused_and_the_connection_closed(address, sent):
    answer = await exchange(address, sent)
    assert status(answer) in {400, 415, 422, None}
    assert answer.count(b"HTTP/1.1") <= 1
    assert b" 202 " not in answer


async def test_others_are_served_while_slow_clients_wait(address):
    slow = [
        asyncio.create_task(exchange(address, b"POST /notes HTTP/1.1\r\n", pause_s=0.2))
        for _ in range(100)
    ]
    await asyncio.sleep(0.05)
    began = time.monotonic()
    answer = await exchange(
        address, b"GET /healthz HTTP/1.1\r\nHost: s\r\nConnection: close\r\n\r\n"
    )
    assert status(answer) == 200
    assert time.monotonic() - began < 2
    assert set(await asyncio.gather(*slow)) == {b""}
