"""One suite for the broker's client and its twin in memory."""

from collections.abc import AsyncIterator
from typing import Protocol
from uuid import uuid4

import pytest

from lintas.contracts.records import OutRecord, Record
from lintas.contracts.topics import TopicSpec
from lintas.messaging.admin import check_topics, create_topics
from lintas.messaging.consumer import KafkaConsumer
from lintas.messaging.ports import SendFailed, TopicPartition, TopicsDiffer, partition_of
from lintas.messaging.producer import MAX_RECORD_BYTES, KafkaProducer, RecordTooLarge
from lintas.messaging.reader import TopicReader, read_to_end
from lintas.testing.broker import MemoryBroker, MemoryConsumer, MemoryProducer
from lintas_local.stack import Stack

PARTITIONS = 3
_LETTERS = str.maketrans("0123456789", "ghijklmnop")


class Side(Protocol):
    """What the suite needs of either side."""

    producer: KafkaProducer | MemoryProducer

    async def topic(self) -> str: ...

    async def member(self, topic: str, group: str) -> KafkaConsumer | MemoryConsumer: ...


class Real:
    def __init__(self, bootstrap: str) -> None:
        self.bootstrap = bootstrap
        self.producer = KafkaProducer(bootstrap, "tests")
        self.members: list[KafkaConsumer] = []

    async def topic(self) -> str:
        name = f"lintas.test-{uuid4().hex.translate(_LETTERS)}.v1"
        spec = TopicSpec(name=name, about="test", writer="ingest", key="any", partitions=PARTITIONS)
        await create_topics(self.bootstrap, [spec])
        await check_topics(self.bootstrap, [spec])
        return name

    async def member(self, topic: str, group: str) -> KafkaConsumer:
        member = KafkaConsumer(self.bootstrap, group, [topic])
        await member.start()
        self.members.append(member)
        return member

    async def close(self) -> None:
        for member in self.members:
            await member.stop()
        await self.producer.stop()


class Memory:
    def __init__(self) -> None:
        self.broker = MemoryBroker()
        self.producer = MemoryProducer(self.broker)

    async def topic(self) -> str:
        self.broker.create("lintas.test.v1", PARTITIONS)
        return "lintas.test.v1"

    async def member(self, topic: str, group: str) -> MemoryConsumer:
        member = MemoryConsumer(self.broker, group, [topic])
        await member.start()
        return member


async def read(member: KafkaConsumer | MemoryConsumer, most: int, polls: int = 60) -> list[Record]:
    """Poll until `most` records came; the bound only ends a test that fails."""
    found: list[Record] = []
    for _ in range(polls):
        found += await member.poll()
        if len(found) >= most:
            break
    return found


def records(topic: str, count: int, keys: int = 7) -> list[OutRecord]:
    return [
        OutRecord(topic, f"key-{n % keys}".encode(), str(n).encode(), (("n", str(n).encode()),))
        for n in range(count)
    ]


class Broker:
    """What both sides promise."""

    async def test_what_is_sent_is_read_with_headers_in_order_per_key(self, side: Side):
        topic = await side.topic()
        sent = records(topic, 1_000)
        await side.producer.send(sent)
        found = await read(await side.member(topic, "g"), 1_000)
        assert len(found) == 1_000
        for key in {record.key for record in sent}:
            values = [record.value for record in found if record.key == key]
            assert values == [record.value for record in sent if record.key == key]
        assert all(dict(record.headers)["n"] == record.value for record in found)
        assert all(record.timestamp_ms > 1_700_000_000_000 for record in found)

    async def test_a_key_always_lands_in_the_partition_its_hash_names(self, side: Side):
        topic = await side.topic()
        await side.producer.send(records(topic, 50))
        for record in await read(await side.member(topic, "g"), 50):
            assert record.partition == partition_of(record.key or b"", PARTITIONS)

    async def test_a_partition_key_decides_instead_of_the_key(self, side: Side):
        topic = await side.topic()
        sent = [
            OutRecord(topic, f"statement:{n}".encode(), b"v", (), b"statement") for n in range(9)
        ]
        await side.producer.send(sent)
        found = await read(await side.member(topic, "g"), 9)
        assert [record.key for record in found] == [record.key for record in sent]
        assert {record.partition for record in found} == {partition_of(b"statement", PARTITIONS)}

    async def test_uncommitted_records_come_again_committed_ones_do_not(self, side: Side):
        topic = await side.topic()
        await side.producer.send(records(topic, 30))
        first = await side.member(topic, "g")
        found = await read(first, 30)
        kept = [record for record in found if record.partition == 0]
        await first.commit({TopicPartition(topic, 0): kept[-1].offset + 1})
        await first.stop()
        again = await read(await side.member(topic, "g"), 30 - len(kept))
        assert len(again) == 30 - len(kept)
        assert all(record.partition != 0 for record in again)

    async def test_a_paused_partition_delivers_nothing_until_resumed(self, side: Side):
        topic = await side.topic()
        member = await side.member(topic, "g")
        assert await read(member, 1, polls=3) == []
        held = member.assignment()
        assert len(held) == PARTITIONS
        member.pause(held)
        await side.producer.send(records(topic, 20))
        assert await read(member, 1, polls=5) == []
        member.resume(held)
        assert len(await read(member, 20)) == 20

    async def test_seek_reads_again_from_there(self, side: Side):
        topic = await side.topic()
        await side.producer.send(records(topic, 20))
        member = await side.member(topic, "g")
        found = await read(member, 20)
        in_zero = [record for record in found if record.partition == 0]
        member.seek(TopicPartition(topic, 0), 0)
        assert await read(member, len(in_zero)) == in_zero

    async def test_lag_counts_what_is_not_delivered_yet(self, side: Side):
        topic = await side.topic()
        await side.producer.send(records(topic, 20))
        member = await side.member(topic, "g")
        await read(member, 20)
        assert sum(member.lag().values()) == 0

    async def test_a_topic_that_does_not_exist_refuses(self, side: Side):
        with pytest.raises(SendFailed):
            await side.producer.send([OutRecord("lintas.absent.v1", b"k", b"v")])


class TestInMemory(Broker):
    @pytest.fixture
    def side(self) -> Side:
        return Memory()


@pytest.mark.stack
class TestOnKafka(Broker):
    @pytest.fixture
    async def side(self, stack: Stack) -> AsyncIterator[Side]:
        side = Real(stack.kafka)
        yield side
        await side.close()


@pytest.mark.stack
class TestKafkaOnly:
    async def test_a_record_over_the_limit_is_refused_and_wedges_nothing(self, stack: Stack):
        real = Real(stack.kafka)
        topic = await real.topic()
        with pytest.raises(RecordTooLarge):
            await real.producer.send([OutRecord(topic, b"k", b"x" * MAX_RECORD_BYTES)])
        largest = b"x" * (MAX_RECORD_BYTES - 100)
        await real.producer.send([OutRecord(topic, b"k", largest), OutRecord(topic, b"k", b"next")])
        found = await read(await real.member(topic, "g"), 2)
        assert [len(record.value or b"") for record in found] == [len(largest), 4]
        await real.close()

    async def test_many_records_larger_than_one_batch_keep_their_order(self, stack: Stack):
        real = Real(stack.kafka)
        topic = await real.topic()
        sent = [OutRecord(topic, b"k", str(n).encode() + b"x" * 50_000) for n in range(40)]
        await real.producer.send(sent)
        found = await read(await real.member(topic, "g"), 40)
        assert [record.value for record in found] == [record.value for record in sent]
        await real.close()

    async def test_a_compacted_topic_is_read_to_its_end(self, stack: Stack):
        real = Real(stack.kafka)
        topic = await real.topic()
        assert await read_to_end(stack.kafka, "tests", [topic]) == []
        await real.producer.send(records(topic, 30))
        assert len(await read_to_end(stack.kafka, "tests", [topic])) == 30
        await real.close()

    async def test_a_reader_returns_only_what_was_appended_since_and_survives_its_client(
        self, stack: Stack
    ):
        real = Real(stack.kafka)
        topic = await real.topic()
        reader = TopicReader(stack.kafka, "tests", [topic])
        await real.producer.send(records(topic, 30))
        assert len(await reader.read_on()) == 30
        assert await reader.read_on() == []
        await real.producer.send(records(topic, 7))
        await reader.stop()
        assert len(await reader.read_on()) == 7
        await reader.stop()
        await real.close()

    async def test_a_topic_that_does_not_exist_is_not_an_empty_one(self, stack: Stack):
        with pytest.raises(TopicsDiffer):
            await read_to_end(stack.kafka, "tests", ["lintas.absent.v1"])

    async def test_a_missing_topic_and_another_partition_count_are_named(self, stack: Stack):
        real = Real(stack.kafka)
        topic = await real.topic()
        wanted = [
            TopicSpec(name=topic, about="", writer="ingest", key="", partitions=PARTITIONS + 1),
            TopicSpec(name="lintas.absent.v1", about="", writer="ingest", key="", partitions=1),
        ]
        with pytest.raises(TopicsDiffer, match=rf"{topic} has 3 .* lintas\.absent\.v1 has 0"):
            await check_topics(stack.kafka, wanted)
        await real.close()

    async def test_two_members_share_the_partitions_and_a_third_of_the_work_moves(
        self, stack: Stack
    ):
        real = Real(stack.kafka)
        topic = await real.topic()
        first = await real.member(topic, "g2")
        await read(first, 1, polls=3)
        second = await real.member(topic, "g2")
        for _ in range(60):
            await first.poll()
            await second.poll()
            if first.assignment() and second.assignment():
                break
        held = [set(first.assignment()), set(second.assignment())]
        assert held[0].isdisjoint(held[1])
        assert len(held[0] | held[1]) == PARTITIONS
        await real.close()
