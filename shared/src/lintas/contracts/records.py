"""Kafka records as plain data, so that contracts and tests need no client."""

from dataclasses import dataclass
from typing import NamedTuple

Headers = tuple[tuple[str, bytes], ...]


class OutRecord(NamedTuple):
    """What is to be produced."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers = ()
    #: decides the partition where it is not the key
    partition_key: bytes | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """What was read."""

    topic: str
    partition: int
    offset: int
    #: broker time (LogAppendTime) in milliseconds
    timestamp_ms: int
    key: bytes | None
    value: bytes | None
    headers: Headers = ()
