"""What bounds a request: its size, its time, and what hangs behind it."""

import asyncio
import json
from typing import Annotated

import pytest
from fastapi import APIRouter, Form, Request
from starlette.responses import Response, StreamingResponse
from tests.unit.lintas.sample import client_of, service

from lintas.web import BodyLimits, allow, public


def sized_service(**limits):
    router = APIRouter(dependencies=[allow(public)])

    @router.post("/small")
    @router.post("/batch")
    @router.post("/files/{name}")
    async def size(request: Request) -> int:
        return len(await request.body())

    @router.post("/form")
    async def form(text: Annotated[str, Form()]) -> int:
        return len(text)

    return service(router, limits=BodyLimits(**limits))


async def chunks(number, size):
    for _ in range(number):
        yield b"a" * size


@pytest.mark.parametrize(
    ("path", "content", "status"),
    [
        pytest.param("/small", b"a" * 1000, 200, id="at-the-limit"),
        pytest.param("/small", b"a" * 1001, 413, id="above"),
        pytest.param("/small", (10, 100), 200, id="chunks-at-the-limit"),
        pytest.param("/small", (11, 100), 413, id="chunks-above"),
        pytest.param("/batch", b"a" * 8000, 200, id="larger"),
        pytest.param("/batch", b"a" * 8001, 413, id="above-larger"),
        pytest.param("/files/x", (60, 100), 200, id="larger-below"),
        pytest.param("/nowhere", b"a" * 1001, 413, id="unknown-address"),
        pytest.param("/form", (11, 100), 413, id="form"),
    ],
)
async def test_a_body_is_bounded_declared_or_not(path, content, status):
    app = sized_service(default=1000, larger={"/batch": 8000, "/files/": 6000})
    sent = chunks(*content) if isinstance(content, tuple) else content
    headers = {"content-type": "application/x-www-form-urlencoded"} if path == "/form" else {}
    async with client_of(app) as client:
        answer = await client.post(path, content=sent, headers=headers)
    assert answer.status_code == status
    if status == 413:
        assert answer.json()["type"] == "/problems/too-large"
        assert answer.headers["connection"] == "close"


def hanging_service(ended: list[str]):
    router = APIRouter(dependencies=[allow(public)])

    @router.post("/one")
    async def one(request: Request) -> None:
        await request.body()
        try:
            await asyncio.Event().wait()
        finally:
            # what keeps a request also keeps its end
            await asyncio.sleep(0.2)
            ended.append("request")

    @router.post("/sets")
    async def sets() -> str:
        await asyncio.sleep(0.3)
        return "in its own time"

    @router.get("/stream")
    async def stream() -> StreamingResponse:
        async def slowly():
            for _ in range(4):
                yield b"tick"
                await asyncio.sleep(0.05)

        return StreamingResponse(slowly())

    return service(router, limits=BodyLimits(larger={"/sets": 8000}), answer_within_s=0.1)


async def test_whatever_hangs_whoever_asks_is_told_in_time():
    ended: list[str] = []
    async with client_of(hanging_service(ended)) as client:
        answer = await client.post("/one", content=b"{}")
        assert answer.status_code == 503
        assert answer.headers["retry-after"]
        assert answer.json()["type"] == "/problems/unavailable"
        assert ended == []
        # it is ended all the same
        async with asyncio.timeout(5):
            while not ended:  # noqa: ASYNC110  # nobody else is told
                await asyncio.sleep(0.01)


async def test_a_stream_that_has_begun_and_an_address_of_sets_take_their_time():
    async with client_of(hanging_service([])) as client:
        assert (await client.get("/stream")).text == "tick" * 4
        assert (await client.post("/sets", content=b"{}")).json() == "in its own time"


async def test_a_body_that_comes_slowly_does_not_count_as_an_answer_that_does():
    async def slow_body():
        for _ in range(4):
            await asyncio.sleep(0.05)
            yield b"a"

    router = APIRouter(dependencies=[allow(public)])

    @router.post("/echo")
    async def echo(request: Request) -> Response:
        return Response(await request.body())

    async with client_of(service(router, answer_within_s=0.1)) as client:
        answer = await client.post("/echo", content=slow_body())
    assert answer.content == b"aaaa"


async def test_head_of_a_stream_without_end_ends():
    router = APIRouter(dependencies=[allow(public)])

    async def endless():
        while True:
            yield b"tick"
            await asyncio.sleep(0)

    @router.get("/stream")
    async def stream() -> StreamingResponse:
        return StreamingResponse(endless())

    answer = []

    async def receive():
        while not (answer and not answer[-1].get("more_body", True)):  # noqa: ASYNC110  # as a server does
            await asyncio.sleep(0)
        return {"type": "http.disconnect"}

    async def send(message):
        answer.append(message)

    scope = {
        "type": "http",
        "method": "HEAD",
        "path": "/stream",
        "query_string": b"",
        "headers": [],
    }
    async with asyncio.timeout(2):
        await service(router)(scope, receive, send)
    assert [message["type"] for message in answer] == ["http.response.start", "http.response.body"]
    assert answer[1]["body"] == b""


@pytest.mark.parametrize("length", ["", "-1", "1 2", "x", "9" * 5000, "\u0663"])
async def test_an_odd_content_length_is_refused(length):
    async with client_of(service()) as client:
        answer = await client.post("/healthz", headers={"content-length": length.encode()})
    assert answer.status_code == 400


async def test_a_body_that_does_not_arrive_is_408():
    arriving = [{"type": "http.request", "body": b"{", "more_body": True}]
    answer = []

    async def receive():
        return arriving.pop() if arriving else await asyncio.Event().wait()

    async def send(message):
        answer.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/small",
        "query_string": b"",
        "headers": [],
    }
    await sized_service(patience_s=0.05)(scope, receive, send)
    assert answer[0]["status"] == 408
    assert json.loads(answer[1]["body"])["type"] == "/problems/slow-body"
