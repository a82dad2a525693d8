"""The past of imported complaints over HTTP."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, Field, model_validator
from pydantic_core import PydanticCustomError

from agency_gateway.domain.past import Fate, Past
from agency_gateway.schemas.shapes import Agency, Code
from lintas.vocabulary.ids import AgencyCode, ComplaintId
from lintas.vocabulary.terms import MentionClass
from lintas.web import Moment, Strict, Within

#: a category or an area, as the directory or the source's mapping writes it
_Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
#: a source may have promised something for years ahead
_Target = Annotated[datetime, Within(days_ahead=36_600)]
_BY_ACTION = ("agency", "assigned_at", "answered_at", "resolved_at", "closed_at", "target_at")


class PastIn(Strict):
    """What became of one imported complaint, as its source tells it."""

    complaint_id: UUID
    mention_class: MentionClass = Field(MentionClass.COMPLAINT, alias="class")
    category: _Name | None = None
    kecamatan: _Name | None = None
    kelurahan: _Name | None = None
    #: who led
    agency: Agency | None = None
    assigned_at: Moment | None = None
    answered_at: Moment | None = None
    resolved_at: Moment | None = None
    closed_at: Moment | None = None
    disposition: Code = "solved"
    #: by when it was to be settled
    target_at: _Target | None = None
    #: false where the source itself left the keeping of its date without a verdict
    judged: bool = True

    @model_validator(mode="after")
    def _no_action_means_none(self) -> Self:
        told = any(getattr(self, name) is not None for name in _BY_ACTION)
        if told and not self.mention_class.needs_action:
            raise PydanticCustomError(
                "needs_no_action", "an own post or other has neither an agency nor times"
            )
        return self

    def past(self) -> Past:
        """As the domain sees it."""
        return Past(
            complaint_id=ComplaintId(self.complaint_id),
            mention_class=self.mention_class,
            category=self.category,
            kecamatan=self.kecamatan,
            kelurahan=self.kelurahan,
            agency=AgencyCode(self.agency) if self.agency else None,
            assigned_at=self.assigned_at,
            answered_at=self.answered_at,
            resolved_at=self.resolved_at,
            closed_at=self.closed_at,
            disposition=self.disposition,
            target_at=self.target_at,
            unjudged=None if self.judged else True,
        )


class PastOut(BaseModel):
    """A past that was taken."""

    line: int
    complaint_id: ComplaintId
    outcome: Fate


class LineErrorOut(BaseModel):
    """What is wrong with a line, and what was expected."""

    pointer: str
    code: str
    detail: str


class RejectedPastOut(BaseModel):
    """A line that was not taken; the others were not touched by it."""

    line: int
    errors: tuple[LineErrorOut, ...]


class HistoryOut(BaseModel):
    """What became of each line, counted from 1."""

    accepted: int
    results: tuple[PastOut, ...]
    rejected: tuple[RejectedPastOut, ...]
