from datetime import datetime
from uuid import UUID

from lintas.database.work import UnitOfWork
from lintas.vocabulary.errors import NotFound
from metrics import store
from metrics.domain.rebuilds import Rebuild, RebuildState

#: rows deleted in one transaction, well within the statement timeout
_CLEAN_ROWS = 20_000


def parking_name(generation: int) -> str:
    """Under which name a generation's readers park records: each rebuild meets them again."""
    return f"metrics.fold/{generation}"


async def shown_generation(work: UnitOfWork) -> int:
    """The generation that figures are read from."""
    async with work.begin() as tx:
        return await store.positions.generation(tx)


async def request(work: UnitOfWork, rebuild_id: UUID, who: str) -> Rebuild:
    """Ask for a rebuild; while one is not finished, that one is the answer."""
    async with work.begin() as tx:
        return await store.rebuilds.request(tx, rebuild_id, who, work.clock())


async def find(work: UnitOfWork, rebuild_id: UUID) -> Rebuild:
    """One rebuild; NotFound if there is none."""
    async with work.begin() as tx:
        found = await store.rebuilds.find(tx, rebuild_id)
    if found is None:
        raise NotFound("There is no such rebuild.")
    return found


async def unfinished(work: UnitOfWork) -> Rebuild | None:
    """The rebuild that still has something to do."""
    async with work.begin() as tx:
        return await store.rebuilds.unfinished(tx)


async def show_if_caught_up(work: UnitOfWork, rebuild: Rebuild, folded: int) -> bool:
    """Note `folded` more records; once nothing is missing, show the new generation.

    The switch is one transaction: a report sees the old figures or the new ones, never both. The
    reader of the old generation finds its positions gone and begins anew at those of the new one.
    """
    async with work.begin() as tx:
        await store.rebuilds.progress(tx, rebuild.id, folded)
        if not await store.rebuilds.has_caught_up(tx, rebuild.generation):
            return False
        await store.rebuilds.show(tx, rebuild)
    return True


async def clean(work: UnitOfWork, rebuild: Rebuild) -> datetime | None:
    """Delete some of what the shown generation replaced; when it was finished, if it is."""
    if rebuild.state is not RebuildState.CLEANING:
        return rebuild.finished_at
    async with work.begin() as tx:
        if await store.rebuilds.clean(tx, rebuild.generation, _CLEAN_ROWS):
            return None
        older = [parking_name(number) for number in range(1, rebuild.generation)]
        await store.rebuilds.forget_parked(tx, older)
        finished_at = work.clock()
        await store.rebuilds.finish(tx, rebuild.id, finished_at)
    return finished_at
