"""A letter as it was sent: its headers, addresses, text and files, whatever is broken in them."""

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.errors import MessageError
from email.headerregistry import AddressHeader, DateHeader, HeaderRegistry
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import getaddresses, parseaddr
from functools import cache
from typing import cast

from charset_normalizer import from_bytes

from ingest.domain.markup import plain_text
from ingest.domain.mentions import Enclosure

#: what a letter may cost us: each bound is far above what people send, and what is over one is set
#: aside unread, as reading it would keep everybody else waiting
_MOST_HEADERS = 256 * 1024
_MOST_LINES = 500_000
_MOST_PARTS = 200
_DEEPEST = 30
_LONGEST_HEADER = 2_000
_MOST_FILES = 20
LONGEST_ID = 500
_LONGEST_TOKEN = 64
_LONGEST_NAME = 200
_LONGEST_ADDRESS = 254
_LONGEST_WHOLE = 100_000
#: there was no such mail before; a dead battery says so
_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
#: how far a sender's clock may run ahead
_AHEAD = timedelta(days=1)

_BLANK_LINE = re.compile(rb"\r?\n\r?\n")
_NESTED = re.compile(rb"boundary|message/(?:rfc822|global)", re.IGNORECASE)
_PART = re.compile(rb"content-type", re.IGNORECASE)
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_IN_TEXT = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
MESSAGE_ID = re.compile(r"<([!-;=?-~]+@[!-;=?-~]+)>")
_TEXT_CODEC = re.compile(
    r"^(?:u?s?-?ascii|ansi|utf|iso|latin|windows|cp|gb|big5|shift|euc|koi8|mac|tis)", re.IGNORECASE
)
#: of several bytes a symbol, so that their bytes may look like UTF-8 by chance
_WIDE = re.compile(r"^(?:utf-?(?:16|32|7)|iso-?2022|gb|big5|shift|euc|hz)", re.IGNORECASE)
#: bytes that are enough to guess an encoding from
_ENOUGH_TO_GUESS = 20_000
#: what the standard library raises on headers that no program should write
PARSER_GIVES_UP = (
    AttributeError,
    IndexError,
    KeyError,
    LookupError,
    TypeError,
    ValueError,
    RecursionError,
    MessageError,
)


class _Bounded(EmailPolicy):
    """The modern policy; a header's value is read up to a length that is safe to parse."""

    def header_source_parse(self, sourcelines: Sequence[str]) -> tuple[str, str]:
        name, value = super().header_source_parse(list(sourcelines))
        return name, value[:_LONGEST_HEADER]


_POLICY = _Bounded(raise_on_defect=False)
_HEADERS = HeaderRegistry()


@dataclass(frozen=True, slots=True)
class Letter:
    """What every feed hands over: the bytes as sent, and the envelope as far as it is known."""

    raw: bytes
    #: the envelope's sender; empty for a bounce, None where the feed does not tell
    sender: str | None = None
    recipients: tuple[str, ...] = ()

    def packed(self) -> bytes:
        """All of it as bytes, to be kept: the envelope in a line of its own, then the letter."""
        return json.dumps([self.sender, *self.recipients]).encode() + b"\n" + self.raw

    @classmethod
    def unpacked(cls, content: bytes) -> "Letter | None":
        """The letter again; None where `content` is something else."""
        if not content.startswith(b"["):
            return None
        envelope, _, raw = content.partition(b"\n")
        sender, *recipients = json.loads(envelope)
        return cls(raw, sender, tuple(recipients))


class TooWild(Exception):
    """Reading it would cost more than a letter may."""


def opened(raw: bytes) -> EmailMessage:
    """The letter in `raw`; TooWild for one that would keep everybody else waiting."""
    _refuse_wild(raw)
    # the library reads a header anew each time it is looked at, and looks at some often
    policy = _POLICY.clone(header_factory=cache(_HEADERS))
    return cast("EmailMessage", message_from_bytes(raw, policy=policy))


def _refuse_wild(raw: bytes) -> None:
    head = _BLANK_LINE.search(raw, 0, _MOST_HEADERS)
    if head is None and len(raw) > _MOST_HEADERS:
        raise TooWild
    if raw.count(b"\n") > _MOST_LINES:
        raise TooWild
    if len(_PART.findall(raw)) > _MOST_PARTS or len(_NESTED.findall(raw)) > _DEEPEST:
        raise TooWild


def written_at(message: EmailMessage, now: datetime | None) -> datetime | None:
    """When it was written, as far as that can be believed."""
    with suppress(*PARSER_GIVES_UP):
        header = message["date"]
        moment = header.datetime if isinstance(header, DateHeader) else None
        if moment is not None:
            at = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
            latest = now + _AHEAD if now else None
            return at if at >= _EARLIEST and (latest is None or at <= latest) else None
    return None


def raw_values(message: EmailMessage, name: str) -> list[str]:
    """The values of a header as they were sent, on one line each."""
    return [
        _UNPRINTABLE.sub(" ", str(value)).strip()
        for key, value in message.raw_items()
        if key.casefold() == name
    ]


def line(message: EmailMessage, name: str) -> str:
    """A header's text, decoded, on one line; whatever it hides in an encoded word stays there."""
    with suppress(*PARSER_GIVES_UP):
        value = message[name]
        return "" if value is None else _one_line(str(value))
    return next(iter(raw_values(message, name)), "")


def _one_line(text: str) -> str:
    whole = text.encode("utf-8", "replace").decode()
    return " ".join(_UNPRINTABLE.sub(" ", whole).split())


def first_address(message: EmailMessage, name: str) -> tuple[str, str]:
    """Display name and address of the first in a header; empty where there is none."""
    with suppress(*PARSER_GIVES_UP):
        header = message[name]
        if isinstance(header, AddressHeader) and header.addresses:
            first = header.addresses[0]
            if "@" in first.addr_spec:
                return _one_line(first.display_name)[:_LONGEST_NAME], _address(first.addr_spec)
    for value in raw_values(message, name):
        shown, address = parseaddr(value)
        return _one_line(shown)[:_LONGEST_NAME], _address(address)
    return "", ""


def addresses(message: EmailMessage, name: str) -> list[str]:
    """Every address in a header, empty for one that is none."""
    return [
        _address(address)
        for value in raw_values(message, name)
        for _, address in getaddresses([value])
        if address
    ]


def _address(text: str) -> str:
    shown = _one_line(text)
    return shown if "@" in shown and len(shown) <= _LONGEST_ADDRESS else ""


def split(address: str) -> tuple[str, str | None]:
    """An address without what stands behind its plus, and that."""
    local, _, domain = address.strip().strip("<>").rpartition("@")
    base, _, token = local.partition("+")
    usable = 0 < len(token) <= _LONGEST_TOKEN and token.isascii() and token.isprintable()
    return f"{base}@{domain}".casefold(), token if usable else None


def message_id(message: EmailMessage, name: str) -> str | None:
    """The first Message-ID in a header, without its brackets."""
    for value in raw_values(message, name):
        found = MESSAGE_ID.search(value)
        if found and len(found[1]) <= LONGEST_ID:
            return found[1]
    return None


def contents(message: EmailMessage) -> tuple[str, tuple[Enclosure, ...]]:
    """The text a person would read, and the files beside it."""
    plain: list[str] = []
    html: list[str] = []
    files: list[Enclosure] = []
    for part in _leaves(message):
        kind = part.get_content_type()
        if kind in {"text/plain", "text/html"} and not _is_file(part):
            (plain if kind == "text/plain" else html).append(decoded(part))
        elif len(files) < _MOST_FILES:
            files.append(_enclosure(part, kind))
    text = "\n".join(part for part in plain if part.strip())
    if not text:
        source = "\n".join(html)
        text = plain_text(source, quotes=False) or plain_text(source)
    return _IN_TEXT.sub("", text.replace("\r\n", "\n"))[:_LONGEST_WHOLE].strip(), tuple(files)


def _leaves(message: EmailMessage) -> Iterator[EmailMessage]:
    if message.get_content_maintype() == "message":
        yield message  # somebody else's letter: a file, not what this one says
    elif message.is_multipart():
        for part in message.iter_parts():
            yield from _leaves(cast("EmailMessage", part))
    else:
        yield message


def _is_file(part: EmailMessage) -> bool:
    with suppress(*PARSER_GIVES_UP):
        return part.get_content_disposition() == "attachment" or part.get_filename() is not None
    return True


def _enclosure(part: EmailMessage, kind: str) -> Enclosure:
    name = None
    with suppress(*PARSER_GIVES_UP):
        name = part.get_filename()
    if part.get_content_maintype() == "message":
        content = b"\n".join(bytes(inner) for inner in part.iter_parts())
    else:
        content = _bytes(part)
    return Enclosure(content, kind, _one_line(name)[:_LONGEST_NAME] if name else None)


def _bytes(part: EmailMessage) -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def decoded(part: EmailMessage) -> str:
    """The text of a part, whatever its charset claims."""
    content = _bytes(part)
    if content.isascii() and b"\x1b" not in content:
        return content.decode("ascii")
    claimed = ""
    with suppress(*PARSER_GIVES_UP):
        claimed = part.get_content_charset() or ""
    guesses = [claimed] if _WIDE.match(claimed) else ["utf-8", claimed]
    for charset in guesses:
        # others than these turn bytes into something that is no text, at any length
        if _TEXT_CODEC.match(charset):
            with suppress(LookupError, UnicodeError):
                return content.decode(charset)
    guessed = from_bytes(content[:_ENOUGH_TO_GUESS]).best()
    return content.decode(guessed.encoding if guessed else "cp1252", "replace")
