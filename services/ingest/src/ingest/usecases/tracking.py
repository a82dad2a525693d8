"""What a ticket shows to anybody, and what the secret in the link adds."""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ingest.domain.identity import secret_hash
from ingest.domain.public import Answer, Tracked
from ingest.domain.vault import REPORTER_LINK, SealedItem
from ingest.store import tracking as store
from ingest.usecases.vault import Asker, Vault, open_items
from lintas.database.work import UnitOfWork
from lintas.vocabulary.errors import NotFound
from lintas.vocabulary.terms import PublicStatus
from lintas.vocabulary.ticket import Ticket, parse_ticket

_ASKER = Asker("link", None, REPORTER_LINK)


@dataclass(frozen=True, slots=True)
class TicketView:
    """What the page of a ticket shows."""

    ticket: Ticket
    status: PublicStatus
    received_at: datetime
    promised_at: datetime | None
    updated_at: datetime
    answers: Sequence[Answer]
    #: the reporter's own words; only with the link's secret
    text: str | None = None


async def track(
    work: UnitOfWork, vault: Vault, ticket_text: str, secret: str | None = None
) -> TicketView:
    """The public side of a ticket; with the right secret the text as well.

    A wrong secret shows what no secret shows. NotFound says the same for a ticket that does not
    exist and for one whose check symbol is wrong.
    """
    ticket = parse_ticket(ticket_text)
    tracked = None
    if ticket is not None:
        async with work.begin() as tx:
            tracked = await store.by_ticket(tx, ticket)
    if tracked is None:
        raise NotFound("No complaint has this ticket.")
    shows = opens(tracked.secret_hash, secret) and not tracked.withdrawn
    text = await _own_words(work, vault, tracked) if shows else None
    return TicketView(
        ticket=tracked.ticket,
        status=tracked.shown.status,
        received_at=tracked.received_at,
        promised_at=tracked.shown.promised_at,
        updated_at=tracked.shown.updated_at,
        answers=tracked.answers,
        text=text,
    )


def opens(kept: bytes | None, secret: str | None) -> bool:
    """Whether `secret` is that of the reporter's link; None is no secret, and a dead link's hash."""
    if secret is None or kept is None:
        return False
    return hmac.compare_digest(secret_hash(secret), kept)


async def _own_words(work: UnitOfWork, vault: Vault, tracked: Tracked) -> str | None:
    item = SealedItem(tracked.shown.complaint_id, tracked.key_id, tracked.sealed)
    [opened] = await open_items(work, vault, _ASKER, [item])
    return None if opened.content is None else str(opened.content["text"])
