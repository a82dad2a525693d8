"""What is forgotten after a while: published outbox rows, kept answers, ended sessions."""

from datetime import timedelta

from agency_gateway.store import answers, people, upkeep
from agency_gateway.usecases.sight import AS_WORKER
from lintas.database.work import UnitOfWork
from lintas.telemetry import gauge


async def measure(work: UnitOfWork) -> None:
    """Say how much waits in the outbox, and for how long."""
    async with work.begin(AS_WORKER) as tx:
        waiting, oldest_s = await upkeep.outbox(tx.connection)
    gauge("lintas_outbox_pending", waiting)
    gauge("lintas_outbox_oldest_seconds", oldest_s)


async def clean(work: UnitOfWork, *, outbox: timedelta, kept_answers: timedelta) -> None:
    """Forget what nobody asks for any more."""
    now = work.clock()
    async with work.begin(AS_WORKER) as tx:
        await upkeep.forget_published(tx.connection, now - outbox)
        await answers.forget(tx.connection, now, kept_answers)
        await people.forget_sessions(tx.connection, now)
