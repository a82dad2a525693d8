from datetime import UTC, datetime, timedelta

from metrics_lives import Life

from lintas.contracts.codec import encode
from lintas.contracts.topics import COMPLAINTS
from lintas.messaging.ports import TopicPartition
from lintas.testing.broker import MemoryBroker, MemoryConsumer
from metrics.consumer import Watched

TP = TopicPartition(COMPLAINTS, 0)
NOW = datetime(2026, 3, 17, 5, tzinfo=UTC)


class Folded:
    """Stands where it is told, and remembers what it heard."""

    def __init__(self) -> None:
        self.next = 0
        self.heard: list[tuple[dict[TopicPartition, int], datetime]] = []

    def stands_at(self, tp: TopicPartition) -> int:
        return self.next

    async def saw_end(self, ends: dict[TopicPartition, int], at: datetime) -> None:
        reached = {tp: end for tp, end in ends.items() if end == self.next}
        self.heard.append((reached, at))


async def test_the_end_is_noted_only_once_what_was_delivered_is_folded():
    broker = MemoryBroker()
    broker.create(COMPLAINTS)
    inner = MemoryConsumer(broker, "metrics.fold", [COMPLAINTS], max_records=1)
    await inner.start()
    folded, seconds = Folded(), [0.0]
    watched = Watched(inner, folded, now=lambda: seconds[0], clock=lambda: NOW)

    async def turn() -> dict[TopicPartition, int]:
        seconds[0] += 1
        await watched.poll()
        reached, at = folded.heard[-1]
        # the broker had a second to answer
        assert at == NOW - timedelta(seconds=1)
        return reached

    assert await turn() == {TP: 0}
    for event in Life().registered().assigned(1).events:
        broker.append(encode(event, COMPLAINTS, "agency-gateway"))
    assert await turn() == {}
    assert await turn() == {}
    folded.next = 1
    assert await turn() == {}
    folded.next = 2
    assert await turn() == {TP: 2}


async def test_the_end_is_noted_at_most_once_a_second():
    broker = MemoryBroker()
    broker.create(COMPLAINTS)
    inner = MemoryConsumer(broker, "metrics.fold", [COMPLAINTS])
    await inner.start()
    folded = Folded()
    watched = Watched(inner, folded, now=lambda: 1.0)
    await watched.poll()
    await watched.poll()
    assert len(folded.heard) == 1
