import asyncio

from ingest.usecases import turns
from ingest.usecases.turns import in_turns


async def test_everything_comes_in_order_and_others_run_in_between(monkeypatch):
    monkeypatch.setattr(turns, "_TURN_S", 0)
    ran: list[bool] = []
    task = asyncio.create_task(_note(ran))
    seen = [(number, len(ran)) async for number in in_turns(range(3))]
    assert seen == [(0, 0), (1, 1), (2, 1)]
    await task


async def test_short_work_is_not_interrupted(monkeypatch):
    monkeypatch.setattr(turns, "_TURN_S", 60)
    ran: list[bool] = []
    task = asyncio.create_task(_note(ran))
    assert [number async for number in in_turns(range(1_000))] == [*range(1_000)]
    assert ran == []
    await task


async def _note(ran: list[bool]) -> None:
    ran.append(True)
