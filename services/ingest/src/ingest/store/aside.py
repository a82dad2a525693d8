"""Deliveries that could not be read, sealed, for a short time."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text

from lintas.database.work import Transaction


@dataclass(frozen=True, slots=True)
class SetAside:
    """One delivery as it is kept."""

    channel: str
    account: str
    reason: str
    sealed: bytes
    received_at: datetime


async def keep(tx: Transaction, one: SetAside) -> None:
    """Keep a delivery."""
    await tx.connection.execute(
        text(
            "INSERT INTO set_aside (channel, account, reason, sealed, received_at)"
            " VALUES (:channel, :account, :reason, :sealed, :received_at)"
        ),
        {
            "channel": one.channel,
            "account": one.account,
            "reason": one.reason,
            "sealed": one.sealed,
            "received_at": one.received_at,
        },
    )
