"""The outbox measured and cleaned, and whether the database answers."""

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

#: one transaction forgets no more than this, so that it stays short
_MOST = 20_000
#: beyond this the number does not matter
_COUNTED = 100_000


async def outbox(connection: AsyncConnection) -> tuple[int, float]:
    """How many events wait, up to a bound, and the age of the oldest in seconds."""
    found = await connection.execute(
        text(
            "SELECT count(*) AS waiting,"
            " coalesce(extract(epoch FROM now() - min(written_at)), 0) AS oldest_s"
            " FROM (SELECT written_at FROM outbox WHERE published_at IS NULL ORDER BY id"
            " LIMIT :most) w"
        ),
        {"most": _COUNTED},
    )
    row = found.one()
    return int(row.waiting), float(row.oldest_s)


async def forget_published(connection: AsyncConnection, before: datetime) -> None:
    """Remove events published before a moment."""
    await connection.execute(
        text(
            "DELETE FROM outbox WHERE id IN (SELECT id FROM outbox"
            " WHERE published_at < :before ORDER BY published_at LIMIT :most)"
        ),
        {"before": before, "most": _MOST},
    )


async def answers(connection: AsyncConnection) -> None:
    """Return if the database answers and has the tables."""
    await connection.execute(text("SELECT FROM complaint WHERE false"))
