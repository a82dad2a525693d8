"""Yardstick of ingest: a raw body, the rows of its mentions in a shared commit, 202, the relay."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from itertools import cycle
from os import urandom
from typing import Any
from uuid import UUID

import asyncpg
import uvicorn
from fastapi import FastAPI, Request, Response
from tests.bench.rows import Recording
from tests.bench.sources import SOURCES
from tests.bench.yardsticks import plain

_MOST = 500
_ANSWER = (
    b'{"mention_id":"%b","complaint_id":"%b","ticket":"BGR-7K2M-4QXA-9","status_url":'
    b'"http://127.0.0.1:20000/lacak/BGR-7K2M-4QXA-9#QzQ1c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0"}'
)
_Written = tuple[int, Sequence[UUID]]


class SharedCommit:
    """Rows of all requests that wait, in one transaction after the other."""

    def __init__(self, connection: asyncpg.Connection, rows: Recording, relay: plain.Relay) -> None:
        self._connection = connection
        self._rows = rows
        self._relay = relay
        self._waiting: list[tuple[Sequence[_Written], asyncio.Future[None]]] = []
        self._woken = asyncio.Event()

    async def write(self, lot: Sequence[_Written]) -> None:
        """Return once `lot` is committed."""
        done = asyncio.get_running_loop().create_future()
        self._waiting.append((lot, done))
        self._woken.set()
        await done

    async def run(self) -> None:
        """Commit for ever."""
        while True:
            await self._woken.wait()
            self._woken.clear()
            while self._waiting:
                # requests that are being read at this moment join, as in the service
                for _ in range(8):
                    await asyncio.sleep(0)
                taken, self._waiting = self._waiting[:_MOST], self._waiting[_MOST:]
                async with self._connection.transaction():
                    await self._rows.write(
                        self._connection, [written for lot, _ in taken for written in lot]
                    )
                self._relay.wake()
                for _, done in taken:
                    done.set_result(None)


def create_app(given: dict[str, Any]) -> FastAPI:
    """Both front doors."""
    turn = cycle(range(len(given["known_as"])))
    state: dict[str, Any] = {}

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        rows = await Recording.read(given["recorded"], SOURCES["ingest"], plain.known_as(given))
        async with plain.Sender(given["kafka"]) as sender, asyncio.TaskGroup() as tasks:
            relay = plain.Relay(
                await plain.connect(given["database"]), sender, plain.headers(given)
            )
            commit = SharedCommit(await plain.connect(given["database"]), rows, relay)
            state.update(rows=rows, commit=commit)
            turning = [tasks.create_task(relay.run()), tasks.create_task(commit.run())]
            if "follow" in given:
                turning.append(tasks.create_task(_follow(given)))
            yield
            for task in turning:
                task.cancel()

    app = FastAPI(lifespan=lifespan)

    def fresh() -> tuple[int, list[UUID]]:
        template = next(turn)
        complaint = plain.complaint_of(template, urandom(14))
        return template, state["rows"].new_ids(template, complaint)

    @app.get("/healthz")
    async def healthz() -> Response:
        return Response()

    @app.post("/v1/mentions")
    async def single(request: Request) -> Response:
        await request.body()
        one = fresh()
        await state["commit"].write([one])
        return Response(_answer(one), 202, media_type="application/json")

    @app.post("/v1/mentions/batch")
    async def batch(request: Request) -> Response:
        body = await request.body()
        results = []
        lines = body.splitlines()
        for start in range(0, len(lines), _MOST):
            lot = [fresh() for _ in lines[start : start + _MOST]]
            await state["commit"].write(lot)
            results += [_answer(one) for one in lot]
        answer = b'{"accepted":%d,"results":[%b],"rejected":[]}' % (
            len(results),
            b",".join(results),
        )
        return Response(answer, 202, media_type="application/json")

    return app


async def _follow(given: dict[str, Any]) -> None:
    """Write what ingest writes when it follows the lifecycle: an inbox row each, a status per lot."""
    connection = await plain.connect(given["database"])
    kafka, topic = given["kafka"], given["follow"]
    async with plain.consumer(kafka, "ingest.yardstick", topic, gathers=True) as consumer:
        offsets = plain.Offsets(consumer)
        while True:
            found = await consumer.getmany(timeout_ms=200)
            keys = [one.key for records in found.values() for one in records]
            if keys:
                await _show(connection, keys)
            await offsets.after(found)


async def _show(connection: asyncpg.Connection, keys: Sequence[bytes]) -> None:
    async with connection.transaction():
        await connection.execute(
            "INSERT INTO inbox (consumer, event_id) SELECT 'ingest.status', unnest($1::uuid[])",
            [UUID(bytes=urandom(16)) for _ in keys],
        )
        await connection.execute(
            "UPDATE public_status s SET seq = 2, status = 'assigned', updated_at = now(),"
            " promised_at = now() FROM unnest($1::uuid[]) AS n(complaint_id)"
            " WHERE s.complaint_id = n.complaint_id",
            [UUID(key.decode()) for key in dict.fromkeys(keys)],
        )


def _answer(one: _Written) -> bytes:
    complaint = str(one[1][0]).encode()
    return _ANSWER % (complaint, complaint)


if __name__ == "__main__":
    told = plain.settings()
    uvicorn.run(
        create_app(told), host="127.0.0.1", port=told["port"], access_log=False, log_level="warning"
    )
