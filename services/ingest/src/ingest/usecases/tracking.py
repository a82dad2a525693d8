"""What a ticket shows to anybody, and what the secret in the link adds."""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ingest.domain.identity import secret_hash
from ingest.domain.public import About, Answer, Reached, Tracked
from ingest.domain.vault import REPORTER_LINK, SealedItem, UnsealPurpose
from ingest.store import feedback as feedback_store
from ingest.store import tracking as store
from ingest.store import vault as vault_store
from ingest.store.feedback import Opinion
from ingest.store.tracking import SealedMention
from ingest.usecases.media import MediaStore
from ingest.usecases.vault import Asker, Vault, open_items
from lintas.database.work import UnitOfWork
from lintas.vocabulary.errors import NotFound
from lintas.vocabulary.terms import Anonymity, PublicStatus
from lintas.vocabulary.ticket import Ticket, parse_ticket

#: to which account the page of a ticket says what is added there
PAGE = "lacak"
_READING = Asker("link", None, REPORTER_LINK)
_ASKING = Asker("link", None, UnsealPurpose.DATA_SUBJECT_REQUEST)


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file the reporter attached."""

    reference: str
    media_type: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Added:
    """More that the reporter said."""

    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Own:
    """What only the reporter sees."""

    text: str
    address: str | None
    files: tuple[KeptFile, ...]
    #: what they added on the page of the ticket
    added: tuple[Added, ...]
    #: what they said of the answer last
    opinion: Opinion | None


@dataclass(frozen=True, slots=True)
class TicketView:
    """What the page of a ticket shows."""

    ticket: Ticket
    status: PublicStatus
    received_at: datetime
    promised_at: datetime | None
    updated_at: datetime
    #: those that stand, and those withdrawn again
    answers: Sequence[Answer]
    withdrawn: Sequence[Answer]
    steps: Sequence[Reached]
    about: About
    anonymity: Anonymity
    #: whether the link's secret was right; its data may be erased nonetheless
    opened: bool = False
    withdrawn_by_reporter: bool = False
    erased: bool = False
    #: how many others said that it is theirs too
    followers: int = 0
    own: Own | None = None


async def track(
    work: UnitOfWork, vault: Vault, ticket_text: str, secret: str | None = None
) -> TicketView:
    """The public side of a ticket; with the right secret the reporter's own words as well.

    A wrong secret shows what no secret shows. NotFound says the same for a ticket that does not
    exist and for one whose check symbol is wrong.
    """
    tracked = await _tracked(work, ticket_text)
    opened = opens(tracked.secret_hash, secret)
    return TicketView(
        ticket=tracked.ticket,
        status=tracked.shown.status,
        received_at=tracked.received_at,
        promised_at=tracked.shown.promised_at,
        updated_at=tracked.shown.updated_at,
        answers=[answer for answer in tracked.answers if answer.retracted_at is None],
        withdrawn=[answer for answer in tracked.answers if answer.retracted_at is not None],
        steps=tracked.steps,
        about=tracked.shown.about,
        anonymity=tracked.anonymity,
        opened=opened,
        withdrawn_by_reporter=tracked.withdrawn,
        erased=tracked.erased,
        followers=tracked.followers,
        own=await _own(work, vault, tracked) if opened and not tracked.withdrawn else None,
    )


async def open_file(
    work: UnitOfWork,
    vault: Vault,
    media: MediaStore,
    ticket_text: str,
    secret: str | None,
    reference: str,
) -> tuple[bytes, str]:
    """A file of this complaint with its type; NotFound for whoever lacks the link's secret."""
    tracked = await _tracked(work, ticket_text)
    own = await _own(work, vault, tracked) if opens(tracked.secret_hash, secret) else None
    files = own.files if own else ()
    kept = next((file for file in files if file.reference == reference), None)
    async with work.begin() as tx:
        key = (await vault_store.keys_by_id(tx, [tracked.key_id])).get(tracked.key_id)
    if kept is None or key is None:
        raise NotFound("There is no such attachment.")
    return await media.read(reference, key=vault.open_key(key)), kept.media_type


async def everything(
    work: UnitOfWork, vault: Vault, ticket_text: str, secret: str | None
) -> dict[str, Any]:
    """All that is stored about a complaint and its reporter; NotFound without the link's secret."""
    tracked = await _tracked(work, ticket_text)
    if not opens(tracked.secret_hash, secret):
        raise NotFound("No complaint has this ticket.")
    async with work.begin() as tx:
        said = _own_of(tracked, await store.mentions(tx, tracked.shown.complaint_id))
    opened = await open_items(work, vault, _ASKING, _items(tracked, said))
    return {
        "ticket": tracked.ticket,
        "complaint_id": tracked.shown.complaint_id,
        "anonymity": tracked.anonymity,
        "received_at": tracked.received_at,
        "status": tracked.shown.status,
        "promised_at": tracked.shown.promised_at,
        "about": tracked.shown.about,
        "steps": tracked.steps,
        "answers": tracked.answers,
        "said": [
            {
                "channel": one.channel,
                "received_at": one.received_at,
                "withdrawn_at": one.withdrawn_at,
                "content": item.content,
            }
            for one, item in zip(said, opened, strict=True)
        ],
    }


async def _tracked(work: UnitOfWork, ticket_text: str) -> Tracked:
    ticket = parse_ticket(ticket_text)
    tracked = None
    if ticket is not None:
        async with work.begin() as tx:
            tracked = await store.by_ticket(tx, ticket)
    if tracked is None:
        raise NotFound("No complaint has this ticket.")
    return tracked


def opens(kept: bytes | None, secret: str | None) -> bool:
    """Whether `secret` is that of the reporter's link; None is no secret, and a dead link's hash."""
    if secret is None or kept is None:
        return False
    return hmac.compare_digest(secret_hash(secret), kept)


async def _own(work: UnitOfWork, vault: Vault, tracked: Tracked) -> Own | None:
    async with work.begin() as tx:
        first, *others = await store.mentions(tx, tracked.shown.complaint_id)
        opinion = await feedback_store.last(tx, tracked.shown.complaint_id)
    added = [one for one in others if one.account == PAGE and one.withdrawn_at is None]
    opened = await open_items(work, vault, _READING, _items(tracked, [first, *added]))
    content = opened[0].content
    if content is None:
        return None
    return Own(
        text=str(content["text"]),
        address=content.get("address"),
        files=tuple(
            KeptFile(file["reference"], file["media_type"], file["size_bytes"])
            for file in content.get("files") or ()
        ),
        added=tuple(
            Added(
                str(item.content["text"]).removesuffix(marked("", tracked.ticket)), one.received_at
            )
            for one, item in zip(added, opened[1:], strict=True)
            if item.content is not None
        ),
        opinion=opinion,
    )


def _own_of(tracked: Tracked, said: Sequence[SealedMention]) -> list[SealedMention]:
    """What the reporter said; what others said with the ticket in their text is theirs."""
    return [one for one in said if one.key_id == tracked.key_id or one.account == PAGE]


def _items(tracked: Tracked, said: Sequence[SealedMention]) -> list[SealedItem]:
    return [SealedItem(tracked.shown.complaint_id, one.key_id, one.sealed) for one in said]


def marked(text: str, ticket: Ticket) -> str:
    """`text` with the ticket that makes it continue its complaint."""
    return f"{text}\n\n{ticket}"
