from datetime import datetime
from typing import Self
from uuid import UUID

from pydantic import BaseModel, Field

from metrics.domain.rebuilds import Rebuild, RebuildState


class RebuildOut(BaseModel):
    """How far a rebuild is."""

    id: UUID
    state: RebuildState
    generation: int
    facts: int = Field(description="Records folded so far, but for those a crash left uncounted.")
    requested_at: datetime
    finished_at: datetime | None

    @classmethod
    def of(cls, rebuild: Rebuild) -> Self:
        """A rebuild as it is sent."""
        return cls(
            id=rebuild.id,
            state=rebuild.state,
            generation=rebuild.generation,
            facts=rebuild.facts,
            requested_at=rebuild.requested_at,
            finished_at=rebuild.finished_at,
        )
