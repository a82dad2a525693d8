"""Erasure: the reporter's keys at once, then every word of theirs, here and at every reader."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from ingest.domain.errors import UnderHold
from ingest.domain.mentions import first_event_id
from ingest.domain.vault import RESTORED_BACKUP, ErasePurpose, Erasure
from ingest.store import erasing as store
from ingest.store import holds, retention
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
#: many keys may be destroyed at once, and nobody waits for their words to go
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
        UnderHold: some of it may not be erased for now; it is remembered, and `apply_held` does it.
    """
    at = work.clock()
    async with work.begin() as tx:
        await holds.take_turns(tx)
        reporter, keys = await _keys(tx, whose)
        held_until = await holds.held_until(tx, keys, at)
        if held_until is None:
            complaints = await _destroy(tx, erasure, keys, at)
        else:
            await holds.put_off(tx, reporter, erasure, at)
    if held_until is not None:
        raise UnderHold(held_until)
    await erase_rest(work)
    await forget_erased(work, media)
    return Erased(at, complaints)


async def apply_held(work: UnitOfWork) -> int:
    """Erase what was asked for under holds that have ended; how many reporters that were."""
    done = 0
    async with work.begin() as tx:
        await holds.take_turns(tx)
        at = work.clock()
        for waiting in await holds.waiting(tx):
            keys = await store.keys_of(tx, waiting.reporter)
            if await holds.held_until(tx, keys, at) is None:
                await _destroy(tx, waiting.erasure, keys, at)
                await holds.applied(tx, waiting.id, at)
                done += 1
    if done:
        await erase_rest(work)
    return done


async def erase_old(work: UnitOfWork, before: datetime, at_most: int) -> int:
    """Erase complaints in which nobody has said anything since; how many that were.

    Others of the same reporter stay, so a key goes only once it seals nothing any more.
    """
    async with work.begin(_PATIENTLY) as tx:
        await holds.take_turns(tx)
        at = work.clock()
        old = await retention.old_complaints(tx, before, at, at_most)
        if old:
            await store.forget(tx, old, at)
            await _drop_unused(tx, Erasure("ingest", None, ErasePurpose.RETENTION), old, at)
            await tx.publish(MENTIONS, [_erased(complaint, at) for complaint in old])
    return len(old)


async def erase_again(work: UnitOfWork, erased: Sequence[MentionErased]) -> int:
    """Erase what these events tell of and a restored backup brought back; how much that was.

    Nobody is told, as the events are out. A hold changes nothing: they were erased before it.
    """
    at = work.clock()
    async with work.begin(_PATIENTLY) as tx:
        complaints = await store.not_erased(tx, {event.complaint_id for event in erased})
        whole = {event.complaint_id for event in erased if event.mention_id is None}
        guests = await store.not_erased_guests(
            tx, {event.mention_id for event in erased if event.mention_id is not None}
        )
        again = [complaint for complaint in complaints if complaint in whole]
        if again or guests:
            await store.forget(tx, again, at)
            await store.forget_guests(tx, guests)
            erasure = Erasure("ingest", None, RESTORED_BACKUP)
            await _drop_unused(tx, erasure, [*again, *set(guests.values())], at)
    return len(again) + len(guests)


async def _drop_unused(
    tx: Transaction, erasure: Erasure, complaints: Sequence[ComplaintId], at: datetime
) -> None:
    keys = await store.unused_keys(tx, complaints)
    if keys:
        await _destroy(tx, erasure, keys, at)


async def _destroy(tx: Transaction, erasure: Erasure, keys: Sequence[UUID], at: datetime) -> int:
    await store.destroy(tx, keys, at)
    complaints = await store.record(tx, erasure, keys, at)
    count("lintas_erasures_total", purpose=erasure.purpose)
    return complaints


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


async def _keys(tx: Transaction, whose: str | bytes) -> tuple[bytes, Sequence[UUID]]:
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
    return reporter, keys


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
