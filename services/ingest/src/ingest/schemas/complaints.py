"""A complaint, as its ticket shows it."""

from datetime import datetime
from typing import Annotated, Self

from fastapi import Query
from pydantic import BaseModel, Field, model_validator
from pydantic_core import PydanticCustomError

from lintas.vocabulary.ids import StatementId
from lintas.vocabulary.terms import PublicStatus
from lintas.web import Strict

#: the secret in a link
LinkSecret = Annotated[str | None, Query(alias="k", max_length=64)]


class AnswerOut(BaseModel):
    """A published statement that answers the complaint."""

    statement_id: StatementId
    version: int
    url: str
    published_at: datetime


class ComplaintOut(BaseModel):
    """The public side of a complaint."""

    ticket: str
    status: PublicStatus
    #: the status in plain words, by language
    status_text: dict[str, str]
    received_at: datetime
    #: by when it is to be settled; hand-offs between agencies do not move it
    promised_at: datetime | None
    updated_at: datetime
    answers: tuple[AnswerOut, ...]
    #: the reporter's own words; only with the link's secret
    text: str | None = None


class FeedbackIn(Strict):
    """What the reporter thinks of the answer; what is left out stays as said before."""

    solved: bool | None = None
    #: 5 is best
    rating: Annotated[int, Field(ge=1, le=5)] | None = None

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.solved is None and self.rating is None:
            raise PydanticCustomError("nothing_said", "solved, or rating, or both")
        return self


class FeedbackOut(BaseModel):
    """What the reporter thinks, as it is kept."""

    ticket: str
    solved: bool | None
    rating: int | None
