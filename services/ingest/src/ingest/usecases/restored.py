"""A database that was restored from a backup forgets again what was erased since."""

from collections.abc import Mapping, Sequence

from ingest.store import restored as store
from ingest.store.restored import Check
from ingest.usecases.erasing import erase_again
from lintas.contracts.events.mentions import MentionErased
from lintas.database.work import UnitOfWork
from lintas.telemetry import get_logger

_log = get_logger(__name__)

#: a database that was in use so short a time ago may begin while Kafka is away
_FRESH_S = 900.0
#: events looked up in one transaction
_AT_ONCE = 500


class Restored:
    """Knows whether every erasure that this database ever told of is still applied in it.

    The erased events on the topic outlive the database. It keeps the position up to which it has
    applied them: a running service moves that along without reading, as it wrote the events
    itself; each start reads from there. A backup has an earlier position, so the same reading
    finds what was erased since, and it is erased again before the service is ready. Nothing else
    remembers it, so a backup must not be older than the topic reaches.
    """

    def __init__(self, work: UnitOfWork) -> None:
        self._work = work
        #: the last check this process knows of; None until it has read the topic once
        self._seen: Check | None = None
        #: whether the topic could not be read when it was last tried
        self.is_away = False
        #: whether the topic no longer holds everything since the database's position
        self.has_gap = False

    async def check(self) -> Check:
        """What the database says of itself now."""
        async with self._work.begin() as tx:
            return await store.read(tx)

    def is_whole(self, check: Check) -> bool:
        """Whether the database is the one this process knows, and not an earlier state of it."""
        return self._seen is not None and check.checked_at >= self._seen.checked_at

    async def found_whole(self, positions: Mapping[str, int]) -> None:
        """Every erasure before these positions is applied."""
        async with self._work.begin() as tx:
            checked_at = await store.found_whole(tx, positions)
        self._seen = Check(positions, checked_at, 0.0)

    async def erase_again(self, erased: Sequence[MentionErased]) -> None:
        """Apply events that the topic holds beyond the database's position."""
        again = 0
        for start in range(0, len(erased), _AT_ONCE):
            again += await erase_again(self._work, erased[start : start + _AT_ONCE])
        if again:
            _log.warning("erased_again", brought_back=again, events=len(erased))

    async def why_not(self) -> str | None:
        """Why the service must not be ready; None where nothing erased can be shown."""
        check = await self.check()
        if self.is_whole(check) or (self.is_away and check.age_s < _FRESH_S):
            return None
        if self.has_gap:
            return "the database is older than the erasures that lintas.mentions.v1 still holds"
        return "what was erased is looked for in lintas.mentions.v1"
