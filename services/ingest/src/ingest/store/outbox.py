"""How full the outbox is."""

from sqlalchemy import text

from lintas.database.work import Transaction


async def waiting_events(tx: Transaction, at_most: int) -> tuple[int, float]:
    """How many outbox rows wait, counted no further than `at_most`, and the oldest one's age in s."""
    rows = await tx.connection.execute(
        text(
            "SELECT count(*) AS waiting,"
            " coalesce(extract(epoch FROM now() - min(written_at)), 0) AS oldest_s FROM"
            " (SELECT written_at FROM outbox WHERE published_at IS NULL"
            "  ORDER BY id LIMIT :at_most) AS waiting"
        ),
        {"at_most": at_most},
    )
    row = rows.one()
    return row.waiting, float(row.oldest_s)
