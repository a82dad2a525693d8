"""Whether the database answers."""

from sqlalchemy import text

from lintas.database.work import Transaction


async def answers(tx: Transaction) -> None:
    """Returns if the tables are there; raises otherwise."""
    await tx.connection.execute(text("SELECT FROM complaint LIMIT 1"))
