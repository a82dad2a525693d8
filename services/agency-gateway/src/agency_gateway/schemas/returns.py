"""What was given back, over HTTP."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field

from agency_gateway.domain.records import Returned
from agency_gateway.schemas.shapes import Shown
from lintas.vocabulary.terms import MentionClass, Stakeholder, Suspicion
from lintas.web import Strict

MOST_ITEMS = 200


class ReturnIn(Strict):
    """A request for routing."""

    complaint_id: UUID
    round: int = Field(ge=1, le=2**31 - 1)


class ReturnsIn(Strict):
    """Requests for routing to read."""

    items: Annotated[tuple[ReturnIn, ...], Field(min_length=1, max_length=MOST_ITEMS)]


class Standing(StrEnum):
    """How it stands with a request for routing."""

    OPEN = "open"
    #: answered, or a coordinator decided meanwhile: nothing is told of the complaint
    SUPERSEDED = "superseded"
    UNKNOWN = "unknown"


class ReturnOut(Shown):
    """What deciding anew needs; all redacted, null once withdrawn or erased."""

    complaint_id: UUID
    round: int
    standing: Standing
    text: str | None = None
    #: of the agencies that returned it, a line each
    note: str = ""
    mention_class: MentionClass | None = None
    channel: str | None = None
    stakeholder: Stakeholder | None = None
    suspected: Suspicion | None = None
    address: str | None = None
    lat: float | None = None
    lon: float | None = None
    received_at: datetime | None = None

    @classmethod
    def of(cls, asked: ReturnIn, found: Returned | None) -> Self:
        """The answer to one request."""
        if found is None or found.awaiting_round != asked.round:
            standing = Standing.UNKNOWN if found is None else Standing.SUPERSEDED
            return cls(complaint_id=asked.complaint_id, round=asked.round, standing=standing)
        said = found.said
        return cls(
            complaint_id=asked.complaint_id,
            round=asked.round,
            standing=Standing.OPEN,
            text=found.text,
            note="\n".join(found.notes),
            mention_class=found.mention_class,
            channel=found.channel,
            stakeholder=found.stakeholder,
            suspected=said.suspected if said else None,
            address=said.address if said else None,
            lat=said.lat if said else None,
            lon=said.lon if said else None,
            received_at=found.received_at,
        )


class ReturnsOut(Shown):
    """One answer per request, in order."""

    items: tuple[ReturnOut, ...]
