"""What ingest needs to know of the city it serves."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

from ingest.domain.mentions import Author
from ingest.domain.open311.services import Endpoint

_ALWAYS = datetime.min.replace(tzinfo=UTC)
_NOTHING_TOLD = Endpoint()


@dataclass(frozen=True, slots=True)
class CityDocument:
    """One version of a directory document."""

    id: str
    version: str
    effective_from: datetime | None
    effective_to: datetime | None
    known_from: datetime
    body: Mapping[str, Any]


@dataclass(frozen=True)
class City:
    """The city, as its document in force describes it."""

    ticket_prefix: str
    zone: str
    #: channel and handle of every account that speaks for the city
    own_accounts: frozenset[tuple[str, str]] = frozenset()
    #: so long after what was said last, the same reporter's reply continues a complaint
    reply_window: timedelta = timedelta(days=30)
    #: the same for a messenger, which has no threads
    conversation_pause: timedelta = timedelta(hours=72)
    open311: Endpoint = _NOTHING_TOLD
    #: what it is called, by language
    names: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_body(cls, body: Mapping[str, Any]) -> "City":
        """The city in a directory document's body; KeyError or TypeError if it is not one."""
        accounts = frozenset(
            (account["channel"], _folded(handle))
            for account in body.get("own_accounts", ())
            for handle in account["handles"]
        )
        joining = body.get("joining", {})
        return cls(
            str(body["ticket_prefix"]),
            str(body["zone"]),
            accounts,
            timedelta(days=joining.get("reply_window_days", 30)),
            timedelta(hours=joining.get("conversation_pause_hours", 72)),
            Endpoint.from_body(body),
            body.get("name") or {},
        )

    def name(self, language: str) -> str | None:
        """What the city is called in a language, as far as its pack says."""
        return self.names.get(language)

    def speaks_for_itself(self, channel: str, author: Author) -> bool:
        """Whether `author` is one of the city's own accounts on `channel`."""
        names = (author.handle, author.email)
        return any((channel, _folded(name)) in self.own_accounts for name in names if name)

    @cached_property
    def own_handles(self) -> frozenset[str]:
        """The city's own account names; naming them in a text reveals nobody."""
        return frozenset(handle for _, handle in self.own_accounts)


def city_in_force(documents: Iterable[CityDocument], now: datetime) -> City | None:
    """The city of the newest document that holds at `now`, or None."""
    newest = in_force(documents, now)
    return None if newest is None else City.from_body(newest.body)


def in_force(documents: Iterable[CityDocument], now: datetime) -> CityDocument | None:
    """The newest of a document's versions that hold at `now`, or None."""
    holding = [
        document
        for document in documents
        if (document.effective_from or _ALWAYS) <= now
        and (document.effective_to is None or now < document.effective_to)
    ]
    if not holding:
        return None
    return max(holding, key=lambda d: (d.effective_from or _ALWAYS, d.known_from, d.version))


def _folded(handle: str) -> str:
    return handle.removeprefix("@").casefold()
