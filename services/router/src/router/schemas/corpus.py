"""How complaints of the corpus are shown to whoever trains a model."""

from collections.abc import Sequence
from datetime import datetime
from typing import Self
from uuid import UUID

from pydantic import BaseModel

from router.domain import Case


class SettledOut(BaseModel):
    """A settled complaint: what was said, redacted, and who led when it was settled."""

    complaint_id: UUID
    received_at: datetime
    text: str
    final: str


class CorpusPage(BaseModel):
    """Complaints in the order of receipt."""

    items: list[SettledOut]

    @classmethod
    def of(cls, cases: Sequence[Case]) -> Self:
        """Those of `cases` that are settled; of the others nothing can be learnt."""
        return cls(
            items=[
                SettledOut(
                    complaint_id=case.complaint_id,
                    received_at=case.mention.received_at,
                    text=case.mention.text,
                    final=case.final,
                )
                for case in cases
                if case.final is not None
            ]
        )
