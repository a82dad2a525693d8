"""Nothing is kept longer than it may be, and a metric says so."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from ingest.store import bodies, changes
from ingest.store import retention as store
from ingest.usecases.erasing import erase_old
from lintas.database.work import UnitOfWork
from lintas.telemetry import gauge

#: rows removed in one transaction, so that none runs long
_AT_ONCE = 5_000
#: the words of a complaint are many rows, here and in the outbox
_COMPLAINTS_AT_ONCE = 500
_PATIENTLY: Mapping[str, str] = {"statement_timeout": "60000"}


@dataclass(frozen=True, slots=True)
class Keep:
    """How long each kind may be kept."""

    #: events, from their publication on
    published: timedelta
    #: deliveries nobody could read
    set_aside: timedelta
    #: Idempotency-Keys with the fingerprints of their bodies
    requests: timedelta
    #: words and identities, from the last word in a complaint on
    originals: timedelta


async def forget_overdue(work: UnitOfWork, keep: Keep) -> None:
    """Remove all that is past its time, and measure what is left of it.

    An interruption leaves the rest for the next time; several at once share the work.
    """
    now = work.clock()
    kinds = {"published": keep.published, "set_aside": keep.set_aside, "request": keep.requests}
    for kind, time in kinds.items():
        while await _remove(work, kind, now - time) == _AT_ONCE:
            pass
    while await erase_old(work, now - keep.originals, _COMPLAINTS_AT_ONCE) == _COMPLAINTS_AT_ONCE:
        pass
    async with work.begin() as tx:
        await bodies.forget(tx, now)
        # what waited for a post that never came
        await changes.forget(tx, now - changes.KEPT_FOR)
    async with work.begin(_PATIENTLY) as tx:
        for kind, time in kinds.items():
            _measure(kind, await store.oldest(tx, kind, now - time), now - time)
        before = now - keep.originals
        _measure("original", await store.oldest_complaint(tx, before, now), before)


async def _remove(work: UnitOfWork, kind: str, before: datetime) -> int:
    async with work.begin(_PATIENTLY) as tx:
        return await store.remove(tx, kind, before, _AT_ONCE)


def _measure(kind: str, oldest: datetime | None, before: datetime) -> None:
    overdue_s = 0.0 if oldest is None else (before - oldest).total_seconds()
    gauge("lintas_overdue_seconds", overdue_s, kind=kind)
