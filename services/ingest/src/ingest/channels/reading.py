"""Reading what a platform sends: its shapes vary, and one odd part must not cost the others."""

import json
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from functools import partial
from typing import Any, ClassVar

from ingest.channels.accounts import Reason, Unread
from ingest.domain.heard import Heard
from lintas.telemetry import get_logger
from lintas.vocabulary.errors import Invalid, UnsupportedMediaType
from lintas.web import parse_tree

_log = get_logger(__name__)

_LONGEST_ID = 256
_MS_PER_S = 1000
#: what is later than this was meant in milliseconds (in seconds it is the year 5138)
_LATEST_S = 100_000_000_000


class NotRead(Exception):
    """A part is set aside, for one reason."""

    reason: ClassVar[Reason]


class Unreadable(NotRead):
    """It is not what the platform's documentation says."""

    reason = "unreadable"


class Unknown(NotRead):
    """It is of a kind we do not know."""

    reason = "unknown"


class Unsupported(NotRead):
    """A person sent something that the platform itself cannot pass on."""

    reason = "unsupported"


class OtherAccount(NotRead):
    """It is about an account this address is not for."""

    reason = "other_account"


class Node:
    """A JSON object, read by names; what has the wrong type is Unreadable, never a crash.

    Platforms send an id as text here and as a number there: `id` makes both text.
    """

    __slots__ = ("_values",)

    def __init__(self, value: object) -> None:
        if type(value) is not dict:
            raise Unreadable
        self._values: dict[str, Any] = value

    def __bool__(self) -> bool:
        return bool(self._values)

    def has(self, name: str) -> bool:
        """Whether there is such a value, and it is not null."""
        return self._values.get(name) is not None

    def names(self) -> Iterable[str]:
        """The names of its values."""
        return self._values.keys()

    def part(self, name: str) -> "Node":
        """The object called `name`; an empty one where there is none."""
        value = self._values.get(name)
        return Node({} if value is None else value)

    def parts(self, name: str) -> list["Node"]:
        """The objects in the list called `name`."""
        return [Node(one) for one in self.listed(name)]

    def listed(self, name: str) -> list[Any]:
        """The list called `name`, unlooked at; an empty one where there is none."""
        value = self._values.get(name)
        if value is None:
            return []
        if type(value) is not list:
            raise Unreadable
        return value

    def one_or_more(self, name: str) -> list[Any]:
        """The list called `name`, or a list of the one object it is."""
        value = self._values.get(name)
        return [value] if type(value) is dict else self.listed(name)

    def ids(self, name: str) -> list[str]:
        """The ids in the list called `name`."""
        return [_id(one) for one in self.listed(name)]

    def id(self, *names: str) -> str | None:
        """The first of these ids that is there."""
        for name in names:
            value = self._values.get(name)
            if value is not None and value != "":
                return _id(value)
        return None

    def need_id(self, *names: str) -> str:
        """The first of these ids; Unreadable without any."""
        found = self.id(*names)
        if found is None:
            raise Unreadable
        return found

    def text(self, *names: str) -> str:
        """The first of these texts that is there, without NUL characters; empty without any."""
        for name in names:
            value = self._values.get(name)
            if value is None:
                continue
            if type(value) is not str:
                raise Unreadable
            # nothing after us stores it, and a platform is not refused for what it passes on
            return value.replace("\x00", "")
        return ""

    def flag(self, name: str) -> bool:
        """Whether `name` is true."""
        return self._values.get(name) is True

    def number(self, name: str) -> float | None:
        """A number, such as a degree."""
        value = self._values.get(name)
        if value is None:
            return None
        if type(value) not in {int, float}:
            raise Unreadable
        return float(value)

    def at(self, *names: str) -> datetime | None:
        """The first of these moments: seconds or milliseconds since 1970, number or text."""
        for name in names:
            value = self._values.get(name)
            if value is not None:
                return _moment(value)
        return None


def whole(body: bytes, read: Callable[[Node], Iterable[Heard | Unread]]) -> list[Heard | Unread]:
    """What `read` makes of a delivery; set aside as it is where that is nothing."""
    try:
        tree = Node(parse_tree(body))
    except (Unreadable, Invalid, UnsupportedMediaType):
        return [Unread("unreadable", body)]
    return _read(tree, read, lambda: body) or [Unread("unknown", body)]


def answered(body: bytes) -> Node:
    """A platform's answer to a question of ours; Unreadable where it is no object."""
    try:
        return Node(parse_tree(body))
    except (Invalid, UnsupportedMediaType):
        raise Unreadable from None


def each(
    parts: Iterable[Any], read: Callable[[Node], Iterable[Heard | Unread]]
) -> Iterator[Heard | Unread]:
    """What `read` makes of every part; one that it cannot read is set aside by itself."""
    for part in parts:
        yield from _read(part, read, partial(_dump, part))


def _read(
    part: object, read: Callable[[Node], Iterable[Heard | Unread]], content: Callable[[], bytes]
) -> list[Heard | Unread]:
    try:
        # all of a part or nothing of it
        return list(read(part if isinstance(part, Node) else Node(part)))
    except NotRead as refusal:
        return [Unread(refusal.reason, content())]
    except Exception:  # noqa: BLE001  # a bug of ours must not cost the other parts
        _log.exception("part_unforeseen")
        return [Unread("unforeseen", content())]


def written_at(text: str) -> datetime | None:
    """A moment as people write it (ISO 8601 with its zone); None without any."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Unreadable from None
    if moment.tzinfo is None:
        raise Unreadable
    return moment.astimezone(UTC)


def _dump(part: object) -> bytes:
    # ASCII, as it may hold halves of characters and numbers of any length
    return json.dumps(part).encode()


def _id(value: object) -> str:
    # bool is an int to isinstance
    if type(value) is int:
        return str(value)
    if type(value) is not str or not 0 < len(value) <= _LONGEST_ID or not value.isprintable():
        raise Unreadable
    return value


def _moment(value: object) -> datetime:
    if (
        (type(value) is str and value.isascii() and value.isdigit())
        or type(value) is int
        or type(value) is float
    ):
        seconds = float(value)
    else:
        raise Unreadable
    if seconds > _LATEST_S:
        seconds /= _MS_PER_S
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        raise Unreadable from None
