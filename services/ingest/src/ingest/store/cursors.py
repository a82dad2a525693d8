"""How far each source that we read ourselves has been read."""

from datetime import datetime

from sqlalchemy import text

from ingest.domain.cursors import Cursor
from lintas.database.work import Transaction


async def read(tx: Transaction, channel: str, account: str) -> Cursor | None:
    """The position of one account's source; None before the first."""
    rows = await tx.connection.execute(
        text("SELECT position, epoch FROM cursor_of_source WHERE channel = :c AND account = :a"),
        {"c": channel, "a": account},
    )
    row = rows.one_or_none()
    return None if row is None else Cursor(row.position, row.epoch)


async def write(tx: Transaction, channel: str, account: str, cursor: Cursor, now: datetime) -> None:
    """Move a position on; another instance that is further is not put back."""
    await tx.connection.execute(
        text(
            "INSERT INTO cursor_of_source AS held (channel, account, epoch, position, moved_at)"
            " VALUES (:channel, :account, :epoch, :position, :now)"
            " ON CONFLICT (channel, account) DO UPDATE SET epoch = excluded.epoch,"
            "  position = excluded.position, moved_at = excluded.moved_at"
            " WHERE held.epoch <> excluded.epoch OR (length(held.position), held.position)"
            "  < (length(excluded.position), excluded.position)"
        ),
        {
            "channel": channel,
            "account": account,
            "epoch": cursor.epoch,
            "position": cursor.position,
            "now": now,
        },
    )
