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
from lintas.database.work import UnitOfWork
from lintas.vocabulary.terms import PublicStatus
from lintas.vocabulary.ticket import Ticket

#: newest events looked through; some days of a large city
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


class Lookalikes:
    """Finds complaints like a text; what was said is read once, not at every question.

    So a flood of questions costs a list of ids each, and neither the loop nor the database is held.
    """

    def __init__(self, work: UnitOfWork) -> None:
        self._work = work
        #: outbox row → the words that say what it is about; oldest first
        self._words: dict[int, frozenset[str]] = {}

    async def of(self, text: str, area: Area | None) -> Sequence[Similar]:
        """The most alike of the newest open complaints; never secret, erased or the city's own."""
        mine = content_words(text)
        if not mine:
            return ()
        async with self._work.begin() as tx:
            rows = await store.open_complaints(tx, _LOOKED_AT)
            unread = [row.said for row in rows if row.said not in self._words]
            events = await store.events(tx, unread) if unread else {}
        async for said, event in in_turns(events.items()):
            self._words[said] = _words_of(event)
        ranked: dict[UUID, tuple[float, datetime, Similar]] = {}
        for row in rows:
            same = area is not None and area.code in (row.kelurahan, row.kecamatan)
            alike = likeness(mine, self._words.get(row.said, _NONE), same_place=same)
            if alike:
                before = ranked.get(row.complaint_id, (0.0,))
                ranked[row.complaint_id] = (
                    max(alike + same, before[0]),
                    row.received_at,
                    _shown(row),
                )
        self._forget()
        best = sorted(ranked.values(), key=lambda one: one[:2], reverse=True)
        return [shown for _, _, shown in best[:_SHOWN]]

    def _forget(self) -> None:
        for said in sorted(self._words)[: -2 * _LOOKED_AT]:
            del self._words[said]


_NONE: frozenset[str] = frozenset()


def _words_of(event: bytes) -> frozenset[str]:
    mention = orjson.loads(event).get("mention") or {}
    return _NONE if mention.get("own_post") else content_words(str(mention.get("text", "")))


def _shown(row: store.Row) -> Similar:
    return Similar(
        UUID(int=row.complaint_id.int),
        row.ticket,
        row.status,
        row.category,
        row.kecamatan,
        row.kelurahan,
        row.received_at,
    )
