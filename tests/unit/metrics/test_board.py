import asyncio
from typing import Any

import pytest
from metrics_lives import NOON

from lintas.vocabulary.errors import Unavailable
from metrics.usecases.board import Boards


class Stepped(Boards):
    """Boards whose computation a test lets end."""

    def __init__(self, seconds: list[float]) -> None:
        super().__init__(None, refresh_s=2, now=lambda: seconds[0])  # type: ignore[arg-type]
        self.computed = 0
        self.outcome: Any = "board"
        self.gate = asyncio.Event()
        self.gate.set()

    async def _compute(self) -> Any:
        await self.gate.wait()
        if isinstance(self.outcome, Exception):
            raise self.outcome
        self.computed += 1
        return f"{self.outcome} {self.computed}"


async def test_all_who_look_share_one_board_until_it_is_due():
    seconds = [NOON.timestamp()]
    boards = Stepped(seconds)
    assert set(await asyncio.gather(*(boards.latest() for _ in range(9)))) == {"board 1"}
    seconds[0] += 1.9
    assert await boards.latest() == "board 1"
    seconds[0] += 0.2
    assert await boards.latest() == "board 2"


async def test_nobody_waits_long_for_newer_figures(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("metrics.usecases.board._PATIENCE_S", 0.01)
    seconds = [NOON.timestamp()]
    boards = Stepped(seconds)
    await boards.latest()
    boards.gate.clear()
    seconds[0] += 10
    assert await boards.latest() == "board 1"
    boards.gate.set()
    assert await boards.latest() == "board 2"


async def test_while_the_database_is_away_the_last_board_stays():
    seconds = [NOON.timestamp()]
    boards = Stepped(seconds)
    boards.outcome = Unavailable("away")
    with pytest.raises(Unavailable):
        await boards.latest()
    boards.outcome = "board"
    seconds[0] += 10
    assert await boards.latest() == "board 1"
    boards.outcome = Unavailable("away")
    seconds[0] += 10
    assert await boards.latest() == "board 1"


async def test_a_bug_is_not_hidden_behind_an_old_board():
    seconds = [NOON.timestamp()]
    boards = Stepped(seconds)
    await boards.latest()
    boards.outcome = ValueError("bug")
    seconds[0] += 10
    with pytest.raises(ValueError, match="bug"):
        await boards.latest()
    await boards.stop()
