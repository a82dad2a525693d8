"""What becomes of one genuine delivery: kept as a whole, or refused as a whole."""

from ingest.channels.accounts import WebhookAccount
from ingest.domain.heard import Pointed
from ingest.usecases.deps import Deps
from ingest.usecases.keeping import Source
from lintas.telemetry import child_traceparent, count
from lintas.vocabulary.errors import Unavailable


async def receive(deps: Deps, account: WebhookAccount, body: bytes) -> None:
    """Return once everything the delivery tells is durable.

    It may come again, in parallel and in any order; each thing told counts once.

    Raises:
        Unavailable: it is not known to be kept; the platform is to send it again.
    """
    source = Source(account.channel, account.name, deps.work.clock(), child_traceparent())
    parts = account.translate(body)
    pointed = [part for part in parts if isinstance(part, Pointed)]
    try:
        if pointed:
            await deps.fetching.remember(pointed, source)
        await deps.keeping.keep(source, [part for part in parts if not isinstance(part, Pointed)])
    except Unavailable:
        count("lintas_webhooks_total", channel=account.channel, outcome="unavailable")
        raise
    count("lintas_webhooks_total", channel=account.channel, outcome="kept")
