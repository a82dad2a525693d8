"""What the gateway needs in order to be ready."""

from agency_gateway.store import upkeep
from agency_gateway.usecases.sight import AS_WORKER
from lintas.database.work import UnitOfWork


async def database(work: UnitOfWork) -> str | None:
    """The database: without it nothing is durable. Kafka may be away; events wait."""
    async with work.begin(AS_WORKER) as tx:
        await upkeep.answers(tx.connection)
    return None
