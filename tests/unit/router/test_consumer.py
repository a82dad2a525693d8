from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import orjson
import pytest

from lintas.contracts.codec import decode, encode
from lintas.contracts.events import Event
from lintas.contracts.events.mentions import (
    FeedbackGiven,
    MentionEdited,
    MentionErased,
    MentionFollowedUp,
    MentionReceived,
    MentionWithdrawn,
)
from lintas.contracts.events.reference import DirectoryPublished, RulesetPublished
from lintas.contracts.events.routing import ComplaintRouted, MentionForwarded, Outcome
from lintas.contracts.records import OutRecord, Record
from lintas.contracts.topics import MENTIONS, ROUTING, RULES, quarantine_topic
from lintas.messaging.quarantine import Quarantine
from lintas.messaging.runner import Runner
from lintas.telemetry import metric_value
from lintas.testing.broker import MemoryBroker, MemoryConsumer, MemoryProducer
from lintas.testing.builders import NOON, complaint_id, mention, mention_received
from lintas.testing.memory import MemoryParking
from lintas.vocabulary.ids import NAMESPACE, derived_id
from router.consumer import GROUP, Deps, decider
from router.usecases.following import Rules

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


class Bench:
    """The router's consumer on a broker in memory."""

    def __init__(self, document: dict[str, object] | None) -> None:
        self.broker = MemoryBroker()
        for topic, partitions in ((MENTIONS, 6), (ROUTING, 6), (RULES, 1)):
            self.broker.create(topic, partitions)
        self.broker.create(quarantine_topic("router"))
        self.producer = MemoryProducer(self.broker)
        self.parking = MemoryParking()
        self.client: MemoryConsumer | None = None
        self.now_ms = 10**13
        self.rules = Rules(self._read, notice=timedelta(seconds=5), clock_ms=lambda: self.now_ms)
        if document:
            self.publish(document, LONG_AGO)

    def publish(self, document: dict[str, object], effective_at: datetime) -> None:
        version = str(document["version"])
        event = RulesetPublished(
            event_id=derived_id(NAMESPACE, "ruleset", version),
            occurred_at=LONG_AGO,
            recorded_at=LONG_AGO,
            version=version,
            effective_at=effective_at,
            ruleset=document,
        )
        self.broker.append(encode(event, RULES, "router"))

    async def _read(self) -> Sequence[Record]:
        return self.broker.records(RULES)

    async def send(self, *events: Event) -> None:
        await self.producer.send([encode(event, MENTIONS, "ingest") for event in events])

    async def runner(self) -> Runner:
        """The router's consumer, started anew."""
        if self.client:
            await self.client.stop()
        self.client = client = MemoryConsumer(self.broker, GROUP, [MENTIONS])
        await client.start()
        return Runner(
            client,
            decider(Deps(self.rules, self.producer)),
            group=GROUP,
            aside=Quarantine(self.producer, "router", lambda value: value[::-1]),
            parking=self.parking,
            now=lambda: 0.0,
        )

    def answers(self) -> list[Event]:
        return [decode(record) for record in self.broker.records(ROUTING)]

    def committed(self) -> int:
        return sum(self.broker.committed.values())


@pytest.fixture
async def bench(rule, document) -> Bench:
    road = rule("road", "jalan berlubang", category="road_damage", lead="dpupr")
    bench = Bench(document(road))
    await bench.rules.refresh()
    return bench


async def test_a_mention_is_answered_with_its_decision_under_the_same_key(bench):
    received = mention_received(1)
    await bench.send(received)
    assert await (await bench.runner()).run_once() == 1
    (answer,) = bench.answers()
    assert isinstance(answer, ComplaintRouted)
    assert answer.event_id == derived_id(received.event_id, "routed")
    assert answer.causation_id == received.event_id
    assert answer.correlation_id == received.correlation_id
    assert answer.key == received.key
    assert answer.mention == received.mention
    assert (answer.decision.outcome, answer.decision.lead) == (Outcome.ASSIGNED, "dpupr")
    assert answer.decision.rules_version == "v1"
    (record,) = bench.broker.records(MENTIONS)
    assert answer.occurred_at == received.occurred_at
    assert answer.recorded_at.timestamp() * 1000 == record.timestamp_ms
    assert bench.committed() == 1


async def test_a_redelivered_mention_gives_the_same_bytes(bench):
    await bench.send(mention_received(1), mention_received(2))
    await (await bench.runner()).run_once()
    bench.broker.committed.clear()
    await (await bench.runner()).run_once()
    records = bench.broker.records(ROUTING)
    assert len(records) == 4
    assert len({(record.key, record.value, record.headers) for record in records}) == 2


def common(number: int) -> dict[str, object]:
    return {
        "event_id": derived_id(complaint_id(number), "test"),
        "occurred_at": NOON,
        "recorded_at": NOON,
        "complaint_id": complaint_id(number),
    }


@pytest.mark.parametrize(
    "event",
    [
        MentionFollowedUp(**common(1), mention=mention(1, text="jalan berlubang lagi")),
        MentionEdited(**common(1), mention=mention(1, text="jalan berlubang lagi")),
        MentionWithdrawn(**common(1), mention_id=mention(1).mention_id),
        FeedbackGiven(**common(1), solved=False, rating=2, mood="sour"),
        MentionErased(**common(1)),
    ],
    ids=lambda event: type(event).__name__,
)
async def test_every_other_mention_event_is_passed_on_unchanged(bench, event):
    await bench.send(event)
    await (await bench.runner()).run_once()
    (answer,) = bench.answers()
    assert isinstance(answer, MentionForwarded)
    assert answer.event_id == derived_id(event.event_id, "forwarded")
    assert answer.event_type == event.type
    assert answer.payload == orjson.loads(event.encoded_body())
    # on an edit the router may only suggest
    suggested = answer.suggestion.lead if answer.suggestion else None
    assert suggested == ("dpupr" if isinstance(event, MentionEdited) else None)


async def test_events_of_one_complaint_keep_their_order(bench):
    follow_up = MentionFollowedUp(**common(1), mention=mention(1))
    await bench.send(mention_received(1), follow_up, mention_received(2))
    await (await bench.runner()).run_once()
    first = [event for event in bench.answers() if event.key == str(complaint_id(1))]
    assert [type(event) for event in first] == [ComplaintRouted, MentionForwarded]


async def test_without_any_rule_set_a_mention_reaches_triage():
    bench = Bench(None)
    await bench.rules.refresh()
    await bench.send(mention_received(1))
    await (await bench.runner()).run_once()
    (answer,) = bench.answers()
    assert answer.decision.outcome is Outcome.TRIAGE
    assert answer.decision.rules_version == "none"


async def test_the_version_is_chosen_by_the_brokers_time_of_each_record(bench, rule, document):
    before = [
        metric_value("lintas_rules_decisions_total", version=version) for version in ("v1", "v2")
    ]
    (first,) = bench.broker.records(RULES)
    # the broker counts milliseconds: 1 announces, 2 to 4 are the mentions
    switch = datetime.fromtimestamp((first.timestamp_ms + 3) / 1000, UTC)
    bench.publish(document(rule("other", "pasar"), version="v2"), switch)
    await bench.send(mention_received(1), mention_received(2), mention_received(3))
    await bench.rules.refresh()
    await (await bench.runner()).run_once()
    versions = [event.decision.rules_version for event in bench.answers()]
    assert sorted(versions) == ["v1", "v2", "v2"]
    counted = [
        metric_value("lintas_rules_decisions_total", version=version) for version in ("v1", "v2")
    ]
    assert [now - then for now, then in zip(counted, before, strict=True)] == [1, 2]


async def test_deciding_waits_until_the_rules_are_known(monkeypatch, rule, document):
    monkeypatch.setattr("router.consumer._WAIT_S", 0.0)
    bench = Bench(document(rule("road", "jalan")))
    await bench.send(mention_received(1))
    runner = await bench.runner()
    assert await runner.run_once() == 0
    assert bench.answers() == []
    assert bench.committed() == 0


async def test_a_broker_that_refuses_holds_the_offsets(bench):
    await bench.send(mention_received(1))
    bench.broker.refusing.add(ROUTING)
    assert await (await bench.runner()).run_once() == 0
    assert bench.committed() == 0


async def test_unreadable_records_are_put_aside_and_the_rest_is_decided(bench):
    bench.broker.append(OutRecord(MENTIONS, b"k", b"{", (("ce_type", b"lintas.odd"),)))
    directory = DirectoryPublished(
        event_id=derived_id(NAMESPACE, "t"),
        occurred_at=NOON,
        recorded_at=NOON,
        kind="city",
        id="x",
        version="1",
        known_from=NOON,
        body={},
    )
    await bench.send(mention_received(1), directory, mention_received(2))
    runner = await bench.runner()
    assert await runner.run_once() == 4
    classes = {
        dict(record.headers)["lintas_error_class"]
        for record in bench.broker.records(quarantine_topic("router"))
    }
    assert classes == {b"unknown_type", b"not_about_a_complaint"}
    assert {event.event_id for event in bench.answers()} == {
        derived_id(mention_received(number).event_id, "routed") for number in (1, 2)
    }


async def test_an_event_of_a_later_major_version_parks_with_all_behind_it(bench):
    received = encode(mention_received(1), MENTIONS, "ingest")
    later = tuple(
        (name, b"lintas.mention.received.v2" if name == "ce_type" else value)
        for name, value in received.headers
    )
    bench.broker.append(OutRecord(MENTIONS, received.key, received.value, later))
    await bench.send(MentionErased(**common(1)), mention_received(2))
    assert await (await bench.runner()).run_once() == 3
    assert len(bench.parking.waiting) == 2
    (answer,) = bench.answers()
    assert answer.key == str(complaint_id(2))


async def test_decisions_are_counted_by_class_and_outcome(bench):
    labels = {"class": "complaint", "outcome": "assigned"}
    before = metric_value("lintas_decisions_total", **labels)
    await bench.send(*(mention_received(number) for number in range(1, 121)))
    await (await bench.runner()).run_once()
    assert metric_value("lintas_decisions_total", **labels) == before + 120
    assert metric_value("lintas_decide_batch") == 120


async def test_what_is_sent_reads_back_as_it_was(bench):
    await bench.send(mention_received(1, text="Jalan berlubang 🙏🏽 di depan"))
    await (await bench.runner()).run_once()
    (answer,) = bench.answers()
    (match,) = answer.decision.explanation.decided_by
    (span,) = match.spans
    assert answer.mention.text[span.start : span.end] == span.words == "Jalan berlubang"
    assert isinstance(mention_received(1), MentionReceived)
