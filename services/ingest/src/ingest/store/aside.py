"""Contents that were set aside."""

from datetime import datetime

from sqlalchemy import text

from lintas.database.work import Transaction

_KEEP = text("""
INSERT INTO set_aside (channel, account, reason, sealed, received_at)
VALUES (:channel, :account, :reason, :sealed, :at)
""")


async def keep(
    tx: Transaction, channel: str, account: str, reason: str, sealed: bytes, at: datetime
) -> None:
    """Add one."""
    await tx.connection.execute(
        _KEEP,
        {"channel": channel, "account": account, "reason": reason, "sealed": sealed, "at": at},
    )
