import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from time import monotonic

from lintas.database.work import UnitOfWork
from lintas.vocabulary.errors import Unavailable
from metrics.domain.directory import Directory
from metrics.domain.questions import Dimension, Question
from metrics.domain.rows import Figures
from metrics.usecases.reporting import Standing, directory, reports, standing

#: of a core, at most this part goes into keeping the page live
_SHARE = 0.2
#: how long a page waits for newer figures before it takes those at hand
_PATIENCE_S = 0.5


@dataclass(frozen=True, slots=True)
class Board:
    """Everything the live page shows."""

    as_of: datetime
    standing: Standing
    #: the whole city
    total: Figures
    #: by leading agency
    agencies: Figures
    #: agency → language → name
    names: Mapping[str, Mapping[str, str]]
    #: language → name; empty while no city pack is applied
    city: Mapping[str, str]
    zone: str | None


class Boards:
    """The latest board, computed once for all who look, and not more often than it is worth."""

    def __init__(
        self, work: UnitOfWork, *, refresh_s: float, now: Callable[[], float] = monotonic
    ) -> None:
        self._work = work
        self._refresh_s = refresh_s
        self._now = now
        self._board: Board | None = None
        self._due = 0.0
        self._task: asyncio.Task[None] | None = None

    async def latest(self) -> Board:
        """The board of now or of a few seconds ago; waits for a new one only for a moment.

        While the database is away it is the last one that was computed; Unavailable if there is
        none.
        """
        if self._task is None and self._now() >= self._due:
            self._task = asyncio.create_task(self._refresh())
        task = self._task
        if task is not None:
            await asyncio.wait({task}, timeout=_PATIENCE_S if self._board else None)
            if task.done():
                task.result()
        if self._board is None:
            raise Unavailable("The figures cannot be read now.")
        return self._board

    async def stop(self) -> None:
        """Leave a board that is being computed."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})

    async def _refresh(self) -> None:
        started = self._now()
        try:
            self._board = await self._compute()
        except Unavailable:
            # the one before stays, and says how old it is
            return
        finally:
            took = self._now() - started
            self._due = self._now() + max(self._refresh_s, took / _SHARE)
            self._task = None

    async def _compute(self) -> Board:
        now = await standing(self._work)
        as_of = now.known_to or self._work.clock().replace(microsecond=0)
        total, agencies = await reports(self._work, Question(as_of), [None, Dimension.AGENCY])
        documents = await directory(self._work)
        city = next(iter(documents.all_in_force("city", as_of)), None)
        zone = city.body.get("zone") if city else None
        return Board(
            as_of=as_of,
            standing=now,
            total=total.figures,
            agencies=agencies.figures,
            names=_names(documents, as_of),
            city=_name(city.body) if city else {},
            zone=zone if isinstance(zone, str) else None,
        )


def _names(documents: Directory, at: datetime) -> dict[str, Mapping[str, str]]:
    return {agency.id: _name(agency.body) for agency in documents.all_in_force("agency", at)}


def _name(body: Mapping[str, object]) -> dict[str, str]:
    name = body.get("name")
    if not isinstance(name, Mapping):
        return {}
    return {str(language): str(text) for language, text in name.items()}
