"""A broker in memory: partitions, groups, committed offsets; nothing waits, so tests step it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count

from lintas.contracts.records import OutRecord, Record
from lintas.messaging.ports import SendFailed, TopicPartition, partition_of


@dataclass
class MemoryBroker:
    """Keeps every record produced to it. Topics must be created first, as on the real one."""

    topics: dict[str, list[list[Record]]] = field(default_factory=dict)
    #: topics whose records are refused, as if their partitions had no leader
    refusing: set[str] = field(default_factory=set)
    committed: dict[tuple[str, TopicPartition], int] = field(default_factory=dict)
    _members: dict[str, list["MemoryConsumer"]] = field(default_factory=dict)
    _times: Iterable[int] = field(default_factory=lambda: count(1_767_225_600_000))

    def create(self, topic: str, partitions: int = 1) -> None:
        """Add an empty topic."""
        self.topics[topic] = [[] for _ in range(partitions)]

    def records(self, topic: str) -> list[Record]:
        """Everything in `topic`, partition by partition."""
        return [record for log in self.topics[topic] for record in log]

    def append(self, out: OutRecord) -> None:
        """Write one record where its key belongs."""
        if out.topic in self.refusing or out.topic not in self.topics:
            raise SendFailed(out.topic)
        logs = self.topics[out.topic]
        by = out.partition_key or out.key
        number = 0 if by is None else partition_of(by, len(logs))
        log = logs[number]
        timestamp_ms = next(iter(self._times))
        log.append(
            Record(out.topic, number, len(log), timestamp_ms, out.key, out.value, out.headers)
        )

    def join(self, member: "MemoryConsumer") -> None:
        """Add a member to its group and share the partitions out again."""
        self._members.setdefault(member.group, []).append(member)
        self._share(member.group)

    def leave(self, member: "MemoryConsumer") -> None:
        """Remove a member and share its partitions out."""
        self._members[member.group].remove(member)
        self._share(member.group)

    def _share(self, group: str) -> None:
        members = self._members[group]
        for member in members:
            member.lose_all()
        for topic in sorted({topic for member in members for topic in member.topics}):
            readers = [member for member in members if topic in member.topics]
            for number in range(len(self.topics[topic])):
                readers[number % len(readers)].gain(TopicPartition(topic, number))


class MemoryProducer:
    """Twin of `lintas.messaging.producer.KafkaProducer`."""

    def __init__(self, broker: MemoryBroker) -> None:
        self._broker = broker

    async def send(self, records: Sequence[OutRecord]) -> None:
        """See `lintas.messaging.ports.Producer.send`."""
        for record in records:
            self._broker.append(record)


class MemoryConsumer:
    """Twin of `lintas.messaging.consumer.KafkaConsumer`."""

    def __init__(
        self, broker: MemoryBroker, group: str, topics: Sequence[str], *, max_records: int = 500
    ) -> None:
        self._broker = broker
        self.group = group
        self.topics = tuple(topics)
        self._max_records = max_records
        self._held: dict[TopicPartition, int] = {}
        self._next: dict[TopicPartition, int] = {}
        self._paused: set[TopicPartition] = set()
        self._numbers = count(1)

    async def start(self) -> None:
        """Join the group."""
        self._broker.join(self)

    async def stop(self) -> None:
        """Leave the group; what was not committed is read again by the others."""
        self.lose_all()
        self._broker.leave(self)

    async def poll(self) -> list[Record]:
        """See `lintas.messaging.ports.Consumer.poll`."""
        found: list[Record] = []
        for tp in sorted(self._held):
            if tp not in self._paused:
                start = self._next[tp]
                room = self._max_records - len(found)
                lot = self._broker.topics[tp.topic][tp.partition][start : start + room]
                self._next[tp] = start + len(lot)
                found.extend(lot)
        return found

    async def commit(self, positions: Mapping[TopicPartition, int]) -> None:
        """See `lintas.messaging.ports.Consumer.commit`."""
        for tp, offset in positions.items():
            if tp in self._held:
                self._broker.committed[self.group, tp] = offset

    def assignment(self) -> Mapping[TopicPartition, int]:
        """See `lintas.messaging.ports.Consumer.assignment`."""
        return self._held

    def pause(self, partitions: Iterable[TopicPartition]) -> None:
        """See `lintas.messaging.ports.Consumer.pause`."""
        self._paused.update(partitions)

    def resume(self, partitions: Iterable[TopicPartition]) -> None:
        """See `lintas.messaging.ports.Consumer.resume`."""
        self._paused.difference_update(partitions)

    def seek(self, partition: TopicPartition, offset: int) -> None:
        """See `lintas.messaging.ports.Consumer.seek`."""
        self._next[partition] = offset

    def lag(self) -> Mapping[TopicPartition, int]:
        """See `lintas.messaging.ports.Consumer.lag`."""
        return {
            tp: len(self._broker.topics[tp.topic][tp.partition]) - self._next[tp]
            for tp in self._held
        }

    def lose_all(self) -> None:
        """Every partition is taken away."""
        self._held = {}
        self._next = {}

    def gain(self, partition: TopicPartition) -> None:
        """A partition is given, from its committed offset."""
        self._held = {**self._held, partition: next(self._numbers)}
        self._next[partition] = self._broker.committed.get((self.group, partition), 0)
