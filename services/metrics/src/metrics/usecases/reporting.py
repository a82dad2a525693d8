import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from lintas.contracts.topics import COMPLAINTS, STATEMENTS
from lintas.database.work import Transaction, UnitOfWork
from metrics import store
from metrics.domain.answers import Listening, Report
from metrics.domain.calendars import Calendars
from metrics.domain.cases import Case, Published, Share
from metrics.domain.directory import Directory
from metrics.domain.facts import Document
from metrics.domain.folding import Story, as_of
from metrics.domain.kpis import figures
from metrics.domain.listening import listen
from metrics.domain.log import Position, known_to
from metrics.domain.questions import Dimension, Metric, Question

#: the topics whose facts figures count
COUNTED = (COMPLAINTS, STATEMENTS)


@dataclass(frozen=True, slots=True)
class Standing:
    """How far the log is folded."""

    positions: tuple[Position, ...]
    n_waiting: int
    #: the whole second up to which everything is folded; None while that is not known
    known_to: datetime | None

    @property
    def folded(self) -> int:
        """Records read from the topics that figures count."""
        return sum(position.next for position in self.positions if position.topic in COUNTED)


async def standing(work: UnitOfWork) -> Standing:
    """How far the log is folded now."""
    async with work.begin() as tx:
        generation = await store.positions.generation(tx)
        positions = await store.positions.positions(tx, generation)
        waiting = await store.facts.waiting(tx, generation)
    return Standing(tuple(positions), waiting, known_to(positions, COUNTED))


async def directory(work: UnitOfWork) -> Directory:
    """The directory as folded."""
    async with work.begin() as tx:
        generation = await store.positions.generation(tx)
        return Directory(await store.directory.documents(tx, generation))


async def report(work: UnitOfWork, ask: Question) -> Report:
    """The answer to `ask`, read from one snapshot of the database."""
    (answer,) = await reports(work, ask, [ask.group_by])
    return answer


async def reports(
    work: UnitOfWork, ask: Question, groupings: Sequence[Dimension | None]
) -> list[Report]:
    """The answers to `ask` in each grouping, all from one snapshot of the database."""
    asks = [replace(ask, group_by=grouping) for grouping in groupings]
    async with work.begin() as tx:
        found = await _read(tx, asks)
        # A hundred thousand complaints take a while, and the event loop must not wait for them;
        # the connection does, so that no more are computed at once than there are connections.
        return await asyncio.to_thread(_answer, asks, found)


def _answer(asks: Sequence[Question], found: "_Found") -> list[Report]:
    calendars = Calendars(Directory(found.documents))
    return [
        Report(
            ask,
            found.positions,
            found.n_waiting,
            figures(ask, found.cases, found.shares, found.published, calendars),
        )
        for ask in asks
    ]


async def listening(work: UnitOfWork, ask: Question) -> Listening:
    """What people say about policies, read from one snapshot of the database."""
    async with work.begin() as tx:
        found = await _read(tx, [replace(ask, metrics=())])
    return Listening(ask, found.positions, listen(found.cases, ask))


@dataclass(frozen=True, slots=True)
class _Found:
    positions: tuple[Position, ...]
    n_waiting: int
    cases: Sequence[Case]
    shares: Sequence[tuple[Share, Case]]
    published: Sequence[Published]
    documents: Sequence[Document]


async def _read(tx: Transaction, asks: Sequence[Question]) -> _Found:
    """What questions need that differ in nothing but their grouping."""
    ask = asks[0]
    await store.reports.freeze(tx)
    generation = await store.positions.generation(tx)
    positions = await store.positions.positions(tx, generation)
    groupings = {one.group_by for one in asks}
    settled = await store.reports.settled(tx, generation, ask, groupings)
    stood = await _as_they_stood(tx, generation, ask)
    shares: list[tuple[Share, Case]] = []
    if Metric.TIME_TO_ACCEPT in ask.metrics:
        shares = await store.reports.shares(tx, generation, ask, settled)
        shares += [(share, story.case) for story in stood for share in story.shares.values()]
    return _Found(
        tuple(positions),
        await store.facts.waiting(tx, generation),
        settled + [story.case for story in stood],
        shares,
        await store.statements.published(tx, generation) if Metric.COUNTS in ask.metrics else (),
        await store.directory.documents(tx, generation),
    )


async def _as_they_stood(tx: Transaction, generation: int, ask: Question) -> list[Story]:
    """Complaints to which something happened after `as_of`, folded again up to then."""
    late = await store.reports.unsettled(tx, generation, ask)
    if not late:
        return []
    ids = [case.complaint_id for case in late]
    steps = await store.facts.after_registration(tx, generation, ids)
    stood = (as_of(Story(case), steps.get(case.complaint_id, ()), ask.as_of) for case in late)
    return [story for story in stood if story is not None]
