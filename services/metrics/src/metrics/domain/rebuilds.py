from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class RebuildState(StrEnum):
    """How far a rebuild is."""

    REQUESTED = "requested"
    #: reading the log from its beginning into a generation of its own
    RUNNING = "running"
    #: its generation is shown; the rows of older ones are being deleted
    CLEANING = "cleaning"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Rebuild:
    """All figures folded again from the first record of the log."""

    id: UUID
    generation: int
    state: RebuildState
    requested_by: str
    requested_at: datetime
    finished_at: datetime | None
    #: records folded so far
    facts: int
