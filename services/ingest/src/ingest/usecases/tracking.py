"""What a ticket shows to anybody, and what the secret in the link adds."""

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ingest.domain.identity import secret_hash
from ingest.domain.public import About, Answer, Reached, Tracked
from ingest.domain.vault import REPORTER_LINK, SealedItem, UnsealPurpose
from ingest.store import tracking as store
from ingest.store import vault as vault_store
from ingest.usecases.media import MediaStore
from ingest.usecases.vault import Asker, Vault, open_items
from lintas.database.work import UnitOfWork
from lintas.vocabulary.errors import NotFound
from lintas.vocabulary.terms import Anonymity, PublicStatus
from lintas.vocabulary.ticket import Ticket, parse_ticket

_READING = Asker("link", None, REPORTER_LINK)
_ASKING = Asker("link", None, UnsealPurpose.DATA_SUBJECT_REQUEST)


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file the reporter attached."""

    reference: str
    media_type: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Own:
    """What only the reporter sees."""

    text: str
    address: str | None
    files: tuple[KeptFile, ...]


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
    shows = opened and not tracked.withdrawn
    content = await _content(work, vault, tracked, _READING) if shows else None
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
        own=_own(content) if content else None,
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
    content = (
        await _content(work, vault, tracked, _READING)
        if opens(tracked.secret_hash, secret)
        else None
    )
    files = _own(content).files if content else ()
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
        said = await store.mentions(tx, tracked.shown.complaint_id)
    items = [SealedItem(tracked.shown.complaint_id, tracked.key_id, one.sealed) for one in said]
    opened = await open_items(work, vault, _ASKING, items)
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
            {"channel": one.channel, "received_at": one.received_at, "content": item.content}
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


async def _content(
    work: UnitOfWork, vault: Vault, tracked: Tracked, asker: Asker
) -> dict[str, Any] | None:
    item = SealedItem(tracked.shown.complaint_id, tracked.key_id, tracked.sealed)
    [opened] = await open_items(work, vault, asker, [item])
    return opened.content


def _own(content: Mapping[str, Any]) -> Own:
    files = content.get("files") or ()
    return Own(
        text=str(content["text"]),
        address=content.get("address"),
        files=tuple(
            KeptFile(file["reference"], file["media_type"], file["size_bytes"]) for file in files
        ),
    )
