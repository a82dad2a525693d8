"""Deliveries that are genuine but could not be read, or tell of something unknown."""

from collections.abc import Callable
from datetime import datetime

from ingest.domain.channels import channel_label
from ingest.store import aside as store
from ingest.store.aside import SetAside
from lintas.database.work import UnitOfWork
from lintas.telemetry import count


class Aside:
    """Keeps raw content sealed, for a person or for newer code, until upkeep removes it."""

    def __init__(self, work: UnitOfWork, seal: Callable[[bytes], bytes]) -> None:
        self._work = work
        #: no reporter is known, so no reporter's key can seal it
        self._seal = seal

    async def keep(
        self, channel: str, account: str, reason: str, content: bytes, received_at: datetime
    ) -> None:
        """Keep one content as it came, with its reason; durable when this returns.

        Raises:
            Unavailable: it is not known to be kept.
        """
        one = SetAside(channel, account, reason, self._seal(content), received_at)
        async with self._work.begin() as tx:
            await store.keep(tx, one)
        count("lintas_set_aside_total", channel=channel_label(channel))
