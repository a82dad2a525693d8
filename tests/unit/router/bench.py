"""The router's consumers on a broker in memory, for tests that step them."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from lintas.contracts.codec import decode, encode
from lintas.contracts.events import Event
from lintas.contracts.events.reference import RulesetPublished
from lintas.contracts.records import Record
from lintas.contracts.topics import MENTIONS, ROUTING, RULES, quarantine_topic
from lintas.messaging.quarantine import Quarantine
from lintas.messaging.runner import Runner
from lintas.testing.broker import MemoryBroker, MemoryConsumer, MemoryProducer
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
