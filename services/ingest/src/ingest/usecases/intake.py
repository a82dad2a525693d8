"""Accepting a set of mentions: each opens its complaint once, however often it arrives."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from time import perf_counter

from ingest.domain.channels import channel_label
from ingest.domain.city import City
from ingest.domain.errors import KeyReused
from ingest.domain.identity import Identities
from ingest.domain.mentions import (
    Acceptance,
    Arrival,
    First,
    NewComplaint,
    first_mention_id,
)
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
        # two sets that take turns would be ready together, and then both wait for the database
        self._one_by_one = asyncio.Lock()

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
        started = perf_counter()
        # the commit of a small set is mostly round trips, so looking and writing share one
        async with self._work.begin() as tx:
            plan.held = await store.remembered(
                tx, plan.complaints, [*plan.fingerprints], plan.reporters
            )
            firsts, fingerprints = plan.sort_out()
            async with self._one_by_one:
                prepared = await self._preparing.prepare(city, firsts, plan.held.keys)
            if firsts or fingerprints:
                await store.write(
                    tx, fingerprints, prepared.keys, prepared.complaints, self._work.clock()
                )
                await tx.publish(MENTIONS, prepared.events)
        observe("lintas_transaction_seconds", perf_counter() - started, purpose="accept")
        gauge("lintas_commit_size", len(prepared.events))
        self._backlog.added(len(prepared.events))
        return plan.outcomes(prepared)


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

    def sort_out(self) -> tuple[list[First], dict[bytes, bytes]]:
        """First mentions to be written, and keys to be bound."""
        firsts: dict[ComplaintId, First] = {}
        for place, complaint in enumerate(self.complaints):
            known = complaint in self.held.complaints or complaint in firsts
            if not known and not self._refused(place):
                firsts[complaint] = First(complaint, self.reporters[place], self._arrivals[place])
        fresh = {
            request: fingerprint
            for request, fingerprint in self.fingerprints.items()
            if request not in self.held.fingerprints
        }
        return [*firsts.values()], fresh

    def outcomes(self, prepared: Prepared) -> list[Outcome]:
        """What each arrival is answered, once `prepared` is committed."""
        opened = {new.complaint_id: new for new in prepared.complaints}
        untold = set(opened)
        outcomes: list[Outcome] = []
        counts: Counter[tuple[str, str]] = Counter()
        for place, arrival in enumerate(self._arrivals):
            complaint = self.complaints[place]
            if self._refused(place):
                outcomes.append(KeyReused())
                became = "refused"
            else:
                outcomes.append(self._acceptance(arrival, complaint, opened.get(complaint)))
                became = "new" if complaint in untold else "repeat"
                untold.discard(complaint)
            counts[channel_label(arrival.said.channel), became] += 1
        for (channel, became), number in counts.items():
            count("lintas_mentions_total", number, channel=channel, outcome=became)
        return outcomes

    def _acceptance(
        self, arrival: Arrival, complaint: ComplaintId, new: NewComplaint | None
    ) -> Acceptance:
        # whoever repeats another client's mention learns nothing that opens it
        if new is not None:
            secret = new.secret if new.client == arrival.client else None
            return Acceptance(complaint, new.mention_id, new.ticket, secret)
        known = self.held.complaints[complaint]
        secret = self._identities.secret(complaint) if known.client == arrival.client else None
        return Acceptance(complaint, first_mention_id(complaint), known.ticket, secret)

    def _refused(self, place: int) -> bool:
        request, guard = self._requests[place], self._arrivals[place].guard
        if request is None or guard is None:
            return False
        bound = self.held.fingerprints.get(request, self.fingerprints[request])
        return bound != guard.fingerprint
