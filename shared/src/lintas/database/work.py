from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TypeVar

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from lintas.contracts.codec import Encoded, encode
from lintas.contracts.events import Event
from lintas.contracts.records import OutRecord
from lintas.database import outbox
from lintas.database.engine import is_outage
from lintas.faults import Point, reach
from lintas.vocabulary.errors import Unavailable

E = TypeVar("E", bound=Event)

_FIRST_TIME = text(
    "INSERT INTO inbox (consumer, event_id) SELECT :consumer, unnest(CAST(:ids AS uuid[]))"
    " ON CONFLICT DO NOTHING RETURNING event_id"
)
_SETTINGS = text(
    "SELECT set_config(name, value, true)"
    " FROM unnest(CAST(:names AS text[]), CAST(:values AS text[])) AS s(name, value)"
)


class Transaction:
    """One database transaction: inbox, effect and outbox commit together or not at all."""

    def __init__(self, connection: AsyncConnection, service: str) -> None:
        self.connection = connection
        self._service = service
        self._published = False

    @property
    def published(self) -> bool:
        """Whether something waits in the outbox because of this transaction."""
        return self._published

    async def first_time(self, consumer: str, events: Sequence[E]) -> list[E]:
        """Those of `events` that `consumer` has not applied yet, each once, in order."""
        rows = await self.connection.execute(
            _FIRST_TIME,
            {"consumer": consumer, "ids": [event.event_id for event in events]},
        )
        fresh = set(rows.scalars())
        once: list[E] = []
        for event in events:
            if event.event_id in fresh:
                fresh.discard(event.event_id)
                once.append(event)
        return once

    async def publish(self, topic: str, events: Sequence[Event | Encoded]) -> None:
        """Put `events` into the outbox; they go out in this order once the transaction commits.

        Events of one key keep their order only if the caller holds a lock on that key's row.
        """
        if events:
            await outbox.add(self.connection, self._outgoing(topic, events))

    def publishing(
        self, topic: str, events: Sequence[Event | Encoded]
    ) -> Mapping[str, Sequence[object]]:
        """What `outbox.ADD` binds to do what `publish` does, in a statement of the caller's.

        It must be executed in this transaction.
        """
        return outbox.values(self._outgoing(topic, events))

    def _outgoing(self, topic: str, events: Sequence[Event | Encoded]) -> list[OutRecord]:
        self._published = True
        return [encode(event, topic, self._service) for event in events]


class UnitOfWork:
    """Where transactions begin; nobody else commits."""

    def __init__(
        self,
        engine: AsyncEngine,
        service: str,
        *,
        on_published: Callable[[], None] = lambda: None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._engine = engine
        self._service = service
        #: wakes the relay, so that nothing waits for a timer
        self._on_published = on_published
        self.clock = clock

    @asynccontextmanager
    async def begin(self, settings: Mapping[str, str] | None = None) -> AsyncIterator[Transaction]:
        """Run the block in one transaction, committed at its end, rolled back on any exception.

        `settings` hold for this transaction only (`app.agency` for row-level security).

        Raises:
            Unavailable: the database is away or too slow; nothing was written, or, when the
                connection broke during the commit itself, it is unknown whether it was.
        """
        try:
            async with self._engine.begin() as connection:
                transaction = Transaction(connection, self._service)
                if settings:
                    await _apply(connection, settings)
                yield transaction
                if transaction.published:
                    reach(Point.BEFORE_COMMIT)
        except Exception as error:
            if is_outage(error):
                raise Unavailable("The database is not available.") from error
            raise
        if transaction.published:
            reach(Point.AFTER_COMMIT)
            self._on_published()


async def _apply(connection: AsyncConnection, settings: Mapping[str, str]) -> None:
    names, values = zip(*settings.items(), strict=True)
    await connection.execute(_SETTINGS, {"names": list(names), "values": list(values)})
