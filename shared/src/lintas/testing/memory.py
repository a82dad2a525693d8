"""Twins of the database's outbox and parking, and a clock that stands still."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from lintas.contracts.records import OutRecord, Record
from lintas.database.outbox import Waiting


@dataclass
class MemoryOutbox:
    """Twin of `lintas.database.outbox.SqlOutbox`."""

    rows: dict[int, OutRecord] = field(default_factory=dict)
    published: dict[int, OutRecord] = field(default_factory=dict)
    #: another relay is active
    taken: bool = False

    def add(self, records: Sequence[OutRecord]) -> None:
        """Append records as a committed transaction would."""
        for record in records:
            self.rows[len(self.rows) + len(self.published) + 1] = record

    async def acquire(self) -> bool:
        """See `lintas.messaging.relay.Outbox.acquire`."""
        return not self.taken

    async def release(self) -> None:
        """See `lintas.messaging.relay.Outbox.release`."""

    async def waiting(self, limit: int) -> list[Waiting]:
        """See `lintas.messaging.relay.Outbox.waiting`."""
        return [Waiting(number, self.rows[number]) for number in sorted(self.rows)[:limit]]

    async def mark(self, ids: Sequence[int]) -> None:
        """See `lintas.messaging.relay.Outbox.mark`."""
        for number in ids:
            self.published[number] = self.rows.pop(number)

    async def depth(self) -> int:
        """See `lintas.messaging.relay.Outbox.depth`."""
        return len(self.rows)


@dataclass
class MemoryParking:
    """Twin of `lintas.database.parking.SqlParking`."""

    waiting: dict[tuple[str, int, int], Record] = field(default_factory=dict)
    reasons: list[str] = field(default_factory=list)

    async def park(self, record: Record, reason: str) -> None:
        """See `lintas.messaging.runner.Parking.park`."""
        self.waiting.setdefault(_place(record), record)
        self.reasons.append(reason)

    async def parked(self) -> list[Record]:
        """See `lintas.messaging.runner.Parking.parked`."""
        return list(self.waiting.values())

    async def release(self, records: Sequence[Record]) -> None:
        """See `lintas.messaging.runner.Parking.release`."""
        for record in records:
            del self.waiting[_place(record)]


def _place(record: Record) -> tuple[str, int, int]:
    return (record.topic, record.partition, record.offset)


@dataclass
class FixedClock:
    """Time that moves only when told to."""

    at: datetime = datetime(2026, 3, 17, 8, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        """The time it stands at."""
        return self.at

    def forward(self, **duration: float) -> None:
        """Move on by a `timedelta` given in its own words, `minutes=5`."""
        self.at += timedelta(**duration)
