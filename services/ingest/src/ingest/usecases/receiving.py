"""What becomes of one genuine delivery: kept as a whole, or refused as a whole."""

import asyncio
from collections import Counter
from collections.abc import Sequence

from ingest.channels.accounts import Account, Unread, WebhookAccount
from ingest.domain.heard import Heard, Noted, Pointed
from ingest.usecases.deps import Deps
from lintas.telemetry import child_traceparent, count, get_logger
from lintas.vocabulary.errors import Unavailable

_log = get_logger(__name__)

#: bytes from which translating takes so long that it gets a thread
_LARGE = 64 * 1024


async def receive(deps: Deps, account: WebhookAccount, body: bytes) -> None:
    """Return once everything a platform's delivery tells is durable; see `keep`.

    Raises:
        Unavailable: it is not known to be kept; the platform is to send it again.
    """
    channel = account.channel
    if len(body) < _LARGE:
        parts = list(account.translate(body))
    else:
        # others are served meanwhile
        parts = await asyncio.to_thread(lambda: list(account.translate(body)))
    try:
        await keep(deps, account, parts)
    except Unavailable:
        count("lintas_webhooks_total", channel=channel, outcome="unavailable")
        raise
    count("lintas_webhooks_total", channel=channel, outcome="kept")


async def keep(deps: Deps, account: Account, parts: Sequence[Heard | Unread]) -> None:
    """Return once everything that one delivery told is durable, or set aside where it was not read.

    It may come again, in parallel and in any order; each part counts once.

    Raises:
        Unavailable: it is not known to be kept; it may be told again.
    """
    channel, received_at, traceparent = account.channel, deps.work.clock(), child_traceparent()
    heard = [part for part in parts if not isinstance(part, Unread)]
    for part in parts:
        if isinstance(part, Unread):
            await deps.aside.keep(channel, account.name, part.reason, part.content, received_at)
    pointed = [part for part in heard if isinstance(part, Pointed)]
    if pointed:
        await deps.fetching.remember(pointed, received_at, traceparent)
    await _hear(deps, account, [part for part in heard if not isinstance(part, Pointed)])
    kinds = Counter(_kind(part) for part in parts)
    for kind, number in kinds.items():
        count("lintas_heard_total", number, channel=channel, kind=kind)


async def _hear(deps: Deps, account: Account, heard: Sequence[Heard]) -> None:
    """Keep them together; where one of them breaks that, each by itself and that one aside."""
    client = f"{account.channel}:{account.name}"
    received_at, traceparent = deps.work.clock(), child_traceparent()
    if not heard:
        return
    try:
        await deps.hearing.hear(
            heard, client=client, received_at=received_at, traceparent=traceparent
        )
    except Unavailable:
        raise
    except Exception:  # noqa: BLE001  # one part that breaks us must not cost the others
        _log.exception("delivery_broken", channel=account.channel, parts=len(heard))
        if len(heard) == 1:
            await deps.aside.keep(
                account.channel, account.name, "unforeseen", repr(heard[0]).encode(), received_at
            )
            return
        for one in heard:
            await _hear(deps, account, [one])


def _kind(part: Heard | Unread) -> str:
    if isinstance(part, Unread):
        return part.reason
    return part.kind if isinstance(part, Noted) else type(part).__name__.lower()
