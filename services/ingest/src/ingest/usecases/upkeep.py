"""Keeping the tables small."""

from datetime import timedelta

from ingest.store import aside, bodies, changes
from ingest.store import outbox as store
from lintas.database.work import UnitOfWork

#: rows removed in one transaction, so that none runs long
_AT_ONCE = 5_000


async def forget_published(work: UnitOfWork, keep_hours: int) -> int:
    """Remove events published longer ago than `keep_hours`; how many that were."""
    total = 0
    while True:
        async with work.begin() as tx:
            removed = await store.forget_published(tx, keep_hours, _AT_ONCE)
        total += removed
        if removed < _AT_ONCE:
            return total


async def forget_leftovers(work: UnitOfWork, aside_keep_hours: int) -> None:
    """Remove deliveries set aside so long ago, and what waited for a post that never came."""
    now = work.clock()
    async with work.begin() as tx:
        await bodies.forget(tx, now)
        await aside.forget(tx, now - timedelta(hours=aside_keep_hours))
        await changes.forget(tx, now - changes.KEPT_FOR)
