"""What webhooks brought, sealed as it came, for a short time."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import text

from ingest.domain.bodies import Body
from lintas.database.work import Transaction


async def keep(
    tx: Transaction,
    digest: bytes,
    body: Body,
    sealed: bytes,
    reporters: Sequence[bytes],
    expires_at: datetime,
) -> None:
    """Keep a body, once however often it comes; its number is the database's."""
    await tx.connection.execute(
        text(
            "INSERT INTO webhook_body (digest, channel, account, sealed, unread, reporters,"
            "  received_at, expires_at)"
            " VALUES (:digest, :channel, :account, :sealed, :unread, :reporters, :received,"
            "  :expires) ON CONFLICT (digest) DO NOTHING"
        ),
        {
            "digest": digest,
            "channel": body.channel,
            "account": body.account,
            "sealed": sealed,
            "unread": list(body.unread),
            "reporters": list(reporters),
            "received": body.received_at,
            "expires": expires_at,
        },
    )


async def listed(
    tx: Transaction, *, every: bool, after: int, most: int, now: datetime
) -> list[Body]:
    """Bodies behind number `after`, oldest first: those with parts that were not read, or every."""
    rows = await tx.connection.execute(
        text(
            "SELECT id, channel, account, unread, received_at, replayed_at FROM webhook_body"
            " WHERE id > :after AND (:every OR unread <> '{}') AND expires_at > :now"
            " ORDER BY id LIMIT :most"
        ),
        {"after": after, "every": every, "most": most, "now": now},
    )
    return [
        Body(
            row.id,
            row.channel,
            row.account,
            tuple(row.unread),
            row.received_at,
            row.replayed_at,
        )
        for row in rows
    ]


async def sealed(tx: Transaction, number: int) -> bytes | None:
    """The content of one; None where it is gone meanwhile."""
    found: bytes | None = await tx.connection.scalar(
        text("SELECT sealed FROM webhook_body WHERE id = :id"), {"id": number}
    )
    return found


async def replayed(
    tx: Transaction, number: int, unread: Sequence[str], reporters: Sequence[bytes], at: datetime
) -> None:
    """It was read again: what is unread now, and whom it tells of by now."""
    await tx.connection.execute(
        text(
            "UPDATE webhook_body SET unread = :unread, reporters = :reporters, replayed_at = :at"
            " WHERE id = :id"
        ),
        {"id": number, "unread": list(unread), "reporters": list(reporters), "at": at},
    )


async def record(
    tx: Transaction, number: int, actor: str, client: str | None, outcome: str, at: datetime
) -> None:
    """Add a line to the audit."""
    await tx.connection.execute(
        text(
            "INSERT INTO replay_audit (replayed_at, actor, client, body, outcome)"
            " VALUES (:at, :actor, :client, :id, :outcome)"
        ),
        {"at": at, "actor": actor, "client": client, "id": number, "outcome": outcome},
    )


async def forget(tx: Transaction, now: datetime) -> None:
    """Remove what is past its time."""
    await tx.connection.execute(
        text("DELETE FROM webhook_body WHERE expires_at <= :now"), {"now": now}
    )
