import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from time import monotonic
from urllib.parse import urlsplit, urlunsplit

import pytest

from ingest.store import intake as store

pytestmark = pytest.mark.stack

POST = {"channel": "x", "account": "kotabogor", "text": "Air tidak mengalir"}
#: what a caller may have to wait until it is told to come again
PATIENCE_S = 3.0


class Gate:
    """A way to the database that can be shut, or fall silent."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._open = True
        self._flows = asyncio.Event()
        self._flows.set()
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> int:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        self.flow()
        self.shut()
        self._server.close()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def shut(self) -> None:
        """As if the server had been stopped: connections break, new ones are refused."""
        self._open = False
        for writer in self._writers:
            writer.transport.abort()

    def reopen(self) -> None:
        self._open = True

    def hold(self) -> None:
        """As if the server hung: connections stand, nothing comes back."""
        self._flows.clear()

    def flow(self) -> None:
        self._flows.set()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self._open:
            writer.transport.abort()
            return
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        inner_reader, inner_writer = await asyncio.open_connection(*self._target)
        self._writers |= {writer, inner_writer}
        with suppress(OSError):
            await asyncio.gather(
                self._pump(reader, inner_writer), self._pump(inner_reader, writer, held=True)
            )
        for end in (writer, inner_writer):
            self._writers.discard(end)
            end.transport.abort()
        self._tasks.discard(task)

    async def _pump(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, *, held: bool = False
    ) -> None:
        while data := await source.read(65_536):
            if held:
                await self._flows.wait()
            sink.write(data)
            await sink.drain()
        sink.transport.abort()


@pytest.fixture
async def gate(database: str) -> AsyncIterator[tuple[Gate, str]]:
    parts = urlsplit(database)
    gate = Gate(parts.hostname or "", parts.port or 0)
    port = await gate.start()
    netloc = f"{parts.username}:{parts.password}@127.0.0.1:{port}"
    yield gate, urlunsplit((parts.scheme, netloc, parts.path, "", ""))
    await gate.stop()


def mention(number: int) -> dict[str, str]:
    return POST | {"external_id": str(number)}


async def refused_in_time(ingest, number: int) -> None:
    started = monotonic()
    answer = await ingest.post(mention(number))
    assert answer.status_code == 503, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["retry-after"]
    assert monotonic() - started < PATIENCE_S


async def accepted_soon(ingest, number: int):
    async with asyncio.timeout(10):
        while (answer := await ingest.post(mention(number))).status_code != 202:
            assert answer.status_code == 503
            await asyncio.sleep(0.05)
    return answer


async def test_a_stopped_database_is_a_503_and_a_retry_after_it_is_back_is_kept_once(gate, start):
    way, url = gate
    async with start(LINTAS_DATABASE_URL=url) as ingest:
        assert (await ingest.post(mention(1))).status_code == 202
        way.shut()
        await refused_in_time(ingest, 2)
        assert (await ingest.http.get("/readyz")).status_code == 503
        assert (await ingest.http.get("/healthz")).status_code == 200
        way.reopen()
        await accepted_soon(ingest, 2)
        assert (await ingest.count("complaint"), await ingest.count("outbox")) == (2, 2)


async def test_a_hung_database_is_a_503_within_three_seconds(gate, start):
    way, url = gate
    async with start(LINTAS_DATABASE_URL=url) as ingest:
        assert (await ingest.post(mention(1))).status_code == 202
        way.hold()
        await asyncio.gather(*[refused_in_time(ingest, number) for number in range(2, 12)])
        await refused_in_time(ingest, 12)
        way.flow()
        await accepted_soon(ingest, 2)


async def test_when_the_answer_of_a_commit_is_lost_the_retry_finds_what_was_kept(
    gate, start, monkeypatch
):
    way, url = gate
    async with start(LINTAS_DATABASE_URL=url) as ingest:
        write = store.write

        async def cut_before_commit(*everything):
            await write(*everything)
            way.hold()

        with monkeypatch.context() as patch:
            patch.setattr(store, "write", cut_before_commit)
            assert (await ingest.post(mention(1))).status_code == 503
        way.flow()
        answer = await accepted_soon(ingest, 1)
        assert (await ingest.count("complaint"), await ingest.count("outbox")) == (1, 1)
        [event] = await ingest.events()
        assert event["complaint_id"] == answer.json()["complaint_id"]


async def test_a_full_outbox_is_a_503_until_it_has_room(database, start):
    async with start(LINTAS_OUTBOX_BOUND="3") as ingest:
        for number in range(3):
            assert (await ingest.post(mention(number))).status_code == 202
        await refused_in_time(ingest, 3)
        batch = await ingest.batch([mention(4)])
        assert batch.status_code == 503
        assert (await ingest.http.get("/readyz")).json()["probes"]["outbox"]["ok"] is False
        await ingest.database.execute("UPDATE outbox SET published_at = now()")
        await accepted_soon(ingest, 3)


async def test_with_kafka_away_it_goes_on_accepting(ingest):
    answers = await asyncio.gather(*[ingest.post(mention(number)) for number in range(30)])
    assert {answer.status_code for answer in answers} == {202}
    assert (await ingest.http.get("/readyz")).status_code == 200


async def test_one_mention_the_database_cannot_take_fails_alone(ingest, monkeypatch):
    # a bug made for the test: a ticket the table refuses
    preparing = ingest.app.state.deps.commit._accept.__self__._preparing
    complaint = preparing._complaint

    def broken(city, first, key, sealed):
        new = complaint(city, first, key, sealed)
        if first.arrival.said.external_id == "5":
            object.__setattr__(new, "client", None)
        return new

    monkeypatch.setattr(preparing, "_complaint", broken)
    answers = await asyncio.gather(*[ingest.post(mention(number)) for number in range(10)])
    statuses = [answer.status_code for answer in answers]
    assert statuses == [202, 202, 202, 202, 202, 500, 202, 202, 202, 202]
    assert await ingest.count("complaint") == 9
