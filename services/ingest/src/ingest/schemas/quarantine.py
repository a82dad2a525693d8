"""Deliveries that are kept to be read again."""

from datetime import datetime

from pydantic import BaseModel, Field

from lintas.web import Strict


class ReplayIn(Strict):
    """Which of the kept bodies are to be read again."""

    #: also those that were wholly read
    every: bool = False
    #: behind this number
    after: int = Field(default=0, ge=0, le=2**63 - 1)


class BodyOut(BaseModel):
    """A webhook's body that is kept, without what it says."""

    id: int
    channel: str
    account: str
    unread: tuple[str, ...]
    received_at: datetime
    replayed_at: datetime | None


class BodiesOut(BaseModel):
    """Bodies, oldest first, and the number to go on behind; None at the end."""

    items: tuple[BodyOut, ...]
    after: int | None
