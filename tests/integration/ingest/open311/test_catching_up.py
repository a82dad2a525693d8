"""Complaints that were followed before there was a list come into it from the log."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from ingest.consumer import CatchUpLoop
from ingest.usecases.open311 import catching_up
from lintas.contracts.codec import encode
from lintas.contracts.events import Event, complaints, statements
from lintas.contracts.events.complaints import LifecycleEvent
from lintas.contracts.records import Record
from lintas.contracts.topics import COMPLAINTS, STATEMENTS
from lintas.messaging.producer import KafkaProducer
from lintas.vocabulary.terms import MentionClass, Purpose, StatementKind

pytestmark = pytest.mark.stack

C = complaints
REGISTERED, ASSIGNED, ACCEPTED = C.ComplaintRegistered, C.ComplaintAssigned, C.AssignmentAccepted
TABLES = ("open311_request", "open311_update")


class Log:
    """The two topics, a few records a part; somebody may act between two parts."""

    def __init__(
        self, events: list[Event], *, between: Callable[[], Awaitable[None]] | None = None
    ) -> None:
        self._events, self._read, self._between = events, 0, between

    async def parts(self) -> AsyncIterator[Sequence[Record]]:
        # up to its end as it is now
        end = len(self._events)
        while self._read < end:
            part = self._events[self._read : min(self._read + 3, end)]
            self._read += len(part)
            yield [record(event) for event in part]
            if self._between is not None:
                between, self._between = self._between, None
                await between()

    async def stop(self) -> None:
        """Nothing is held."""


def topic_of(event: Event) -> str:
    return COMPLAINTS if isinstance(event, LifecycleEvent) else STATEMENTS


def record(event: Event) -> Record:
    out = encode(event, topic_of(event), "agency-gateway")
    return Record(out.topic, 0, 0, 0, out.key, out.value, out.headers)


async def heard(city: Any, number: int, **more: Any) -> str:
    """The ticket of a complaint that came in by another door."""
    answer = await city.http.post(
        "/v1/mentions",
        json={"channel": "x", "external_id": str(number), "text": f"Laporan {number}"} | more,
        headers={"Authorization": f"Bearer {city.key}"},
    )
    return str(answer.json()["ticket"])


def answer(kind: Any, statement: UUID, complaint_ids: tuple[UUID, ...], version: int, **f: Any):
    return kind(
        event_id=uuid4(),
        occurred_at=datetime.now(UTC),
        recorded_at=datetime.now(UTC),
        statement_id=statement,
        version=version,
        kind=StatementKind.ANSWER,
        purpose=Purpose.LISTENING,
        agency="dpupr",
        complaint_ids=complaint_ids,
        sha256="0" * 64,
        **f,
    )


async def past(city: Any) -> None:
    """Complaints of every kind, and what became of them."""
    tickets = [await heard(city, number) for number in range(6)]
    secret = await heard(city, 6, anonymity="secret")
    first, second, own, thanks, untold, _not_yet = tickets
    await city.told(first, REGISTERED, C.ComplaintTriaged, ASSIGNED, ACCEPTED)
    await city.told(second, (REGISTERED, {"category": "garbage"}), ASSIGNED, ACCEPTED)
    await city.told(second, C.ComplaintClosed, (C.ComplaintReopened, {"reason": "not_solved"}))
    await city.told(own, (REGISTERED, {"mention_class": MentionClass.OWN_POST}), C.NoActionNeeded)
    await city.told(thanks, (REGISTERED, {"mention_class": MentionClass.OTHER}))
    await city.told(secret, REGISTERED, ASSIGNED)
    await city.told(untold, REGISTERED)
    ids = await city.database.fetch(
        "SELECT complaint_id FROM complaint WHERE ticket = ANY($1)", [first, second]
    )
    both = tuple(row["complaint_id"] for row in ids)
    kept, gone = uuid4(), uuid4()
    published, corrected = statements.StatementPublished, statements.StatementCorrected
    await city.tell(
        answer(published, kept, both, 1, text="Besok."),
        answer(published, gone, both[:1], 1, text="Keliru."),
        answer(corrected, kept, both, 2, text="Lusa.", corrects=1),
        answer(statements.StatementRetracted, gone, both[:1], 1, reason="wrong"),
    )


async def listed(city: Any) -> list[list[Any]]:
    """All that the list is made of."""
    return [
        [tuple(row) for row in await city.database.fetch(f"SELECT * FROM {table} ORDER BY 1")]
        for table in TABLES
    ]


async def forgotten(city: Any) -> list[list[Any]]:
    """What was listed, after the database is as it was before the list."""
    before = await listed(city)
    assert before[0]
    await city.database.execute("DELETE FROM open311_request")
    return before


def loop(city: Any, log: Log) -> CatchUpLoop:
    return CatchUpLoop(city.app.state.deps, lambda: log)


async def test_they_are_listed_exactly_as_if_they_had_been_followed(city, monkeypatch):
    monkeypatch.setattr(catching_up, "_LOT", 2)
    await past(city)
    before = await forgotten(city)
    # a record may stand in the log twice
    twice = [event for event in city.history for _ in range(2)]
    assert await loop(city, Log(twice)).run_once()
    assert await listed(city) == before
    assert not await loop(city, Log(twice)).run_once()
    assert len(await city.both("requests")) == 3


async def test_a_few_at_a_time_come_in_until_none_is_left(city, monkeypatch):
    monkeypatch.setattr(catching_up, "_AT_ONCE", 2)
    await past(city)
    before = await forgotten(city)
    turns = 0
    while await loop(city, Log(city.history)).run_once():
        turns += 1
    assert turns == 3
    assert await listed(city) == before


async def test_what_moves_meanwhile_is_listed_by_the_next_turn(city):
    ticket = await heard(city, 1)
    still = await heard(city, 2)
    for one in (ticket, still):
        await city.told(one, REGISTERED, ASSIGNED)
    await forgotten(city)
    earlier = [*city.history]

    async def accept() -> None:
        await city.told(ticket, ACCEPTED)

    assert await loop(city, Log(earlier, between=accept)).run_once()
    assert [one["service_request_id"] for one in await city.both("requests")] == [still]
    assert await loop(city, Log(city.history)).run_once()
    requests = await city.both("requests", extensions="true")
    words = {one["service_request_id"]: [note["type"] for note in one["notes"]] for one in requests}
    assert words == {ticket: ["investigating", "in_progress"], still: ["investigating"]}
    await city.told(ticket, C.ComplaintClosed)
    assert (await city.both(f"requests/{ticket}"))[0]["status"] == "closed"


async def test_an_answer_published_meanwhile_is_told(city):
    ticket = await heard(city, 1)
    await city.told(ticket, REGISTERED)
    await forgotten(city)
    complaint = await city.database.fetchval("SELECT complaint_id FROM complaint")
    late = answer(statements.StatementPublished, uuid4(), (complaint,), 1, text="Besok.")

    async def publish() -> None:
        # followed while the request is not there yet, so it finds no place
        await city.tell(late)

    assert await loop(city, Log(city.history, between=publish)).run_once()
    [update] = await city.both("servicerequestupdates")
    assert update["description"].startswith("Besok.")


async def test_one_whose_story_has_a_gap_stays_away(city):
    whole, broken = await heard(city, 1), await heard(city, 2)
    for one in (whole, broken):
        await city.told(one, REGISTERED, ASSIGNED, ACCEPTED)
    await forgotten(city)
    lacking = [event for event in city.history if event is not city.history[4]]
    assert await loop(city, Log(lacking)).run_once()
    assert [one["service_request_id"] for one in await city.both("requests")] == [whole]
    assert not await loop(city, Log(lacking)).run_once()


async def test_a_start_with_kafka_catches_up_by_itself(stack, learned, until):
    async with learned() as city:
        await past(city)
        before = await forgotten(city)
    producer = KafkaProducer(stack.kafka, "tests")
    await producer.send(
        [encode(event, topic_of(event), "agency-gateway") for event in city.history]
    )
    await producer.stop()
    async with learned(LINTAS_KAFKA=stack.kafka) as again:

        async def is_back() -> bool:
            return await listed(again) == before

        await until(is_back)
        assert len((await again.get("requests")).json()) == 3
