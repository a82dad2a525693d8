"""What the stack says while it starts, runs and ends."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

State = Literal["starting", "ready", "done", "ended", "restarting", "stopping", "stopped", "note"]


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing that happened to one part of the stack."""

    part: str
    state: State
    detail: str = ""
    #: how long it took, where it took time
    seconds: float | None = None


Report = Callable[[Notice], None]


def silent(notice: Notice) -> None:
    """Say nothing."""
