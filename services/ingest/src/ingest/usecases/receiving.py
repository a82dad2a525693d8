"""What becomes of one genuine delivery: kept as a whole, or refused as a whole."""

import asyncio
from collections.abc import Sequence

from ingest.channels.accounts import Account, Unread, WebhookAccount
from ingest.domain.heard import Heard, Pointed
from ingest.usecases.deps import Deps
from ingest.usecases.keeping import Source
from lintas.telemetry import child_traceparent, count
from lintas.vocabulary.errors import Unavailable

#: bytes from which translating takes so long that it gets a thread
_LARGE = 64 * 1024


async def receive(deps: Deps, account: WebhookAccount, body: bytes) -> None:
    """Return once everything a platform's delivery tells is durable; see `keep`.

    Raises:
        Unavailable: it is not known to be kept; the platform is to send it again.
    """
    if len(body) < _LARGE:
        parts = list(account.translate(body))
    else:
        # others are served meanwhile
        parts = await asyncio.to_thread(lambda: list(account.translate(body)))
    try:
        await keep(deps, account, parts)
    except Unavailable:
        count("lintas_webhooks_total", channel=account.channel, outcome="unavailable")
        raise
    count("lintas_webhooks_total", channel=account.channel, outcome="kept")


async def keep(deps: Deps, account: Account, parts: Sequence[Heard | Unread]) -> None:
    """Return once everything that one delivery told is durable, or set aside where it was not read.

    It may come again, in parallel and in any order; each part counts once.

    Raises:
        Unavailable: it is not known to be kept; it may be told again.
    """
    source = Source(account.channel, account.name, deps.work.clock(), child_traceparent())
    pointed = [part for part in parts if isinstance(part, Pointed)]
    if pointed:
        await deps.fetching.remember(pointed, source)
    await deps.keeping.keep(source, [part for part in parts if not isinstance(part, Pointed)])
