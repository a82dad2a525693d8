"""What platforms only pointed to: remembered, and asked for apart from the acknowledgement."""

import hmac
from collections.abc import Sequence
from datetime import datetime

import orjson

from ingest.domain.heard import Pointed
from ingest.store import pointers as store
from ingest.store.pointers import Pointer
from lintas.database.work import UnitOfWork
from lintas.privacy import seal

_UNIT = "\x1f"  # cannot occur in an accepted identifier


class Fetching:
    """Remembers pointers until their text is heard; ids stand in the database only sealed."""

    def __init__(self, work: UnitOfWork, key: bytes) -> None:
        self._work = work
        self._key = key

    async def remember(
        self, pointed: Sequence[Pointed], received_at: datetime, traceparent: str
    ) -> None:
        """Keep each once, however often it comes; Unavailable where that is not known."""
        pointers = {one.pointer: one for one in map(self._pointer, pointed)}
        async with self._work.begin() as tx:
            await store.remember(tx, [*pointers.values()], received_at, traceparent)

    def _pointer(self, pointed: Pointed) -> Pointer:
        name = _UNIT.join((pointed.channel, pointed.account, pointed.external_id)).encode()
        pointer = hmac.digest(self._key, b"pointer" + name, "sha256")
        content = orjson.dumps([pointed.external_id, pointed.ids])
        return Pointer(pointer, pointed.channel, pointed.account, seal(self._key, content, pointer))
