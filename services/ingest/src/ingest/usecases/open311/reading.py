"""Listing requests and what became of them."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from ingest.domain.city import City
from ingest.domain.open311.requests import (
    MOST,
    Request,
    SealedWords,
    State,
    Update,
    Wanted,
    Words,
    in_order,
    window,
)
from ingest.domain.vault import PUBLIC_WORDS, SealedItem
from ingest.store import open311 as store
from ingest.usecases.cities import Cities
from ingest.usecases.turns import in_turns
from ingest.usecases.vault import Asker, Opened, Vault, open_items
from lintas.database.work import UnitOfWork
from lintas.privacy import Redactor
from lintas.vocabulary.errors import NotFound
from lintas.vocabulary.ids import ComplaintId, MentionId
from lintas.vocabulary.ticket import Ticket, parse_ticket
from lintas.web import Room

_ASKER = Asker("open311", None, PUBLIC_WORDS)
#: a page takes a fraction of a second
_DOWNLOADS_AT_ONCE, _DOWNLOAD_WAITS_S = 2, 30
_NO_REQUEST = "service_request_id was not found."


class Reading:
    """What anybody may read: no secret complaint, nobody's identity.

    The words of a complaint are made when somebody first asks: opened, redacted, and kept until
    its reporter's key is destroyed, so that accepting a mention pays nothing for being listed.
    """

    def __init__(self, work: UnitOfWork, vault: Vault, cities: Cities, redact: Redactor) -> None:
        self._work = work
        self._vault = vault
        self._cities = cities
        self._redact = redact
        self._room = Room("downloads", _DOWNLOADS_AT_ONCE, wait_s=_DOWNLOAD_WAITS_S)

    async def requests(self, wanted: Wanted) -> list[Request]:
        """The requests asked for, with their words; the newest first, or as they were named."""
        async with self._work.begin() as tx:
            found = await store.listed(tx, wanted)
        return [*in_order(await self._in_words(found), wanted.tickets)]

    async def pages(self, wanted: Wanted) -> AsyncIterator[Sequence[Request]]:
        """All the requests asked for, the newest first, `limit` at a time; the last may be empty.

        Each page is read in transactions of its own, so a slow reader holds nothing open. Few are
        worked on at once; Unavailable if none of those places becomes free in a while.
        """
        while True:
            async with self._room.entered():
                found = await self.requests(wanted)
            yield found
            if len(found) < wanted.limit:
                return
            wanted = wanted.from_there(found[-1])

    async def one(self, ticket_text: str) -> Request:
        """One request; NotFound also for a secret one."""
        ticket = parse_ticket(ticket_text)
        found = await self.requests(Wanted(tickets=(ticket,), limit=1)) if ticket else []
        if not found:
            raise NotFound(_NO_REQUEST)
        return found[0]

    async def ticket_of(self, token: str) -> Ticket:
        """The id that a token stands for; NotFound if it stands for none."""
        ticket = None
        mention = _uuid(token)
        if mention is not None:
            async with self._work.begin() as tx:
                ticket = await store.ticket_of(tx, MentionId(mention))
        if ticket is None:
            raise NotFound("token was not found.")
        return ticket

    async def updates(
        self, start: datetime | None, end: datetime | None, limit: int = MOST
    ) -> list[Update]:
        """What became of requests, the oldest first; by default in the last 90 days."""
        wanted = window(start, end, self._work.clock())
        async with self._work.begin() as tx:
            return await store.updates(tx, wanted, limit)

    async def updates_of(self, requests: Sequence[Request]) -> dict[Ticket, list[Update]]:
        """What became of these, the oldest first."""
        told: dict[Ticket, list[Update]] = {request.ticket: [] for request in requests}
        async with self._work.begin() as tx:
            found = await store.updates_of(tx, [*told], 20 * MOST)
        for update in found:
            told[update.ticket].append(update)
        return told

    async def _in_words(self, found: Sequence[Request]) -> Sequence[Request]:
        silent = [request for request in found if request.words is None and not _is_gone(request)]
        city = self._cities.in_force()
        if not silent or city is None:
            return found
        items = [
            SealedItem(one.progress.complaint_id, one.sealed.key_id, one.sealed.sealed)
            for one in silent
        ]
        opened = await open_items(self._work, self._vault, _ASKER, items)
        made: list[tuple[ComplaintId, SealedWords, Words]] = []
        async for request, one in in_turns(zip(silent, opened, strict=True)):
            if one.content is not None:
                words = self._words(city, one)
                made.append((request.progress.complaint_id, request.sealed, words))
        async with self._work.begin() as tx:
            await store.keep_words(tx, made)
        words_of = {complaint: words for complaint, _, words in made}
        return [
            replace(request, words=request.words or words_of.get(request.progress.complaint_id))
            for request in found
        ]

    def _words(self, city: City, opened: Opened) -> Words:
        content: dict[str, Any] = opened.content or {}
        author = content.get("author", {})
        reporter = [
            author[name] for name in ("name", "handle", "phone", "email") if author.get(name)
        ]

        def shown(text: str) -> str:
            return self._redact(text, allowed_handles=city.own_handles, reporter=reporter).text

        address, point = content.get("address"), content.get("point") or (None, None)
        return Words(shown(content["text"]), shown(address) if address else None, *point)


def _is_gone(request: Request) -> bool:
    """Whether its reporter took it back: what they said is not shown, however often asked for."""
    return request.progress.state is State.WITHDRAWN


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
