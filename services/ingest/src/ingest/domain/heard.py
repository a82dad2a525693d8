"""What a channel tells in one delivery: the words every channel's file is translated into."""

from dataclasses import dataclass
from datetime import datetime

from ingest.domain.mentions import Said


@dataclass(frozen=True, slots=True)
class Posted:
    """Somebody said something: the first mention of a complaint, or more of an earlier one."""

    said: Said


@dataclass(frozen=True, slots=True)
class Edited:
    """A post says something else now; `said.revision` orders its states."""

    said: Said


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """A post was deleted, hidden or unsent by whom it belongs to."""

    channel: str
    account: str
    external_id: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Renamed:
    """A person has another platform id or number from now on; their complaints stay theirs."""

    channel: str
    account: str
    previous: str
    current: str


@dataclass(frozen=True, slots=True)
class Reported:
    """What the platform says became of something we sent: `sent`, `delivered`, `read`, `failed`."""

    channel: str
    account: str
    external_id: str
    state: str
    at: datetime | None = None
    #: the platform's code, where it failed
    reason: str | None = None
    #: what we gave along when we sent it
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class Pointed:
    """Ids only: the text has to be fetched before anybody can read it."""

    channel: str
    account: str
    external_id: str
    #: what the channel's own fetcher needs, names and ids, as text
    ids: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Noted:
    """Nothing anybody has to answer (a reaction, a receipt) or nothing we know: kept and counted."""

    channel: str
    account: str
    #: from a closed list, as it becomes a metric's label; `unknown` for what we do not know
    kind: str


Heard = Posted | Edited | Withdrawn | Renamed | Reported | Pointed | Noted
