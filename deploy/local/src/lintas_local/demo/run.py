"""Plays the day on a running stack and says what it came to."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from pathlib import Path

from rich.console import Console

from lintas_local.demo.calls import Service
from lintas_local.demo.choices import Choices
from lintas_local.demo.citizens import Accepted, speak
from lintas_local.demo.officers import work
from lintas_local.demo.outcome import Counted, Outcome, count_facts
from lintas_local.demo.people import Staff
from lintas_local.demo.progress import DayProgress
from lintas_local.pack.demo import load_answers, load_mentions

_PATIENCE_S = 180.0
_PAUSE_S = 0.5


class DemoFailed(Exception):
    """The day did not come to its end; the message says what was missing."""


async def play(
    addresses: Mapping[str, str],
    key: str,
    pack: Path,
    staff_file: Path,
    console: Console,
    *,
    seconds: float = 20.0,
) -> Outcome:
    """Play the bundled day of `pack` in about `seconds` and wait until every fact is counted.

    `key` is the operator's; `staff_file` keeps the passwords of the simulated staff.

    Raises:
        DemoFailed: something did not arrive in time.
    """
    mentions = load_mentions(pack)
    accepted = Accepted()
    choices = Choices(accepted, load_answers(pack))
    agencies = sorted({code for mention in mentions for code in mention.demo.expect.agencies})
    staff = Staff.of(staff_file, agencies)
    day_over = asyncio.Event()
    async with (
        Service(addresses["ingest"], key) as ingest,
        Service(addresses["agency-gateway"], key) as gateway,
        Service(addresses["metrics"], key) as metrics,
    ):
        await staff.enrol(gateway)
        with DayProgress(console, len(mentions)) as progress:
            day = _Day(ingest, metrics, accepted, progress)
            officers = asyncio.create_task(
                work(gateway, staff, agencies, choices, progress, day_over)
            )
            try:
                await speak(ingest, mentions, accepted, progress, seconds=seconds)
                await day.until(day.all_decided, "complaints registered and decided")
                day_over.set()
                published = await officers
            finally:
                officers.cancel()
            counted = await day.until(lambda: day.all_counted(published), "answers counted")
            # from the log, so that a day played again on its data counts what it finds
            delivered = await day.delivered(counted.answered)
        report = await metrics.get("/v1/kpis")
    return Outcome(
        accepted=len(accepted.tickets),
        registered=counted.registered,
        **counted.outcomes,
        published=len(counted.answered),
        delivered=delivered,
        kpis=report["kpis"],
        addresses=addresses,
    )


class _Day:
    def __init__(
        self, ingest: Service, metrics: Service, accepted: Accepted, progress: DayProgress
    ) -> None:
        self._ingest = ingest
        self._metrics = metrics
        self._accepted = accepted
        self._progress = progress

    async def until(self, found: Callable[[], Awaitable[Counted | None]], what: str) -> Counted:
        """Ask until `found` answers."""
        try:
            async with asyncio.timeout(_PATIENCE_S):
                while (counted := await found()) is None:  # noqa: ASYNC110  # other processes tell nobody
                    await asyncio.sleep(_PAUSE_S)
        except TimeoutError:
            raise DemoFailed(f"not all {what} within {_PATIENCE_S:.0f} s") from None
        return counted

    async def all_decided(self) -> Counted | None:
        """The counts, once every accepted complaint has an outcome."""
        counted = await self._count()
        return counted if counted.decided >= len(self._accepted.tickets) else None

    async def all_counted(self, published: Mapping[str, str]) -> Counted | None:
        """The counts, once every published answer is among them."""
        counted = await self._count()
        return counted if published.keys() <= counted.answered else None

    async def delivered(self, answered: Iterable[str]) -> int:
        """On how many ticket pages a published answer stands; waits for all of them."""
        waiting = {self._accepted.tickets[complaint] for complaint in answered}
        total = len(waiting)
        self._progress.set("published", total, total)
        try:
            async with asyncio.timeout(_PATIENCE_S):
                while waiting:
                    for ticket in list(waiting):
                        shown = await self._ingest.get(f"/v1/complaints/{ticket}")
                        if shown["answers"]:
                            waiting.discard(ticket)
                    self._progress.set("delivered", total - len(waiting), total)
                    if waiting:
                        await asyncio.sleep(_PAUSE_S)
        except TimeoutError:
            raise DemoFailed(f"{len(waiting)} answers are on no ticket page") from None
        return total

    async def _count(self) -> Counted:
        facts = await self._metrics.get_text("/v1/facts.csv")
        complaints = frozenset(self._accepted.tickets)
        counted = count_facts(facts, complaints)
        self._progress.set("registered", counted.registered, len(complaints))
        return counted
