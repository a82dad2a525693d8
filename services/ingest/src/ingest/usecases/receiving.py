"""What becomes of one genuine delivery: kept as a whole, or refused as a whole."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ingest.channels.accounts import Account, Unread, WebhookAccount
from ingest.domain.bodies import Body
from ingest.domain.heard import Heard, Pointed
from ingest.usecases.bodies import Reader
from ingest.usecases.deps import Deps
from ingest.usecases.keeping import Source
from lintas.telemetry import child_traceparent, count
from lintas.vocabulary.errors import Unavailable

#: bytes from which translating takes so long that it gets a thread
_LARGE = 64 * 1024


@dataclass(frozen=True, slots=True)
class Replayed:
    """A body that was read again."""

    body: Body
    #: why parts of it are still not read
    unread: tuple[str, ...]


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
        await deps.bodies.keep(account, body, parts, deps.work.clock())
        await keep(deps, account, parts)
    except Unavailable:
        count("lintas_webhooks_total", channel=account.channel, outcome="unavailable")
        raise
    count("lintas_webhooks_total", channel=account.channel, outcome="kept")


async def hear(
    deps: Deps, account: Account, content: bytes, parts: Sequence[Heard | Unread]
) -> None:
    """As `keep`, of what a feed gave as `content`; what was not read of it can be read again.

    Raises:
        Unavailable: it is not known to be kept; it may be told again.
    """
    if any(isinstance(part, Unread) for part in parts):
        await deps.bodies.keep(account, content, parts, deps.work.clock())
    await keep(deps, account, parts)


async def read_again(
    deps: Deps, reader: Reader, *, every: bool, after: int, most: int
) -> Sequence[Replayed]:
    """Read bodies again by the code of today, so many behind number `after`.

    What was heard already counts no second time, so repeating it is harmless. What still cannot be
    read was set aside before.

    Raises:
        Unavailable: those that are not among the outcomes may be read again.
    """
    done = []
    for one in await deps.bodies.listed(every=every, after=after, most=most):
        account = deps.accounts.get(one.channel, one.account)
        content = await deps.bodies.opened(one.id)
        if account is None or content is None:
            done.append(Replayed(one, one.unread))
            continue
        parts = await asyncio.to_thread(account.read_again, content)
        heard = [part for part in parts if not isinstance(part, Unread)]
        await keep(deps, account, heard, one.received_at)
        done.append(Replayed(one, await deps.bodies.replayed(one.id, parts, reader)))
    return done


async def keep(
    deps: Deps,
    account: Account,
    parts: Sequence[Heard | Unread],
    received_at: datetime | None = None,
) -> None:
    """Return once everything that one delivery told is durable, or set aside where it was not read.

    It may come again, in parallel and in any order; each part counts once. It came now, unless
    `received_at` says when.

    Raises:
        Unavailable: it is not known to be kept; it may be told again.
    """
    source = Source(
        account.channel, account.name, received_at or deps.work.clock(), child_traceparent()
    )
    pointed = [part for part in parts if isinstance(part, Pointed)]
    if pointed:
        await deps.fetching.remember(pointed, source)
    await deps.keeping.keep(source, [part for part in parts if not isinstance(part, Pointed)])
