"""Accepting a set of mentions: each opens or continues its complaint once, however often it arrives."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from time import perf_counter

from ingest.domain.channels import channel_label
from ingest.domain.city import City
from ingest.domain.errors import KeyReused
from ingest.domain.identity import Identities
from ingest.domain.joining import continued, may_join
from ingest.domain.mentions import (
    Acceptance,
    Arrival,
    Continued,
    First,
    Further,
    Known,
    NewComplaint,
    NewMention,
    first_mention_id,
)
from ingest.store import awaited, joining
from ingest.store import intake as store
from ingest.store.intake import Overtaken
from ingest.store.joining import Named
from ingest.usecases.backlog import Backlog
from ingest.usecases.cities import Cities
from ingest.usecases.preparing import Prepared, Preparing
from lintas.contracts.topics import MENTIONS
from lintas.database.work import Transaction, UnitOfWork
from lintas.telemetry import count, gauge, observe
from lintas.vocabulary.errors import DomainError, Unavailable
from lintas.vocabulary.ids import ComplaintId, MentionId
from lintas.vocabulary.terms import Joined
from lintas.vocabulary.ticket import Ticket, find_tickets

#: two in a row are rare enough; more would mean something else is wrong
_TRIES = 5

#: what becomes of one arrival
Outcome = Acceptance | DomainError


class NoCity(Unavailable):
    """No city pack is applied yet, so no ticket can be given (503)."""

    code = "no-city"

    def __init__(self) -> None:
        super().__init__("No city pack is applied yet.", retry_after_s=5)


@dataclass
class Taken:
    """What a set became; nobody is told before it is committed."""

    outcomes: list[Outcome | None] = field(default_factory=list)
    #: events put into the outbox
    events: int = 0
    #: mentions by channel and by what became of them
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, more: "Taken") -> None:
        """Take in what the next set of the same transaction became."""
        self.outcomes += more.outcomes
        self.events += more.events
        self.counts += more.counts

    def tell(self) -> None:
        """Count what became of the mentions; once, after the commit."""
        for (channel, became), number in self.counts.items():
            count("lintas_mentions_total", number, channel=channel, outcome=became)


class Intake:
    """The way of a set into the vault and the outbox.

    Nothing is written twice: a mention's id comes from its identity, and the database refuses a
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

        Files they name are at public addresses, and are asked for once this is committed.

        Raises:
            Unavailable: nothing of the set is known to be written; it may be sent again.
        """
        taken = await self.committed(partial(self._take_with_files, arrivals))
        return [outcome for outcome in taken.outcomes if outcome is not None]

    async def _take_with_files(
        self, arrivals: Sequence[Arrival], tx: Transaction, city: City
    ) -> Taken:
        taken = await self.take(tx, city, arrivals)
        named = [
            awaited.Named(
                outcome.mention_id, channel_label(arrival.said.channel), None, arrival.traceparent
            )
            for arrival, outcome in zip(arrivals, taken.outcomes, strict=True)
            if arrival.said.media and isinstance(outcome, Acceptance)
        ]
        if named:
            await awaited.remember(tx, named, self._work.clock())
        return taken

    async def committed(
        self, take: Callable[[Transaction, City], Awaitable[Taken]], purpose: str = "accept"
    ) -> Taken:
        """What `take` took in one transaction, tried again while others are faster.

        Raises:
            Unavailable: nothing of it is known to be written; it may be tried again.
        """
        city = self._cities.in_force()
        if city is None:
            raise NoCity
        self._backlog.check()
        for _ in range(_TRIES):
            started = perf_counter()
            try:
                # the commit of a small set is mostly round trips, so looking and writing share one
                async with self._work.begin() as tx:
                    taken = await take(tx, city)
            except Overtaken:
                # another instance wrote one of these first, or holds the ticket we drew
                continue
            observe("lintas_transaction_seconds", perf_counter() - started, purpose=purpose)
            gauge("lintas_commit_size", taken.events)
            self._backlog.added(taken.events)
            taken.tell()
            return taken
        raise Unavailable("Too many writers at once.")

    async def take(self, tx: Transaction, city: City, arrivals: Sequence[Arrival]) -> Taken:
        """Keep `arrivals` in the caller's transaction; those that continue others come after them.

        Raises:
            Overtaken: another transaction was faster; this one has to begin again.
        """
        taken = Taken()
        for independent in _independent(arrivals):
            taken.add(await self._take(tx, city, independent))
        return taken

    async def _take(self, tx: Transaction, city: City, arrivals: Sequence[Arrival]) -> Taken:
        plan = _Plan(self._identities, arrivals)
        if any(arrival.said.author.platform_id for arrival in arrivals):
            plan.rename(await joining.same_as(tx, plan.reporters))
        plan.held = await store.remembered(tx, plan.mentions, [*plan.fingerprints], plan.reporters)
        if plan.look_for(city):
            found = await joining.named(tx, plan.replied_to, [*plan.threads], plan.tickets)
            plan.join(city, found)
        firsts, further, fingerprints = plan.sort_out()
        if further:
            await joining.lock(tx, [one.continued.complaint_id for one in further])
        async with self._one_by_one:
            prepared = await self._preparing.prepare(city, firsts, plan.held.keys, further)
        if firsts or further or fingerprints:
            await store.write(
                tx,
                fingerprints,
                prepared.keys,
                prepared.complaints,
                tx.publishing(MENTIONS, prepared.events),
                self._work.clock(),
            )
        if further:
            await joining.add(tx, prepared.mentions)
        if threads := plan.now_about():
            await joining.follow_threads(tx, threads, plan.threads_seen)
        return plan.taken(prepared)


def _independent(arrivals: Sequence[Arrival]) -> Iterator[Sequence[Arrival]]:
    """Runs of arrivals, none of which may continue another one of its run."""
    if all(one.said.in_reply_to is None and one.said.conversation is None for one in arrivals):
        yield arrivals
        return
    run: list[Arrival] = []
    posts: set[tuple[str, ...]] = set()
    for arrival in arrivals:
        said = arrival.said
        names = [
            (kind, said.channel, said.account, name)
            for kind, name in (("post", said.in_reply_to), ("thread", said.conversation))
            if name is not None
        ]
        if any(name in posts for name in names):
            yield run
            run, posts = [], set()
        run.append(arrival)
        posts |= {name for name in names if name[0] == "thread"}
        if said.external_id is not None:
            posts.add(("post", said.channel, said.account, said.external_id))
    yield run


class _Plan:
    """What is to be done about each arrival of one attempt."""

    def __init__(self, identities: Identities, arrivals: Sequence[Arrival]) -> None:
        self._identities = identities
        self._arrivals = arrivals
        #: the complaint that each opens, unless it continues another one
        self.posts = [identities.complaint(arrival) for arrival in arrivals]
        self.mentions = [first_mention_id(post) for post in self.posts]
        self.reporters = [
            identities.reporter(arrival.said, post)
            for arrival, post in zip(arrivals, self.posts, strict=True)
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
        #: mentions whose complaints arrivals may continue
        self.replied_to: list[MentionId] = []
        #: threads, and the place of the arrival that said something in each last
        self.threads: dict[bytes, int] = {}
        #: what threads were about when they were looked at
        self.threads_seen: dict[bytes, ComplaintId] = {}
        self.tickets: list[Ticket] = []
        self._looked_for: dict[int, tuple[MentionId | None, bytes | None, tuple[Ticket, ...]]] = {}
        self._continued: dict[int, Continued] = {}

    def rename(self, same_as: Mapping[bytes, bytes]) -> None:
        """Reporters who are known by an earlier name are the same reporters."""
        self.reporters = [same_as.get(reporter, reporter) for reporter in self.reporters]

    def look_for(self, city: City) -> bool:
        """Note what the arrivals may continue; whether there is anything."""
        for place, arrival in enumerate(self._arrivals):
            said = arrival.said
            if self.mentions[place] in self.held.mentions or not may_join(said, city.ticket_prefix):
                continue
            reply = None
            if said.in_reply_to is not None:
                reply = first_mention_id(
                    self._identities.post(said.channel, said.account, said.in_reply_to)
                )
                self.replied_to.append(reply)
            thread = self._identities.thread(said, self.reporters[place])
            if thread is not None:
                self.threads[thread] = place
            # a ticket may also be what an answer's address says (`lapor+BGR-…@`)
            tickets = find_tickets(f"{said.text}\n{said.conversation}", city.ticket_prefix)
            self.tickets += tickets
            self._looked_for[place] = (reply, thread, tickets)
        return bool(self.replied_to or self.threads or self.tickets)

    def join(self, city: City, found: Named) -> None:
        """Decide which arrivals continue what was found."""
        for thread, candidate in found.threads.items():
            self.threads_seen[thread] = candidate.continued.complaint_id
        for place, (reply, about, tickets) in self._looked_for.items():
            candidates = (
                found.mentions.get(reply) if reply else None,
                next((found.tickets[one] for one in tickets if one in found.tickets), None),
                found.threads.get(about) if about else None,
            )
            chosen = continued(
                self._arrivals[place],
                self.reporters[place],
                {one.joined: one for one in candidates if one is not None},
                city,
            )
            if chosen is not None:
                self._continued[place] = chosen.continued

    def sort_out(self) -> tuple[list[First], list[Further], dict[bytes, bytes]]:
        """First mentions, mentions that continue something, and keys to be bound."""
        firsts: dict[MentionId, First] = {}
        further: dict[MentionId, Further] = {}
        for place, mention in enumerate(self.mentions):
            known = mention in self.held.mentions or mention in firsts or mention in further
            if known or self._refused(place):
                continue
            post, reporter = self.posts[place], self.reporters[place]
            arrival, goes_on = self._arrivals[place], self._continued.get(place)
            if arrival.withdrawn:
                # only now, as a ticket in the text says what it continues
                arrival = arrival.unsaid()
            if goes_on is None:
                firsts[mention] = First(post, mention, reporter, arrival)
            else:
                further[mention] = Further(goes_on, post, reporter, arrival)
        fresh = {
            request: fingerprint
            for request, fingerprint in self.fingerprints.items()
            if request not in self.held.fingerprints
        }
        return [*firsts.values()], [*further.values()], fresh

    def now_about(self) -> dict[bytes, ComplaintId]:
        """Threads that are about another complaint from now on."""
        about = {}
        for thread, place in self.threads.items():
            goes_on = self._continued.get(place)
            complaint = goes_on.complaint_id if goes_on else self.posts[place]
            if self.threads_seen.get(thread) != complaint and not self._refused(place):
                about[thread] = complaint
        return about

    def taken(self, prepared: Prepared) -> Taken:
        """What each arrival is answered, once `prepared` is committed."""
        opened = {new.mention_id: new for new in prepared.complaints}
        added = {new.mention_id: new for new in prepared.mentions}
        untold = {*opened, *added}
        taken = Taken(events=len(prepared.events))
        for place, arrival in enumerate(self._arrivals):
            mention = self.mentions[place]
            if self._refused(place):
                taken.outcomes.append(KeyReused())
                became = "refused"
            else:
                acceptance = self._acceptance(
                    arrival, mention, opened.get(mention), added.get(mention)
                )
                taken.outcomes.append(acceptance)
                fresh = "new" if mention in opened else "follow_up"
                became = fresh if mention in untold else "repeat"
                untold.discard(mention)
            taken.counts[channel_label(arrival.said.channel), became] += 1
        return taken

    def _acceptance(
        self,
        arrival: Arrival,
        mention: MentionId,
        new: NewComplaint | None,
        more: NewMention | None,
    ) -> Acceptance:
        # whoever repeats another client's mention learns nothing that opens it
        if new is not None:
            secret = new.secret if new.client == arrival.client else None
            return Acceptance(new.complaint_id, mention, new.ticket, secret)
        known: Known | Continued = more.continued if more else self.held.mentions[mention]
        complaint = known.complaint_id
        # nor does whoever has read a ticket somewhere
        own = known.client == arrival.client and known.joined is not Joined.TICKET
        secret = self._identities.secret(complaint) if own else None
        return Acceptance(complaint, mention, known.ticket, secret)

    def _refused(self, place: int) -> bool:
        request, guard = self._requests[place], self._arrivals[place].guard
        if request is None or guard is None:
            return False
        bound = self.held.fingerprints.get(request, self.fingerprints[request])
        return bound != guard.fingerprint
