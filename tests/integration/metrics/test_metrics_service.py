import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from metrics_lives import NOON, Life, office, varied

from lintas.contracts.codec import encode
from lintas.contracts.events import Event
from lintas.contracts.events.complaints import LifecycleEvent
from lintas.contracts.records import OutRecord, Record
from lintas.contracts.topics import COMPLAINTS, DIRECTORY, quarantine_topic
from lintas.messaging.producer import KafkaProducer
from lintas.messaging.reader import read_to_end
from lintas_local.stack import Stack
from metrics.app import create_app

pytestmark = pytest.mark.stack
AS_OF = (NOON + timedelta(days=30)).isoformat().replace("+00:00", "Z")


@dataclass
class Metrics:
    """A running service."""

    http: httpx2.AsyncClient
    operator: dict[str, str]
    #: nobody else's complaints come by it
    channel: str

    async def counts(self) -> dict[str, Any]:
        (row,) = (await self.ask(metric="counts"))["kpis"]
        return row

    async def ask(self, **query: str) -> dict[str, Any]:
        return (await self.http.get("/v1/kpis", params=self._query(query))).json()

    async def figures(self, **query: str) -> bytes:
        """A report without the positions, which other tests' records move."""
        body = (await self.http.get("/v1/kpis", params=self._query(query))).content
        return body.partition(b'"positions"')[0] + body.partition(b'"calendars"')[2]

    async def complete_to(self) -> str:
        """The moment up to which figures are complete."""
        return (await self.http.get("/v1/kpis", params={"metric": "counts"})).json()["as_of"]

    def _query(self, query: dict[str, str]) -> dict[str, str]:
        return {"channel": self.channel, "as_of": AS_OF, **query}


@asynccontextmanager
async def running(stack: Stack, database: str, channel: str) -> AsyncIterator[Metrics]:
    app = create_app({**stack.environ("metrics"), "LINTAS_DATABASE_URL": database})
    transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx2.AsyncClient(transport=transport, base_url="http://metrics") as http,
    ):
        yield Metrics(http, {"Authorization": f"Bearer {stack.key('operator')}"}, channel)


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(60):
        while not await condition():  # noqa: ASYNC110  # Kafka and PostgreSQL tell nobody
            await asyncio.sleep(0.05)


@pytest.fixture
def channel() -> str:
    return f"test-{uuid4().hex}"


@pytest.fixture
def lives(channel: str) -> list[Life]:
    """Complaints of ids that no other test uses."""
    first = uuid4().int % 10**9
    told = varied(24)
    for life in told:
        number = first + life.number
        renamed = Life(number, life.received_at)
        for event in life.events:
            changes: dict[str, Any] = {
                "complaint_id": renamed.complaint_id,
                "event_id": uuid4(),
            }
            if hasattr(event, "channel"):
                changes["channel"] = channel
            if hasattr(event, "assignment_id"):
                changes["assignment_id"] = renamed.share(event.agency)
            renamed.events.append(event.model_copy(update=changes))
        life.number, life.events = number, renamed.events
    return told


@pytest.fixture
async def publish(stack: Stack) -> AsyncIterator[Callable[[Iterable[Event]], Awaitable[None]]]:
    producer = KafkaProducer(stack.kafka, "test")

    async def send(events: Iterable[Event]) -> None:
        await producer.send(
            [
                encode(
                    event,
                    COMPLAINTS if isinstance(event, LifecycleEvent) else DIRECTORY,
                    "agency-gateway",
                )
                for event in events
            ]
        )

    yield send
    await producer.stop()


def of(lives: list[Life]) -> list[Event]:
    return [event for life in lives for event in life.events]


async def test_facts_become_figures_once_however_often_they_come(
    stack: Stack, database: str, channel: str, lives: list[Life], publish: Any
):
    async with running(stack, database, channel) as metrics:
        await publish([office(), *of(lives)])

        async def all_there() -> bool:
            return (await metrics.counts())["registered"] == 24

        await until(all_there)

        async def all_folded() -> bool:
            return (await metrics.counts())["closed"] == 3

        await until(all_folded)
        before = await metrics.figures()
        place = sum(one["next"] for one in (await metrics.ask())["positions"])
        await publish(of(lives))

        async def read_again() -> bool:
            positions = (await metrics.ask())["positions"]
            return sum(one["next"] for one in positions) >= place + len(of(lives))

        await until(read_again)
        assert await metrics.figures() == before
        counts = await metrics.counts()
        assert counts["registered"] == counts["routed"] + counts["triage"] + counts["no_action"]


async def test_a_restarted_service_goes_on_where_it_stood(
    stack: Stack, database: str, channel: str, lives: list[Life], publish: Any
):
    early, late = of(lives[:12]), of(lives[12:])
    async with running(stack, database, channel) as metrics:
        await publish([office(), *early])

        async def half() -> bool:
            return (await metrics.counts())["registered"] == 12

        await until(half)
    await publish(late)
    async with running(stack, database, channel) as metrics:

        async def whole() -> bool:
            return (await metrics.counts())["registered"] == 24

        await until(whole)


async def test_a_rebuild_gives_the_same_bytes_and_the_fold_goes_on(
    stack: Stack, database: str, channel: str, lives: list[Life], publish: Any
):
    async with running(stack, database, channel) as metrics:
        await publish([office(), *of(lives[:16])])

        async def folded() -> bool:
            # every fact of ours from every partition, and the calendar they are counted in
            facts = await metrics.http.get("/v1/facts.csv", headers=metrics.operator)
            whole = facts.text.count(f",{channel},") == len(of(lives[:16]))
            return whole and b':[{"id":"office"' in await metrics.figures(group_by="agency")

        await until(folded)
        before = await metrics.figures(group_by="agency")
        asked = await metrics.http.post(
            "/v1/rebuilds", headers=metrics.operator | {"Idempotency-Key": '"again"'}
        )
        address = asked.headers["location"]

        async def done() -> bool:
            body = (await metrics.http.get(address, headers=metrics.operator)).json()
            return body["state"] == "done"

        await until(done)
        assert await metrics.figures(group_by="agency") == before
        # the reader has moved to the new generation, although nothing new was written
        shown = await metrics.complete_to()

        async def moves_on() -> bool:
            return await metrics.complete_to() > shown

        await until(moves_on)
        body = (await metrics.http.get(address, headers=metrics.operator)).json()
        assert body["facts"] >= len(of(lives[:16]))
        await publish(of(lives[16:]))

        async def went_on() -> bool:
            return (await metrics.counts())["registered"] == 24

        await until(went_on)


async def test_a_record_nobody_can_read_waits_in_quarantine_and_holds_nothing_up(
    stack: Stack, database: str, channel: str, lives: list[Life], publish: Any
):
    producer = KafkaProducer(stack.kafka, "test")
    marker = uuid4().hex.encode()
    headers = (("ce_type", b"lintas.complaint.registered.v1"),)
    await producer.send([OutRecord(COMPLAINTS, marker, b"not json", headers)])
    await producer.stop()
    await publish(of(lives))
    async with running(stack, database, channel) as metrics:

        async def folded() -> bool:
            return (await metrics.counts())["registered"] == 24

        await until(folded)

        async def aside() -> bool:
            found: list[Record] = await read_to_end(
                stack.kafka, "test", [quarantine_topic("metrics")]
            )
            return marker in {record.key for record in found}

        await until(aside)


async def test_figures_are_complete_up_to_a_moment_that_moves_on_by_itself(
    stack: Stack, database: str, channel: str, lives: list[Life], publish: Any
):
    await publish(of(lives))
    async with running(stack, database, channel) as metrics:

        async def ready() -> bool:
            return (await metrics.http.get("/readyz")).status_code == 200

        await until(ready)
        first = await metrics.complete_to()

        async def later() -> bool:
            return await metrics.complete_to() > first

        await until(later)
