"""What a webhook brought, as it is kept to be read again."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Body:
    """One body, without its content."""

    id: int
    channel: str
    account: str
    #: why parts of it were set aside; empty where all was read
    unread: tuple[str, ...]
    received_at: datetime
    replayed_at: datetime | None
