"""Deliveries that are genuine but could not be read, or tell of something unknown."""

from collections.abc import Sequence
from datetime import datetime

from ingest.domain.channels import channel_label
from ingest.store import aside as store
from ingest.store.aside import SetAside
from lintas.database.work import UnitOfWork
from lintas.privacy import seal, unseal
from lintas.telemetry import count

#: a reason is also a metric's label
REASONS = frozenset({"unreadable", "unknown", "too_large", "loop", "unverifiable"})
_CONTEXT = b"lintas/set-aside"


class Aside:
    """Keeps raw deliveries sealed, for a person to look at, until upkeep removes them."""

    def __init__(self, work: UnitOfWork, key: bytes) -> None:
        self._work = work
        #: 32 bytes; no reporter is known, so no reporter's key can seal it
        self._key = key

    async def keep(
        self, raw: bytes, *, channel: str, account: str, reason: str, received_at: datetime
    ) -> None:
        """Keep one verified delivery as it came; durable when this returns.

        `reason` is one of `REASONS`, anything else is kept as `unknown`.

        Raises:
            Unavailable: it is not known to be kept.
        """
        why = reason if reason in REASONS else "unknown"
        sealed = seal(self._key, raw, _CONTEXT)
        async with self._work.begin() as tx:
            await store.keep(tx, SetAside(channel, account, why, sealed, received_at))
        count("lintas_set_aside_total", channel=channel_label(channel), reason=why)

    async def kept(self, channel: str, at_most: int = 100) -> Sequence[bytes]:
        """The newest deliveries of `channel` that were set aside, in clear."""
        async with self._work.begin() as tx:
            found = await store.kept(tx, channel, at_most)
        return [unseal(self._key, one.sealed, _CONTEXT) for one in found]
