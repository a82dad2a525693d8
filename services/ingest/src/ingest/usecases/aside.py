"""What channels sent and nobody could read: kept, sealed, for a person or for newer code."""

from collections.abc import Callable
from datetime import datetime

from ingest.store import aside as store
from lintas.database.work import UnitOfWork


class Aside:
    """Keeps content that could not be translated."""

    def __init__(self, work: UnitOfWork, seal: Callable[[bytes], bytes]) -> None:
        self._work = work
        self._seal = seal

    async def keep(
        self, channel: str, account: str, reason: str, content: bytes, received_at: datetime
    ) -> None:
        """Keep one content with its reason; Unavailable where it is not known to be kept."""
        async with self._work.begin() as tx:
            await store.keep(tx, channel, account, reason, self._seal(content), received_at)
