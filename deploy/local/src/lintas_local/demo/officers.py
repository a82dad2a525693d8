"""Every office at work until the day is over."""

import asyncio
from collections.abc import Iterable

from lintas_local.demo.calls import Service
from lintas_local.demo.choices import Choices
from lintas_local.demo.office import Office
from lintas_local.demo.people import Staff
from lintas_local.demo.progress import DayProgress

_IDLE_S = 0.4


async def work(
    gateway: Service,
    staff: Staff,
    agencies: Iterable[str],
    choices: Choices,
    progress: DayProgress,
    day_over: asyncio.Event,
) -> dict[str, str]:
    """Let all offices work until `day_over` and nothing is left; complaint id → statement id.

    `day_over` must be set only when every mention has reached its queue.
    """
    offices: list[Office] = []
    for agency in agencies:
        officer, confirmer = await asyncio.gather(
            staff.session(gateway, f"petugas.{agency}"),
            staff.session(gateway, f"penyetuju.{agency}"),
        )
        office = Office(gateway, agency, choices, progress, officer=officer, confirmer=confirmer)
        offices.append(office)
    async with asyncio.TaskGroup() as tasks:
        for office in offices:
            tasks.create_task(_run(office, day_over))
    return {
        complaint: statement
        for office in offices
        for complaint, statement in office.published.items()
    }


async def _run(office: Office, day_over: asyncio.Event) -> None:
    while True:
        last_round = day_over.is_set()
        busy = await office.take() + await office.answer()
        if not busy and last_round:
            busy = await office.sweep()
            if not busy and not office.has_more:
                return
        if not busy:
            await asyncio.sleep(_IDLE_S)
