from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Position:
    """How far one partition has been folded."""

    topic: str
    partition: int
    #: the next offset to fold
    next: int
    #: everything written by then is folded; None if that was never known
    read_to: datetime | None = None


def known_to(positions: Iterable[Position], topics: Sequence[str]) -> datetime | None:
    """The whole second up to which every partition of `topics` is folded; None if not known."""
    moments = [position.read_to for position in positions if position.topic in topics]
    known = [moment for moment in moments if moment is not None]
    if not known or len(known) < len(moments):
        return None
    return min(known).replace(microsecond=0)
