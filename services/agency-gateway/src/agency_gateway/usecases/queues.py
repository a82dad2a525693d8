"""An agency's queue: what is open, and who has it in hand."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from agency_gateway.domain.records import QueueItem
from agency_gateway.store import queue
from agency_gateway.store.queue import Claim, Filter, position
from agency_gateway.usecases.asking import Answer, Asked, Front
from agency_gateway.usecases.sight import Sights, actor_of
from lintas.auth import Principal
from lintas.database.work import Transaction
from lintas.vocabulary.errors import Conflict, NotFound
from lintas.vocabulary.ids import AgencyCode

__all__ = ["Filter", "Leased", "Queues", "position"]


@dataclass(frozen=True, slots=True)
class Leased:
    """What a caller has in hand."""

    #: None where nothing was free
    claim_id: UUID | None
    expires_at: datetime | None
    items: tuple[QueueItem, ...] = ()


class Queues:
    """Reading and claiming. A lease ends by itself; work that was not accepted is free again."""

    def __init__(self, front: Front, sights: Sights) -> None:
        self._front = front
        self._sights = sights

    async def page(
        self, who: Principal, of: Filter, after: tuple[datetime, UUID] | None, limit: int
    ) -> tuple[list[QueueItem], bool]:
        """Open assignments in order of their next breach, and whether there are more."""
        settings = self._sights.of_queue(who, of.agency)
        async with self._front.work.begin(settings) as tx:
            found = await queue.page(tx.connection, of, after, limit + 1)
        now = self._front.work.clock()
        return [_with_live_lease(item, now) for item in found[:limit]], len(found) > limit

    async def claim(
        self, asked: Asked[Leased], agency: AgencyCode, most: int, lease: timedelta
    ) -> Answer:
        """Lease up to `most` free assignments; no two callers get the same one."""
        now = self._front.work.clock()
        wanted = Claim(uuid4(), agency, actor_of(asked.who), now + lease)

        async def act(tx: Transaction) -> Leased:
            items = await queue.claim(tx.connection, wanted, most, now)
            if not items:
                return Leased(None, None)
            return Leased(wanted.id, wanted.expires_at, tuple(items))

        return await self._front.run(asked, self._sights.of_queue(asked.who, agency), act)

    async def renew(
        self, asked: Asked[Leased], agency: AgencyCode, claim_id: UUID, lease: timedelta
    ) -> Answer:
        """Keep what is still in hand for longer."""
        now = self._front.work.clock()

        async def act(tx: Transaction) -> Leased:
            await _own_claim(tx, agency, claim_id, asked.who, now)
            items = await queue.renew(tx.connection, claim_id, now + lease)
            return Leased(claim_id, now + lease, tuple(items))

        return await self._front.run(asked, self._sights.of_queue(asked.who, agency), act)

    async def release(self, asked: Asked[None], agency: AgencyCode, claim_id: UUID) -> Answer:
        """Give back what was not accepted."""
        now = self._front.work.clock()

        async def act(tx: Transaction) -> None:
            await _own_claim(tx, agency, claim_id, asked.who, now)
            await queue.release(tx.connection, claim_id, now)

        return await self._front.run(asked, self._sights.of_queue(asked.who, agency), act)


async def _own_claim(
    tx: Transaction, agency: AgencyCode, claim_id: UUID, who: Principal, now: datetime
) -> None:
    claim = await queue.lock_claim(tx.connection, agency, claim_id)
    if claim is None or claim.holder != actor_of(who):
        raise NotFound("There is no such claim.")
    if claim.released:
        raise Conflict("The claim was released.", state="released")
    if claim.expires_at <= now:
        raise Conflict("The claim has expired.", state="expired")


def _with_live_lease(item: QueueItem, now: datetime) -> QueueItem:
    if item.lease is not None and item.lease.expires_at <= now:
        return replace(item, lease=None)
    return item
