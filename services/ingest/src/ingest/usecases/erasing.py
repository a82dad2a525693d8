"""Erasure: the reporter's keys at once, then every word of theirs, here and at every reader."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from ingest.domain.mentions import first_event_id
from ingest.domain.vault import Erasure
from ingest.store import erasing as store
from ingest.usecases.media import MediaStore, forget_erased
from lintas.contracts.events.mentions import MentionErased
from lintas.contracts.topics import MENTIONS
from lintas.database.work import Transaction, UnitOfWork
from lintas.telemetry import count
from lintas.vocabulary.errors import NotFound
from lintas.vocabulary.ids import ComplaintId, MentionId, derived_id
from lintas.vocabulary.ticket import parse_ticket

#: complaints reached in one transaction
_AT_ONCE = 500
#: the outbox is searched from one end to the other, as no index is worth its price on every mention
_PATIENTLY: Mapping[str, str] = {"statement_timeout": "600000"}


@dataclass(frozen=True, slots=True)
class Erased:
    """What an erasure reached."""

    erased_at: datetime
    #: all of the reporter's, those erased before among them
    complaints: int


async def erase(
    work: UnitOfWork, media: MediaStore, erasure: Erasure, whose: str | bytes
) -> Erased:
    """Erase the reporter behind a ticket, or the one with this keyed hash; repeating is harmless.

    Their keys are destroyed in one commit, with the audit. The words follow at once, and from then
    on `erase_rest` looks for what came in meanwhile: an outage between the two loses nothing.

    Raises:
        NotFound: nobody has this ticket, or nothing is known of this reporter.
    """
    at = work.clock()
    async with work.begin() as tx:
        keys = await _keys(tx, whose)
        await store.destroy(tx, keys, at)
        complaints = await store.record(tx, erasure, keys, at)
    count("lintas_erasures_total", purpose=erasure.purpose)
    await erase_rest(work)
    await forget_erased(work, media)
    return Erased(at, complaints)


async def erase_rest(work: UnitOfWork) -> int:
    """Forget all that destroyed keys sealed, and tell; how many complaints and guests that were.

    In order per complaint, as its row is locked meanwhile. The events' ids are derived, and each
    is reached once.
    """
    total = 0
    while True:
        async with work.begin(_PATIENTLY) as tx:
            at = work.clock()
            reached = await store.unreached(tx, _AT_ONCE)
            if reached:
                await store.forget(tx, reached, at)
                await tx.publish(MENTIONS, [_erased(complaint, at) for complaint in reached])
            guests = await store.unreached_guests(tx, _AT_ONCE)
            if guests:
                await store.forget_guests(tx, guests)
                told = [_erased(complaint, at, mention) for mention, complaint in guests.items()]
                await tx.publish(MENTIONS, told)
        total += len(reached) + len(guests)
        if max(len(reached), len(guests)) < _AT_ONCE:
            return total


async def _keys(tx: Transaction, whose: str | bytes) -> Sequence[UUID]:
    if isinstance(whose, bytes):
        reporter = whose
    else:
        ticket = parse_ticket(whose)
        found = None if ticket is None else await store.reporter_behind(tx, ticket)
        if found is None:
            raise NotFound("No complaint has this ticket.")
        reporter = found
    keys = await store.keys_of(tx, reporter)
    if not keys:
        raise NotFound("Nothing is known of this reporter.")
    return keys


def _erased(
    complaint: ComplaintId, at: datetime, mention: MentionId | None = None
) -> MentionErased:
    return MentionErased(
        event_id=derived_id(mention or complaint, "erased"),
        mention_id=mention,
        occurred_at=at,
        recorded_at=at,
        correlation_id=first_event_id(complaint),
        complaint_id=complaint,
    )
