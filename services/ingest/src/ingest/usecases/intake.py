"""Accepting a set of mentions: each opens its complaint once, however often it arrives."""

import asyncio
from collections.abc import Sequence
from time import perf_counter

from ingest.domain.channels import channel_label
from ingest.domain.city import City
from ingest.domain.errors import KeyReused
from ingest.domain.identity import Identities
from ingest.domain.mentions import Acceptance, Arrival, Known, first_mention_id
from ingest.store import intake as store
from ingest.store.intake import Overtaken
from ingest.usecases.backlog import Backlog
from ingest.usecases.cities import Cities
from ingest.usecases.preparing import Prepared, Preparing
from lintas.contracts.topics import MENTIONS
from lintas.database.work import UnitOfWork
from lintas.telemetry import count, gauge, observe
from lintas.vocabulary.errors import DomainError, Unavailable
from lintas.vocabulary.ids import ComplaintId

#: two in a row are rare enough; more would mean something else is wrong
_TRIES = 5

#: what becomes of one arrival
Outcome = Acceptance | DomainError


class NoCity(Unavailable):
    """No city pack is applied yet, so no ticket can be given (503)."""

    code = "no-city"

    def __init__(self) -> None:
        super().__init__("No city pack is applied yet.", retry_after_s=5)


class Intake:
    """The way of a set into the vault and the outbox.

    Nothing is written twice: a complaint's id comes from its identity, and the database refuses a
    second row. Nothing accepted is lost: an outcome is returned only after the commit.
    """

    def __init__(
        self,
        work: UnitOfWork,
        cities: Cities,
        identities: Identities,
        preparing: Preparing,
        backlog: Backlog,
    ) -> None:
        self._work = work
        self._cities = cities
        self._identities = identities
        self._preparing = preparing
        self._backlog = backlog

    async def accept(self, arrivals: Sequence[Arrival]) -> list[Outcome]:
        """One outcome per arrival, in order; those that share a commit share its fate.

        Raises:
            Unavailable: nothing of the set is known to be written; it may be sent again.
        """
        city = self._cities.in_force()
        if city is None:
            raise NoCity
        self._backlog.check()
        for _ in range(_TRIES):
            try:
                return await self._attempt(city, arrivals)
            except Overtaken:
                # another instance wrote one of these first, or holds the ticket we drew
                continue
        raise Unavailable("Too many writers at once.")

    async def _attempt(self, city: City, arrivals: Sequence[Arrival]) -> list[Outcome]:
        plan = _Plan(self._identities, arrivals)
        async with self._work.begin() as tx:
            plan.held = await store.remembered(
                tx, plan.complaints, [*plan.fingerprints], plan.reporters
            )
        firsts, fingerprints = plan.sort_out()
        prepared = Prepared()
        if firsts:
            prepared = await asyncio.to_thread(
                self._preparing.prepare, city, firsts, plan.held.keys
            )
        if firsts or fingerprints:
            await self._write(prepared, fingerprints)
        plan.opened(prepared)
        return plan.outcomes()

    async def _write(self, prepared: Prepared, fingerprints: dict[bytes, bytes]) -> None:
        started = perf_counter()
        async with self._work.begin() as tx:
            await store.write(
                tx, fingerprints, prepared.keys, prepared.complaints, self._work.clock()
            )
            await tx.publish(MENTIONS, prepared.events)
        self._backlog.added(len(prepared.events))
        observe("lintas_transaction_seconds", perf_counter() - started, purpose="accept")
        gauge("lintas_commit_size", len(prepared.events))


class _Plan:
    """What is to be done about each arrival of one attempt."""

    def __init__(self, identities: Identities, arrivals: Sequence[Arrival]) -> None:
        self._identities = identities
        self._arrivals = arrivals
        self.complaints = [identities.complaint(arrival) for arrival in arrivals]
        self.reporters = [
            identities.reporter(arrival.said, complaint)
            for arrival, complaint in zip(arrivals, self.complaints, strict=True)
        ]
        self._requests = [
            identities.request(arrival.client, arrival.guard) if arrival.guard else None
            for arrival in arrivals
        ]
        #: what each key of the set stands for; its first arrival decides
        self.fingerprints: dict[bytes, bytes] = {}
        for request, arrival in zip(self._requests, arrivals, strict=True):
            if request is not None and arrival.guard is not None:
                self.fingerprints.setdefault(request, arrival.guard.fingerprint)
        self.held = store.Remembered({}, {}, {})
        self._known: dict[ComplaintId, Known] = {}
        self._new: set[ComplaintId] = set()

    def sort_out(self) -> tuple[list[tuple[ComplaintId, Arrival]], dict[bytes, bytes]]:
        """First mentions to be written, and keys to be bound."""
        self._known = dict(self.held.complaints)
        firsts: dict[ComplaintId, Arrival] = {}
        for place, complaint in enumerate(self.complaints):
            if complaint not in self._known and not self._refused(place):
                firsts.setdefault(complaint, self._arrivals[place])
        fresh = {
            request: fingerprint
            for request, fingerprint in self.fingerprints.items()
            if request not in self.held.fingerprints
        }
        return [*firsts.items()], fresh

    def opened(self, prepared: Prepared) -> None:
        """These are committed."""
        for new in prepared.complaints:
            self._known[new.complaint_id] = Known(new.complaint_id, new.ticket, new.client)
            self._new.add(new.complaint_id)

    def outcomes(self) -> list[Outcome]:
        """What each arrival is answered."""
        return [self._outcome(place) for place in range(len(self._arrivals))]

    def _outcome(self, place: int) -> Outcome:
        arrival, complaint = self._arrivals[place], self.complaints[place]
        label = channel_label(arrival.said.channel)
        if self._refused(place):
            count("lintas_mentions_total", channel=label, outcome="refused")
            return KeyReused()
        outcome = "new" if complaint in self._new else "repeat"
        self._new.discard(complaint)
        count("lintas_mentions_total", channel=label, outcome=outcome)
        known = self._known[complaint]
        return Acceptance(
            complaint_id=complaint,
            mention_id=first_mention_id(complaint),
            ticket=known.ticket,
            # whoever repeats another client's mention learns nothing that opens it
            secret=self._identities.secret(complaint) if known.client == arrival.client else None,
        )

    def _refused(self, place: int) -> bool:
        request, guard = self._requests[place], self._arrivals[place].guard
        if request is None or guard is None:
            return False
        bound = self.held.fingerprints.get(request, self.fingerprints[request])
        return bound != guard.fingerprint
