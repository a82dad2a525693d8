"""What the loops need of a broker; `kafka` is the real one, `lintas.testing.broker` its twin."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, Protocol
from zlib import crc32

from lintas.contracts.records import OutRecord, Record


class TopicPartition(NamedTuple):
    """One ordered log of the broker."""

    topic: str
    partition: int


class SendFailed(Exception):
    """Not every record was acknowledged; any of them may have been written.

    Send all of them again: their event ids are the same, so readers apply each once.
    """


class TopicsDiffer(Exception):
    """The cluster is not what the registry says; the message names every difference."""


class Producer(Protocol):
    """Writes records durably."""

    async def send(self, records: Sequence[OutRecord]) -> None:
        """Return once every record is acknowledged by all in-sync replicas, in order per key.

        Raises:
            SendFailed: at least one was not acknowledged in time.
        """


class Consumer(Protocol):
    """Reads the partitions this member of a group is assigned."""

    async def poll(self) -> list[Record]:
        """The next records, in order per partition; empty after a short wait without any."""

    async def commit(self, positions: Mapping[TopicPartition, int]) -> None:
        """Remember the next offset to read per partition; lost assignments are ignored."""

    def assignment(self) -> Mapping[TopicPartition, int]:
        """The partitions held now, each with the number of the assignment that gave it.

        A partition that was lost and came back has another number, so work read before is stale.
        """

    def pause(self, partitions: Iterable[TopicPartition]) -> None:
        """Deliver nothing from these until resumed; also after a rebalance."""

    def resume(self, partitions: Iterable[TopicPartition]) -> None:
        """Deliver from these again."""

    def seek(self, partition: TopicPartition, offset: int) -> None:
        """Read this partition from `offset` next."""

    def lag(self) -> Mapping[TopicPartition, int]:
        """Records not yet delivered, per partition, as far as it is known."""


def partition_of(key: bytes, partitions: int) -> int:
    """The partition of a key. Never changes: the order of a complaint's facts hangs on it."""
    return crc32(key) % partitions
