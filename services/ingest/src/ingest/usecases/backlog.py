"""How much waits for Kafka, and when that is too much to accept more."""

from ingest.store import outbox as store
from lintas.database.work import UnitOfWork
from lintas.telemetry import gauge
from lintas.vocabulary.errors import Unavailable

_RETRY_AFTER_S = 10


class Backlog:
    """The bound of the outbox: measured now and then, counted on in between.

    Between two measurements it may think the outbox fuller than it is, never emptier than this
    process made it.
    """

    def __init__(self, bound: int) -> None:
        self._bound = bound
        self._measured = 0
        self._since = 0

    def check(self) -> None:
        """Unavailable once the bound is reached."""
        if self._measured + self._since >= self._bound:
            raise Unavailable(
                "Too much waits to be passed on; nothing more is accepted for the moment.",
                retry_after_s=_RETRY_AFTER_S,
            )

    def added(self, number: int) -> None:
        """So many events were committed to the outbox."""
        self._since += number

    async def measure(self, work: UnitOfWork) -> int:
        """Count what waits, no further than just over the bound."""
        counted_before = self._since
        async with work.begin() as tx:
            self._measured, oldest_s = await store.waiting_events(tx, self._bound + 1)
        self._since -= counted_before
        gauge("lintas_outbox_oldest_seconds", oldest_s)
        gauge("lintas_outbox_pending", self._measured)
        return self._measured
