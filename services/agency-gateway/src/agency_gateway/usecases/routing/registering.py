"""Batches of the routing topic, each applied in one transaction."""

import asyncio
import secrets
from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeGuard

from agency_gateway.domain.policies import Directory
from agency_gateway.domain.routing import Desk, open_complaint
from agency_gateway.store import complaints
from agency_gateway.usecases.cities import CityRules
from agency_gateway.usecases.keeping import keep_new
from agency_gateway.usecases.lifecycle import GENESIS, Cause, Link, Told, chained
from agency_gateway.usecases.routing.importing import recall_mentions
from agency_gateway.usecases.routing.later import apply_later
from agency_gateway.usecases.routing.reading import fact_id, opening, share_id
from agency_gateway.usecases.sight import AS_WORKER
from lintas.contracts.events import Event
from lintas.contracts.events.routing import ComplaintRouted
from lintas.database.work import Transaction, UnitOfWork
from lintas.vocabulary.ids import ComplaintId
from lintas.vocabulary.terms import Origin

_SALT_BYTES = 16
#: so many complaints at most before requests and the relay get their turn
_AT_ONCE = 50


class Registrar:
    """Applies the router's events.

    Repeated events change nothing: the inbox knows their ids, and a complaint opens once whatever
    the id. None is lost: inbox, effect and outbox commit together, or the batch comes again.
    """

    def __init__(
        self,
        work: UnitOfWork,
        city: CityRules,
        *,
        consumer: str = "agency-gateway.register",
        new_salt: Callable[[], bytes] = lambda: secrets.token_bytes(_SALT_BYTES),
    ) -> None:
        self._work = work
        self._city = city
        self._consumer = consumer
        self._new_salt = new_salt

    async def apply(self, events: Sequence[Event]) -> None:
        """Apply a run of events, in order per complaint, in one transaction.

        Raises:
            UnknownComplaint: a later event of a complaint that is not open.
            UnusableEvent: an event whose content can never be applied.
        """
        async with self._work.begin(AS_WORKER) as tx:
            fresh = await tx.first_time(self._consumer, events)
            # a complaint's opening comes before everything else about it, so openings may go first
            await self._open(tx, [event for event in fresh if _opens(event)])
            later = [event for event in fresh if not _opens(event)]
            if later:
                await apply_later(
                    tx, later, await self._city.now(tx.connection), self._work.clock()
                )

    async def _open(self, tx: Transaction, events: Sequence[ComplaintRouted]) -> None:
        first: dict[ComplaintId, ComplaintRouted] = {}
        for event in events:
            first.setdefault(event.complaint_id, event)
        if not first:
            return
        known, revision = await complaints.known(tx.connection, list(first))
        new = [event for event in first.values() if event.complaint_id not in known]
        past = [event for event in new if event.mention.origin is Origin.IMPORT]
        if past:
            await recall_mentions(tx, past, self._new_salt, self._work.clock())
        live = [event for event in new if event.mention.origin is Origin.LIVE]
        if live:
            await self._register(tx, live, await self._city.at(tx.connection, revision))

    async def _register(
        self, tx: Transaction, new: Sequence[ComplaintRouted], directory: Directory
    ) -> None:
        now = self._work.clock()
        opened: list[complaints.Opened] = []
        told: list[Told] = []
        for number, event in enumerate(new, start=1):
            desk = Desk(directory, now, partial(share_id, event.event_id))
            one, facts = _opened(event, desk, self._new_salt)
            opened.append(one)
            told.extend(facts)
            if number % _AT_ONCE == 0:
                await asyncio.sleep(0)
        await keep_new(tx, opened, told)


def _opened(
    event: ComplaintRouted, desk: Desk, new_salt: Callable[[], bytes]
) -> tuple[complaints.Opened, list[Told]]:
    found = opening(event, new_salt)
    change = open_complaint(found.case, found.decision, desk)
    cause = Cause(
        occurred_at=desk.now,
        recorded_at=desk.now,
        event_id=partial(fact_id, event.event_id),
        causation_id=event.event_id,
        correlation_id=event.correlation_id or event.event_id,
        traceparent=event.traceparent,
    )
    told, end = chained(change.complaint.case, Link(0, GENESIS), change.facts, cause)
    opened = complaints.Opened(
        complaint=change.complaint,
        registered_at=desk.now,
        text=found.text,
        said=found.said,
        text_salt=found.salt,
        seq=end.seq,
        head_hash=end.hash,
        correlation_id=cause.correlation_id,
        traceparent=event.traceparent,
    )
    return opened, told


def _opens(event: Event) -> TypeGuard[ComplaintRouted]:
    return isinstance(event, ComplaintRouted) and event.decision.round == 0
