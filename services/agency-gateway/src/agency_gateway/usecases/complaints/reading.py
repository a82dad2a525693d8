"""Complaints as their agencies see them: whole, as a timeline, and proven."""

from dataclasses import dataclass
from typing import Any

import orjson

from agency_gateway.domain.records import ComplaintRecord, HistoryRecord
from agency_gateway.store import complaints, history, papers
from agency_gateway.usecases.complaints.finding import NO_SUCH_COMPLAINT, complaint_id
from agency_gateway.usecases.lifecycle import Link, first_broken
from agency_gateway.usecases.sight import Sights
from lintas.auth import Principal
from lintas.database.work import Transaction, UnitOfWork
from lintas.vocabulary.errors import NotFound
from lintas.vocabulary.ids import ComplaintId

#: of a fact's body: what its place in the chain says already
_FRAME = frozenset({"complaint_id", "seq", "origin", "person_id", "previous_hash", "hash"})


@dataclass(frozen=True, slots=True)
class Audit:
    """A complaint's history, and whether its hash chain holds."""

    complaint_id: ComplaintId
    facts: tuple[HistoryRecord, ...]
    #: the number of the first fact that does not fit
    broken_at: int | None


class Reading:
    """Reads with the sight of whoever asks."""

    def __init__(self, work: UnitOfWork, sights: Sights) -> None:
        self._work = work
        self._sights = sights

    async def complaint(self, who: Principal, named: str) -> ComplaintRecord:
        """A complaint by id or ticket."""
        async with self._work.begin(self._sights.of(who)) as tx:
            return await record(tx, await complaint_id(tx, named))

    async def timeline(self, who: Principal, named: str) -> tuple[HistoryRecord, ...]:
        """What happened to it, in order."""
        async with self._work.begin(self._sights.of(who)) as tx:
            facts = await history.of(tx.connection, await complaint_id(tx, named))
        if not facts:
            raise NotFound(NO_SUCH_COMPLAINT)
        return tuple(facts)

    async def audit(self, who: Principal, named: str) -> Audit:
        """What happened to it, with every hash computed again."""
        async with self._work.begin(self._sights.of(who)) as tx:
            id_ = await complaint_id(tx, named)
            # under the row's lock, so that head and history are of the same moment
            kept = (await complaints.lock(tx.connection, [id_])).get(id_)
            if kept is None:
                raise NotFound(NO_SUCH_COMPLAINT)
            facts = await history.of(tx.connection, id_)
        broken = first_broken(id_, facts, Link(kept.seq, kept.head_hash))
        return Audit(id_, tuple(facts), broken)


async def record(tx: Transaction, id_: ComplaintId) -> ComplaintRecord:
    """A complaint with everything the transaction may see of it; NotFound if that is nothing."""
    found = await papers.read(tx.connection, id_)
    if found is None:
        raise NotFound(NO_SUCH_COMPLAINT)
    return found


def details(fact: HistoryRecord) -> dict[str, Any]:
    """What a fact says beyond its place in the chain."""
    body = orjson.loads(fact.body)
    return {name: value for name, value in body.items() if name not in _FRAME}
