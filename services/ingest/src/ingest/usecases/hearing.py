"""What channels tell: one delivery, one transaction, kept as a whole or not at all."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from itertools import groupby

from ingest.domain.channels import channel_label
from ingest.domain.city import City
from ingest.domain.heard import Edited, Heard, Posted, Renamed, Reported, Withdrawn
from ingest.domain.identity import Identities
from ingest.domain.mentions import (
    FIRST_REVISION,
    Acceptance,
    Arrival,
    Said,
    first_mention_id,
    revision_order,
)
from ingest.domain.normalising import cleaned
from ingest.store import changes as store
from ingest.store.changes import Report
from ingest.usecases.changing import Changing, Edit, Gone
from ingest.usecases.committing import PATIENCE_S
from ingest.usecases.intake import Intake, Taken
from lintas.database.work import Transaction
from lintas.telemetry import count
from lintas.vocabulary.errors import Unavailable
from lintas.vocabulary.ids import ComplaintId, MentionId
from lintas.vocabulary.terms import Origin

#: states of a message of ours; a later one replaces an earlier one, and `failed` all of them
_STATES = ("sent", "delivered", "read", "played", "failed")


@dataclass(frozen=True, slots=True)
class _Delivery:
    """What holds for everything told at once."""

    client: str
    received_at: datetime
    traceparent: str
    origin: Origin
    #: mentions whose end is told, here or before they came: nobody is to read them any more
    gone: AbstractSet[MentionId] = frozenset()
    #: what is counted once it is committed
    reported: Counter[tuple[str, str]] = field(default_factory=Counter)

    def arrival(self, said: Said, mention: MentionId) -> Arrival:
        return Arrival(
            said,
            self.client,
            self.received_at,
            self.traceparent,
            origin=self.origin,
            withdrawn=mention in self.gone,
        )


class Hearing:
    """Takes what a channel was told in one delivery.

    A delivery may come again, in parallel and in any order: each thing told counts once. An edit
    of a post that has not come yet opens its complaint, so that nobody waits for what may never
    come; the post is then an older state. A withdrawal that comes first waits for its post, which
    then opens or continues its complaint without what it said.

    So many deliveries are taken at once, and the others wait: a flood of them leaves connections to
    whoever posts mentions and asks for tickets.
    """

    def __init__(
        self,
        intake: Intake,
        identities: Identities,
        changing: Changing,
        *,
        at_once: int,
        patience_s: float = PATIENCE_S,
    ) -> None:
        self._turn = asyncio.Semaphore(at_once)
        self._patience_s = patience_s
        self._intake = intake
        self._identities = identities
        self._changing = changing

    async def hear(
        self,
        heard: Sequence[Heard],
        *,
        client: str,
        received_at: datetime,
        traceparent: str,
        origin: Origin = Origin.LIVE,
    ) -> list[Acceptance | None]:
        """What each thing told became, in order: an acceptance for a post or an edit, else None.

        Every post has an external id. None too for an edit that says nothing new.

        Raises:
            Unavailable: nothing of the delivery is known to be written; it may be sent again.
        """
        if not heard:
            return []
        heard = [_cleaned(one) for one in heard]
        gone = frozenset(self._gone(one) for one in heard if isinstance(one, Withdrawn))
        delivery = _Delivery(client, received_at, traceparent, origin, gone)
        await self._wait()
        try:
            taken = await self._intake.committed(partial(self._take, heard, delivery), "hear")
        finally:
            self._turn.release()
        for (channel, state), number in delivery.reported.items():
            count("lintas_delivery_reports_total", number, channel=channel, state=state)
        return [one if isinstance(one, Acceptance) else None for one in taken.outcomes]

    async def _wait(self) -> None:
        try:
            async with asyncio.timeout(self._patience_s):
                await self._turn.acquire()
        except TimeoutError:
            raise Unavailable("Too many deliveries wait.") from None

    async def _take(
        self, heard: Sequence[Heard], delivery: _Delivery, tx: Transaction, city: City
    ) -> Taken:
        delivery.reported.clear()
        posts = [mention for one in heard if (mention := self._mention(one)) is not None]
        if posts:
            await store.take_turns(tx, posts)
        taken = Taken()
        for kind, run in groupby(heard, _kind):
            taken.add(await self._run(kind, [*run], delivery, tx, city))
        return taken

    async def _run(
        self,
        kind: type[Heard],
        run: Sequence[Heard],
        delivery: _Delivery,
        tx: Transaction,
        city: City,
    ) -> Taken:
        said = [one.said for one in run if isinstance(one, Posted | Edited)]
        if kind is Posted:
            return await self._posted(said, delivery, tx, city)
        if kind is Edited:
            return await self._edited(said, delivery, tx, city)
        taken = Taken(outcomes=[None] * len(run))
        gone = [
            Gone(self._gone(one), one.channel, one.at or delivery.received_at)
            for one in run
            if isinstance(one, Withdrawn)
        ]
        if gone:
            taken.add(await self._withdraw(gone, delivery, tx))
        reports = [one for one in run if isinstance(one, Reported)]
        if reports:
            await self._reported(reports, delivery, tx)
        for one in run:
            if isinstance(one, Renamed):
                await self._renamed(one, tx)
        return taken

    async def _posted(
        self, said: Sequence[Said], delivery: _Delivery, tx: Transaction, city: City
    ) -> Taken:
        mentions = [first_mention_id(self._post(one)) for one in said]
        early = await store.withdrawn_before(tx, mentions)
        told = replace(delivery, gone=delivery.gone | early.keys()) if early else delivery
        arrivals = [told.arrival(*one) for one in zip(said, mentions, strict=True)]
        taken = await self._intake.take(tx, city, arrivals)
        posts = dict(zip(mentions, said, strict=True))
        gone = [Gone(mention, posts[mention].channel, at) for mention, at in early.items()]
        if gone:
            taken.add(await self._withdraw(gone, delivery, tx))
        return taken

    async def _edited(
        self, said: Sequence[Said], delivery: _Delivery, tx: Transaction, city: City
    ) -> Taken:
        edits = []
        for one in said:
            post = self._post(one)
            edits.append(Edit(post, delivery.arrival(one, first_mention_id(post))))
        newest: dict[MentionId, Edit] = {}
        for edit in edits:
            before = newest.get(edit.mention_id)
            if before is None or _order(before) < _order(edit):
                newest[edit.mention_id] = edit
        kept = await store.locked(tx, [*newest])
        known = [edit for mention, edit in newest.items() if mention in kept]
        unknown = [edit for mention, edit in newest.items() if mention not in kept]
        changed = await self._changing.edit(tx, city, known, kept)
        opened = await self._posted([edit.arrival.said for edit in unknown], delivery, tx, city)
        outcomes = dict(zip(known, changed.outcomes, strict=True))
        outcomes |= zip(unknown, opened.outcomes, strict=True)
        return Taken(
            outcomes=[outcomes.get(edit) for edit in edits],
            events=changed.events + opened.events,
            counts=changed.counts + opened.counts,
        )

    async def _withdraw(self, gone: Sequence[Gone], delivery: _Delivery, tx: Transaction) -> Taken:
        return await self._changing.withdraw(tx, gone, delivery.received_at, delivery.traceparent)

    async def _renamed(self, one: Renamed, tx: Transaction) -> None:
        before = self._identities.aliases(one.channel, one.account, one.previous)
        after = self._identities.aliases(one.channel, one.account, one.current)
        for previous, current in zip(before, after, strict=False):
            await store.rename(tx, previous, current)

    async def _reported(
        self, reports: Sequence[Reported], delivery: _Delivery, tx: Transaction
    ) -> None:
        furthest: dict[bytes, Report] = {}
        for one in reports:
            if one.state not in _STATES:
                continue
            delivery.reported[channel_label(one.channel), one.state] += 1
            message = self._identities.message(one.channel, one.account, one.external_id)
            rank = _STATES.index(one.state)
            if message not in furthest or furthest[message].rank < rank:
                furthest[message] = Report(
                    message,
                    one.channel,
                    one.state,
                    rank,
                    one.reason,
                    one.reference,
                    one.at or delivery.received_at,
                )
        await store.report(tx, [*furthest.values()])

    def _post(self, said: Said) -> ComplaintId:
        return self._identities.post(said.channel, said.account, _name(said))

    def _mention(self, one: Heard) -> MentionId | None:
        """The mention that is told of, where it is one."""
        if isinstance(one, Posted | Edited):
            return first_mention_id(self._post(one.said))
        return self._gone(one) if isinstance(one, Withdrawn) else None

    def _gone(self, one: Withdrawn) -> MentionId:
        return first_mention_id(self._identities.post(one.channel, one.account, one.external_id))


def _kind(one: Heard) -> type[Heard]:
    # a post that is first seen after it was edited may be kept already in an earlier state
    if isinstance(one, Posted) and one.said.revision != FIRST_REVISION:
        return Edited
    return type(one)


def _order(edit: Edit) -> tuple[int, str]:
    return revision_order(edit.arrival.said.revision)


def _name(said: Said) -> str:
    if said.external_id is None:
        raise ValueError("what a channel tells of a post has its external id")
    return said.external_id


def _cleaned(one: Heard) -> Heard:
    return replace(one, said=cleaned(one.said)) if isinstance(one, Posted | Edited) else one
