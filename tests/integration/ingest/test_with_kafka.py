import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from ingest.app import migrate
from ingest.domain.heard import Edited, Heard, Posted, Withdrawn
from ingest.domain.mentions import Author, Said
from lintas.contracts.codec import decode, encode
from lintas.contracts.events import Event
from lintas.contracts.events.complaints import ComplaintClosed, ComplaintRegistered
from lintas.contracts.events.mentions import (
    MentionEdited,
    MentionFollowedUp,
    MentionReceived,
    MentionWithdrawn,
)
from lintas.contracts.events.reference import DirectoryPublished
from lintas.contracts.records import OutRecord, Record
from lintas.contracts.topics import COMPLAINTS, DIRECTORY, MENTIONS
from lintas.database.engine import create_engine
from lintas.database.outbox import SqlOutbox
from lintas.messaging.ports import SendFailed
from lintas.messaging.producer import KafkaProducer
from lintas.messaging.reader import read_to_end
from lintas.messaging.relay import Relay
from lintas.vocabulary.errors import Unavailable
from lintas.vocabulary.ids import NAMESPACE, derived_id
from lintas.vocabulary.terms import MentionClass

pytestmark = pytest.mark.stack

#: before anything another test may publish, so that theirs is in force for them
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
POST = {"channel": "x", "account": "kotabogor", "text": "Sampah menumpuk di pasar"}


class Away:
    """A broker that acknowledges nothing."""

    async def send(self, records: Sequence[OutRecord]) -> None:
        raise SendFailed("away")


async def published(stack, complaints: set[str]) -> list[tuple[Record, Event]]:
    found = [
        (record, decode(record))
        for record in await read_to_end(stack.kafka, "tests", [MENTIONS])
        if (record.key or b"").decode() in complaints
    ]
    return sorted(found, key=lambda pair: (pair[0].partition, pair[0].offset))


async def publish(stack, topic: str, *events: Event) -> None:
    producer = KafkaProducer(stack.kafka, "tests")
    await producer.send([encode(event, topic, "agency-gateway") for event in events])
    await producer.stop()


def city(version: str) -> DirectoryPublished:
    return DirectoryPublished(
        event_id=derived_id(NAMESPACE, "city", version),
        occurred_at=LONG_AGO,
        recorded_at=LONG_AGO,
        kind="city",
        id="ingest-test",
        version=version,
        effective_from=LONG_AGO,
        known_from=LONG_AGO,
        body={"ticket_prefix": "TST", "zone": "Asia/Jakarta", "own_accounts": []},
    )


def life(complaint: str) -> list[Event]:
    common = {
        "complaint_id": UUID(complaint),
        "occurred_at": datetime.now(UTC),
        "recorded_at": datetime.now(UTC),
        "previous_hash": "0" * 64,
        "hash": "0" * 64,
    }
    return [
        ComplaintRegistered(
            event_id=derived_id(UUID(complaint), "life", 1),
            seq=1,
            ticket="TST-2222-2222-2",
            mention_id=uuid4(),
            channel="x",
            account="kotabogor",
            mention_class=MentionClass.COMPLAINT,
            received_at=LONG_AGO,
            rules_version="1",
            text_commitment="0" * 64,
            **common,
        ),
        ComplaintClosed(event_id=derived_id(UUID(complaint), "life", 2), seq=2, **common),
    ]


async def is_ready(ingest) -> bool:
    return (await ingest.http.get("/readyz")).status_code == 200


async def is_drained(ingest) -> bool:
    waiting = "SELECT count(*) FROM outbox WHERE published_at IS NULL"
    return await ingest.database.fetchval(waiting) == 0


async def is_closed(ingest, ticket: str) -> bool:
    shown = await ingest.http.get(f"/v1/complaints/{ticket}")
    return shown.json()["status"] == "closed"


async def test_from_a_published_city_to_a_closed_complaint(
    stack, empty_database, environ, start, until
):
    await migrate(environ | {"LINTAS_DATABASE_OWNER_URL": empty_database})
    await publish(stack, DIRECTORY, city("1"))
    async with start(LINTAS_KAFKA=stack.kafka) as ingest:
        await until(lambda: is_ready(ingest))
        answers = await asyncio.gather(
            *[ingest.post(POST | {"external_id": str(n)}) for n in range(40)],
            ingest.post(POST | {"external_id": "0"}),
        )
        complaints = {answer.json()["complaint_id"] for answer in answers}
        assert len(complaints) == 40
        await until(lambda: is_drained(ingest))
        said = await published(stack, complaints)
        assert len(said) == len({event.event_id for _, event in said}) == 40
        assert all(isinstance(event, MentionReceived) for _, event in said)

        one = answers[0].json()
        await publish(stack, COMPLAINTS, *life(one["complaint_id"]))
        await until(lambda: is_closed(ingest, one["ticket"]))
    # the next start knows its city before Kafka says a word
    async with start(LINTAS_KAFKA="127.0.0.1:9") as ingest:
        assert (await ingest.post(POST | {"external_id": "41"})).status_code == 202


async def test_what_was_committed_before_a_crash_is_published_once_after_it(stack, database, start):
    complaints = []
    async with start() as ingest:  # Kafka is away: commits, no relay
        for number in range(20):
            answer = await ingest.post(POST | {"external_id": f"crash-{number}"})
            complaints.append(answer.json()["complaint_id"])
    engine = create_engine(database, application="tests")
    outbox = SqlOutbox(engine)
    with pytest.raises(SendFailed):
        await Relay(outbox, Away(), limit=7).run_once()
    producer = KafkaProducer(stack.kafka, "tests")
    relay = Relay(outbox, producer, limit=7)
    lots = [await relay.run_once() for _ in range(4)]
    assert lots == [7, 7, 6, 0]
    # a crash between acknowledgement and mark: the same records again, under the same ids
    async with engine.begin() as connection:
        await connection.exec_driver_sql(
            "UPDATE outbox SET published_at = NULL WHERE id = (SELECT max(id) FROM outbox)"
        )
    assert await relay.run_once() == 1
    await relay.stop()
    await producer.stop()
    await engine.dispose()
    said = await published(stack, set(complaints))
    assert len(said) == 21
    assert len({event.event_id for _, event in said}) == 20
    # in each partition they stand as they were accepted
    for partition in {record.partition for record, _ in said}:
        there = [str(event.key) for record, event in said if record.partition == partition]
        assert list(dict.fromkeys(there)) == [one for one in complaints if one in there]


async def test_what_channels_tell_reaches_kafka_in_order_for_each_complaint(
    stack, database, start, until
):
    async with start(LINTAS_KAFKA=stack.kafka) as ingest:

        async def told(number: int) -> str:
            said = Said("x", f"k{database[-8:]}", "Lampu mati", str(number), author=Author("siti"))
            more = [
                replace(said, external_id=f"{number}-{n}", in_reply_to=str(number))
                for n in range(3)
            ]
            [first] = await hear(ingest, Posted(said))
            await asyncio.gather(*(hear(ingest, Posted(one)) for one in [*more, *more]))
            await asyncio.gather(
                *(
                    hear(ingest, Edited(replace(said, revision=str(n), text=f"Mati {n}")))
                    for n in range(1, 4)
                )
            )
            await hear(ingest, Withdrawn("x", said.account, str(number)))
            return str(first.complaint_id)

        complaints = await asyncio.gather(*(told(number) for number in range(12)))
        await until(lambda: is_drained(ingest))
    by_complaint: dict[str, list[Event]] = {}
    for record, event in await published(stack, set(complaints)):
        by_complaint.setdefault((record.key or b"").decode(), []).append(event)
    assert len(by_complaint) == 12
    for events in by_complaint.values():
        assert [type(event) for event in events[:4]] == [MentionReceived, *[MentionFollowedUp] * 3]
        edits = [event for event in events if isinstance(event, MentionEdited)]
        revisions = [event.mention.revision for event in edits]
        assert revisions == sorted(revisions)
        assert revisions[-1] == "3"
        assert isinstance(events[-1], MentionWithdrawn)
        assert len(events) == len({event.event_id for event in events}) == 5 + len(edits)


async def hear(ingest, one: Heard):
    """As a platform does: what was refused for want of time is told again."""
    while True:
        try:
            return await ingest.app.state.deps.hearing.hear(
                [one], client="webhooks", received_at=datetime.now(UTC), traceparent="trace"
            )
        except Unavailable:
            await asyncio.sleep(0.05)
