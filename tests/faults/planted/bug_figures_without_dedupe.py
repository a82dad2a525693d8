"""Figures counted up with each event that comes, however often it comes."""

from collections import Counter
from collections.abc import Sequence

from fastapi import FastAPI
from tests.faults.planted import Bug

from lintas.contracts.events import Event
from lintas.messaging.handling import Received


def metrics() -> FastAPI:
    """A fold that adds instead of deriving."""
    from metrics.app import from_environment
    from metrics.domain import kpis
    from metrics.usecases.folding import Folder

    counted: Counter[str] = Counter()
    fold, count_rows = Folder.fold, kpis.count_rows

    async def add(self: Folder, received: Sequence[Received[Event]]) -> None:
        await fold(self, received)
        counted.update(item.event.type for item in received)

    def shown(cohort, statements, ask) -> list:
        rows = count_rows(cohort, statements, ask)
        for row in rows if ask.group_by is None else ():
            row.registered = counted["lintas.complaint.registered.v1"]
            row.answered = counted["lintas.complaint.answered.v1"]
        return rows

    Folder.fold, kpis.count_rows = add, shown
    return from_environment()


BUG = Bug(
    name="figures-without-dedupe",
    title="Figures counted up per event, without dedupe",
    factories={"metrics": f"{__name__}:metrics"},
    fault="tests.faults.rows.f23_killed_before_mark",
    caught_by=frozenset({"I4"}),
    # the gateway's relay is the one whose events the figures count
    runs=(2,),
    instances={"metrics": 1},
)
