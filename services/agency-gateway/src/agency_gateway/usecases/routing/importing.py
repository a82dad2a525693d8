"""Imported complaints: one opens when its mention and its past are both here."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from uuid import UUID

from agency_gateway.domain.past import Fate, Past, recall
from agency_gateway.store import complaints, imports
from agency_gateway.store.imports import Half
from agency_gateway.usecases.cities import CityRules
from agency_gateway.usecases.keeping import keep_new
from agency_gateway.usecases.lifecycle import GENESIS, Cause, Link, Told, chained
from agency_gateway.usecases.routing.reading import fact_id, opening, share_id
from agency_gateway.usecases.sight import AS_WORKER
from lintas.contracts.events.routing import ComplaintRouted
from lintas.database.work import Transaction, UnitOfWork
from lintas.vocabulary.errors import Conflict, DomainError, FieldError, Invalid
from lintas.vocabulary.ids import ComplaintId


@dataclass(frozen=True, slots=True)
class Recounted:
    """One past, and what became of it."""

    past: Past
    outcome: Fate | DomainError


class Imports:
    """Takes pasts in. The same past again changes nothing; another one is refused."""

    def __init__(self, work: UnitOfWork, city: CityRules) -> None:
        self._work = work
        self._city = city

    async def tell(self, pasts: Sequence[Past]) -> list[Recounted]:
        """What became of each past, in order; all in one transaction.

        No timer starts, nothing is delivered, and no policy of today promises anything.
        """
        first: dict[ComplaintId, Past] = {}
        for past in pasts:
            first.setdefault(past.complaint_id, past)
        now = self._work.clock()
        async with self._work.begin(AS_WORKER) as tx:
            directory = await self._city.now(tx.connection)
            refused: dict[ComplaintId, DomainError] = {
                past.complaint_id: _unknown_agency()
                for past in first.values()
                if past.agency is not None and not directory.knows(past.agency)
            }
            for complaint in await complaints.live(tx.connection, list(first)):
                refused[ComplaintId(complaint)] = _lives_here()
            wanted = [past for past in first.values() if past.complaint_id not in refused]
            new = await imports.add_pasts(tx.connection, wanted, now)
            ready = [(half, first[key]) for key, half in new.items() if half is not None]
            await _open(tx, ready, now)
            known = await imports.pasts(tx.connection, first.keys() - new.keys())
        seen: set[ComplaintId] = set()
        recounted = []
        for past in pasts:
            outcome = refused.get(past.complaint_id) or _fate(
                past, first, known, None if past.complaint_id in seen else new
            )
            seen.add(past.complaint_id)
            recounted.append(Recounted(past, outcome))
        return recounted


async def recall_mentions(
    tx: Transaction, events: Sequence[ComplaintRouted], new_salt: Callable[[], bytes], now: datetime
) -> None:
    """Open the imported complaints whose past is here; the others wait for theirs."""
    halves = {event.complaint_id: _half(event, new_salt) for event in events}
    pasts = await imports.add_mentions(tx.connection, list(halves.values()))
    await _open(tx, [(halves[key], past) for key, past in pasts.items()], now)


async def _open(tx: Transaction, pairs: Sequence[tuple[Half, Past]], now: datetime) -> None:
    if not pairs:
        return
    opened: list[complaints.Opened] = []
    told: list[Told] = []
    for half, past in pairs:
        one, facts = _recalled(half, past, now)
        opened.append(one)
        told.extend(facts)
    await keep_new(tx, opened, told)
    await imports.opened(tx.connection, [past.complaint_id for _, past in pairs], now)


def _recalled(half: Half, past: Past, now: datetime) -> tuple[complaints.Opened, list[Told]]:
    complaint, happened = recall(half.case, past, partial(share_id, half.event_id))
    cause = Cause(
        occurred_at=now,
        recorded_at=now,
        event_id=partial(fact_id, half.event_id),
        causation_id=half.event_id,
        correlation_id=half.correlation_id,
        traceparent=half.traceparent,
    )
    end, told = Link(0, GENESIS), []
    for at, fact in happened:
        facts, end = chained(complaint.case, end, [fact], replace(cause, occurred_at=at))
        told += facts
    return complaints.Opened(
        complaint=complaint,
        registered_at=now,
        text=half.text,
        text_salt=half.text_salt,
        seq=end.seq,
        head_hash=end.hash,
        correlation_id=half.correlation_id,
        traceparent=half.traceparent,
    ), told


def _half(event: ComplaintRouted, new_salt: Callable[[], bytes]) -> Half:
    found = opening(event, new_salt)
    return Half(
        case=found.case,
        text=found.text,
        text_salt=found.salt,
        event_id=event.event_id,
        correlation_id=event.correlation_id or event.event_id,
        traceparent=event.traceparent,
    )


def _fate(
    past: Past,
    first: Mapping[ComplaintId, Past],
    known: Mapping[UUID, str],
    new: Mapping[ComplaintId, Half | None] | None,
) -> Fate | DomainError:
    key = past.complaint_id
    if new is not None and key in new:
        return Fate.WAITING if new[key] is None else Fate.OPENED
    told = known.get(key) or imports.past_text(first[key])
    if told == imports.past_text(past):
        return Fate.UNCHANGED
    return Conflict("Another past was told of this complaint.", state="told")


def _unknown_agency() -> Invalid:
    error = FieldError("/agency", "unknown_agency", "an agency of the directory")
    return Invalid("The city has no such agency.", [error])


def _lives_here() -> Conflict:
    return Conflict("This complaint did not come as history.", state="live")
