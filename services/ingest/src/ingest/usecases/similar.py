"""Open complaints like one that is about to be sent: shown without words, names or tickets."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import orjson

from ingest.domain.areas import Area
from ingest.domain.likeness import content_words, likeness
from ingest.store import similar as store
from ingest.usecases.turns import in_turns
from lintas.contracts.topics import MENTIONS
from lintas.database.work import UnitOfWork
from lintas.vocabulary.terms import PublicStatus
from lintas.vocabulary.ticket import Ticket

#: newest events looked through; some days of a large city, some milliseconds of work
_LOOKED_AT = 1_000
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Similar:
    """What may be shown of somebody else's complaint; the ticket only to those who follow it."""

    complaint_id: UUID
    ticket: Ticket
    status: PublicStatus
    category: str | None
    kecamatan: str | None
    kelurahan: str | None
    received_at: datetime


async def similar_to(work: UnitOfWork, text: str, area: Area | None) -> Sequence[Similar]:
    """The most alike of the newest open complaints; never secret, erased or the city's own."""
    mine = content_words(text)
    if not mine:
        return ()
    async with work.begin() as tx:
        rows = await store.open_complaints(tx, MENTIONS, _LOOKED_AT)
    ranked: dict[UUID, tuple[float, datetime, Similar]] = {}
    async for row in in_turns(rows):
        mention = orjson.loads(row.event).get("mention") or {}
        if mention.get("own_post"):
            continue
        same = area is not None and area.code in (row.kelurahan, row.kecamatan)
        alike = likeness(mine, content_words(str(mention.get("text", ""))), same_place=same)
        if alike:
            shown = Similar(
                UUID(int=row.complaint_id.int),
                row.ticket,
                row.status,
                row.category,
                row.kecamatan,
                row.kelurahan,
                row.received_at,
            )
            before = ranked.get(row.complaint_id, (0.0, row.received_at, shown))
            ranked[row.complaint_id] = (max(alike + same, before[0]), row.received_at, shown)
    best = sorted(ranked.values(), key=lambda one: one[:2], reverse=True)
    return [shown for _, _, shown in best[:_SHOWN]]
