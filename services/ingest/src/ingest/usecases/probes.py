"""What ingest needs in order to accept."""

from collections.abc import Awaitable, Callable, Mapping

from ingest.store.health import answers
from ingest.usecases.deps import Deps
from lintas.vocabulary.errors import Unavailable


async def city(deps: Deps) -> str | None:
    """A city pack: without one no ticket can be given."""
    return None if deps.cities.in_force() else "no city pack is applied"


async def database(deps: Deps) -> str | None:
    """The database: without it nothing is durable."""
    async with deps.work.begin() as tx:
        await answers(tx)
    return None


async def outbox(deps: Deps) -> str | None:
    """Room in the outbox: while Kafka is away it fills, and only when full is that a reason."""
    try:
        deps.backlog.check()
    except Unavailable as full:
        return full.detail
    return None


async def erasures(deps: Deps) -> str | None:
    """Every erasure applied: a restored backup shows nothing that was erased since."""
    return await deps.restored.why_not()


PROBES: Mapping[str, Callable[[Deps], Awaitable[str | None]]] = {
    "city": city,
    "database": database,
    "outbox": outbox,
    "erasures": erasures,
}
