"""E-mail: one letter, whatever brought it, as what it tells.

The feeds (Postmark's webhook, our own SMTP and LMTP listener, a mailbox read over IMAP) all hand
over the bytes as they were sent and the envelope, so that a letter means the same by each of them.
"""

import hashlib
import re
from base64 import b64encode
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.errors import MessageError
from email.headerregistry import AddressHeader, DateHeader
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import getaddresses, parseaddr
from typing import ClassVar, Literal, Self, cast

from charset_normalizer import from_bytes
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError
from typing_extensions import override

from ingest.channels import postmark, signing
from ingest.channels.accounts import SecretFile, SecretFiles, Unread, WebhookAccount
from ingest.channels.reading import Unreadable
from ingest.domain.heard import Heard, Noted, Posted, Reported
from ingest.domain.markup import plain_text
from ingest.domain.mentions import Author, Enclosure, Reply, Said
from ingest.domain.quotes import own_words
from lintas.telemetry import get_logger
from lintas.web import MIB

_log = get_logger(__name__)

CHANNEL = "email"

#: what a letter may cost us: each bound is far above what people send, and what is over one is set
#: aside unread, as reading it would keep everybody else waiting
_MOST_HEADERS = 256 * 1024
_MOST_LINES = 500_000
_MOST_PARTS = 200
_DEEPEST = 30
_LONGEST_HEADER = 2_000
_LONGEST_TEXT = 10_000
_MOST_FILES = 20
_LONGEST_ID = 500
_LONGEST_TOKEN = 64
_LONGEST_NAME = 200
_LONGEST_ADDRESS = 254
_LONGEST_WHOLE = 100_000
#: passes through one host; a letter that runs in a circle has more
_MOST_HOPS = 5
#: there was no such mail before; a dead battery says so
_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
#: how far a sender's clock may run ahead
_AHEAD = timedelta(days=1)

_BLANK_LINE = re.compile(rb"\r?\n\r?\n")
_NESTED = re.compile(rb"boundary|message/(?:rfc822|global)", re.IGNORECASE)
_PART = re.compile(rb"content-type", re.IGNORECASE)
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_IN_TEXT = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_MESSAGE_ID = re.compile(r"<([!-;=?-~]+@[!-;=?-~]+)>")
_ANSWERS = re.compile(r"^\s*(?:re|bls|balas|fw|fwd|trs|terusan)\s*(?:\[\d+\])?\s*:", re.IGNORECASE)
_BY = re.compile(r"\bby\s+([A-Za-z0-9.-]+)", re.IGNORECASE)
_TEXT_CODEC = re.compile(
    r"^(?:u?s?-?ascii|ansi|utf|iso|latin|windows|cp|gb|big5|shift|euc|koi8|mac|tis)", re.IGNORECASE
)
#: of several bytes a symbol, so that their bytes may look like UTF-8 by chance
_WIDE = re.compile(r"^(?:utf-?(?:16|32|7)|iso-?2022|gb|big5|shift|euc|hz)", re.IGNORECASE)
#: bytes that are enough to guess an encoding from
_ENOUGH_TO_GUESS = 20_000
#: RFC 3464, section 2.3.3
_STATES = {"failed": "failed", "delivered": "delivered", "relayed": "sent", "expanded": "sent"}
_STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")
#: what the standard library raises on headers that no program should write
_PARSER_GIVES_UP = (
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


@dataclass(frozen=True, slots=True)
class Letter:
    """What every feed hands over: the bytes as sent, and the envelope as far as it is known."""

    raw: bytes
    #: the envelope's sender; empty for a bounce, None where the feed does not tell
    sender: str | None = None
    recipients: tuple[str, ...] = ()


class _TooWild(Exception):
    """Reading it would cost more than a letter may."""


class EmailAccount(WebhookAccount):
    """One address people write to."""

    channel: Literal["email"]
    body_limit: ClassVar[int] = 32 * MIB

    addresses: tuple[str, ...] = Field(
        (), description="What people write to; `name+anything@` is the same address."
    )
    message_domains: tuple[str, ...] = Field(
        (), description="Domains of the Message-IDs that we give to what we send."
    )
    postmark_user: str | None = Field(
        None, description="User name in the address of the webhook that Postmark was given."
    )
    postmark_password_files: SecretFiles | None = Field(
        None, description="Files with the password in that address, and with the one before it."
    )
    imap_host: str | None = Field(None, description="Server of a mailbox that is read for letters.")
    imap_port: int = Field(993, ge=1, le=65_535, description="Its port.")
    imap_tls: bool = Field(True, description="Whether the connection begins with TLS.")
    imap_user: str | None = Field(None, description="Whom the mailbox belongs to.")
    imap_password_file: SecretFile | None = Field(None, description="File with the password.")
    imap_folder: str = Field("INBOX", description="The folder that is read.")
    imap_every_s: float = Field(30, ge=1, description="Seconds between two looks.")
    imap_mark_seen: bool = Field(False, description="Whether a letter that is kept is marked read.")
    imap_move_to: str | None = Field(
        None, description="Folder into which a letter that is kept is moved; none: it stays."
    )
    authenticated_by: str | None = Field(
        None,
        description="Name under which our own mail server reports in Authentication-Results.",
    )

    @model_validator(mode="after")
    def _complete(self) -> Self:
        for parts in (
            (self.postmark_user, self.postmark_password_files),
            (self.imap_host, self.imap_user, self.imap_password_file),
        ):
            if any(parts) and not all(parts):
                raise PydanticCustomError("incomplete", "has half of a feed's address and secret")
        return self

    @override
    def is_genuine(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Whether it shows the name and password of the webhook's address; bodies are unsigned."""
        expected = [
            b64encode(f"{self.postmark_user}:{secret.get_secret_value()}".encode()).decode()
            for secret in self.postmark_password_files or ()
        ]
        scheme, _, given = headers.get("authorization", "").partition(" ")
        return scheme.casefold() == "basic" and signing.is_one_of(given, expected)

    @override
    def translate(self, body: bytes) -> list[Heard | Unread]:
        """What Postmark posts: a letter to us, or what became of one of ours."""
        try:
            post = postmark.read(body)
        except Unreadable:
            return [Unread("unreadable", body)]
        if isinstance(post, postmark.Receipt):
            return [Noted(CHANNEL, self.name, "receipt")]
        if isinstance(post, postmark.Fate):
            return [Reported(CHANNEL, self.name, post.message, post.state, reason=post.reason)]
        recipients = (post.recipient,) if post.recipient else ()
        return self.read(Letter(post.raw, recipients=recipients), datetime.now(UTC))

    def takes(self, address: str) -> bool:
        """Whether a letter to `address` is for this account."""
        return _split(address)[0] in {one.casefold() for one in self.addresses}

    def read(self, letter: Letter, now: datetime) -> list[Heard | Unread]:
        """What `letter` tells, or that it was set aside.

        Plain computation; the dearest letters within our bounds take some seconds, so a caller
        that serves others meanwhile gives it a thread.
        """
        try:
            return _read(self, letter, now)
        except (_TooWild, RecursionError):
            return [Unread("unreadable", letter.raw)]
        except Exception as error:  # noqa: BLE001 - one letter must not stop those behind it
            # no traceback: it would show what people wrote
            _log.error("letter_unforeseen", error=type(error).__name__)
            return [Unread("unforeseen", letter.raw)]


def _read(account: EmailAccount, letter: Letter, now: datetime) -> list[Heard | Unread]:
    _refuse_wild(letter.raw)
    message = cast("EmailMessage", message_from_bytes(letter.raw, policy=_POLICY))
    own_id = _message_id(message, "message-id")
    sender = _sender(message, letter)
    author = _author(message, sender)
    if _in_a_circle(account, message, own_id, author):
        return [Unread("loop", letter.raw)]
    if message.get_content_type() == "multipart/report":
        return _reported(account, message)
    if _is_automatic(message, sender):
        return [Noted(CHANNEL, account.name, "automatic")]
    said = _said(account, message, letter, author, own_id, now)
    if not said.text and not said.enclosures:
        return [Noted(CHANNEL, account.name, "empty")]
    return [Posted(said)]


def _refuse_wild(raw: bytes) -> None:
    head = _BLANK_LINE.search(raw, 0, _MOST_HEADERS)
    if head is None and len(raw) > _MOST_HEADERS:
        raise _TooWild
    if raw.count(b"\n") > _MOST_LINES:
        raise _TooWild
    if len(_PART.findall(raw)) > _MOST_PARTS or len(_NESTED.findall(raw)) > _DEEPEST:
        raise _TooWild


# what a letter is


def _in_a_circle(
    account: EmailAccount, message: EmailMessage, own_id: str | None, author: Author
) -> bool:
    """Whether it is ours, come back, or runs between two machines."""
    if own_id and own_id.rpartition("@")[2].casefold() in _folded(account.message_domains):
        return True
    if author.email and account.takes(author.email):
        return True
    # a long way through many hosts is usual, the same host again and again is not
    hosts = Counter(
        found[1].casefold() for value in _raw(message, "received") if (found := _BY.search(value))
    )
    return max(hosts.values(), default=0) > _MOST_HOPS


def _is_automatic(message: EmailMessage, sender: str | None) -> bool:
    """Whether no person wrote it to us (RFC 3834, and what older programs say instead)."""
    submitted = _line(message, "auto-submitted").partition(";")[0].strip().casefold()
    return (
        sender == ""
        or submitted not in {"", "no"}
        or _line(message, "precedence").casefold() in {"bulk", "junk", "list", "auto_reply"}
        or any(name in message for name in ("list-id", "x-autoreply", "x-autorespond"))
    )


def _reported(account: EmailAccount, message: EmailMessage) -> list[Heard | Unread]:
    """What another mail server says became of a letter of ours (RFC 3464)."""
    ours = _reported_id(message)
    domains = _folded(account.message_domains)
    if ours is None or (domains and ours.rpartition("@")[2].casefold() not in domains):
        # nobody makes a letter fail that is not ours
        return [Noted(CHANNEL, account.name, "bounce")]
    told: dict[str, Heard | Unread] = {}
    for part in message.walk():
        state = _STATES.get(_line(part, "action").casefold())
        if state is not None:
            reason = _STATUS.match(_line(part, "status"))
            told[state] = Reported(
                CHANNEL,
                account.name,
                ours,
                state,
                _posted_at(message, None),
                reason=reason[0] if reason and state == "failed" else None,
            )
    return [*told.values()] or [Noted(CHANNEL, account.name, "automatic")]


def _reported_id(message: EmailMessage) -> str | None:
    for part in message.walk():
        if part is message:
            continue
        if part.get_content_type() == "text/rfc822-headers":
            found = _MESSAGE_ID.search(_after(_decoded(part), "message-id:"))
            if found:
                return found[1]
        own = _message_id(part, "message-id")
        if own:
            return own
    return _message_id(message, "in-reply-to") or _message_id(message, "references")


def _after(text: str, name: str) -> str:
    for line in text.splitlines():
        if line.casefold().startswith(name):
            return line[len(name) :]
    return ""


# what a person said


def _said(
    account: EmailAccount,
    message: EmailMessage,
    letter: Letter,
    author: Author,
    own_id: str | None,
    now: datetime,
) -> Said:
    external_id = own_id or f"sha256:{hashlib.sha256(letter.raw).hexdigest()}"
    whole, files = _contents(message)
    own = own_words(whole)
    subject = _line(message, "subject")
    if subject and (not own or not _ANSWERS.match(subject)):
        own = f"{subject}\n\n{own}".strip()
    parent, thread = _thread(account, message, letter)
    if _is_doubtful(account, message, letter, author):
        # whoever writes under another's name must not get into their complaint
        parent = thread = None
    return Said(
        channel=CHANNEL,
        account=account.name,
        text=own[:_LONGEST_TEXT].rstrip(),
        external_id=external_id,
        in_reply_to=parent,
        posted_at=_posted_at(message, now),
        author=author,
        conversation=thread or external_id,
        public=False,
        reply=Reply(in_public=False),
        enclosures=files,
        unabridged=whole if len(whole) > len(own) or len(own) > _LONGEST_TEXT else None,
    )


def _thread(
    account: EmailAccount, message: EmailMessage, letter: Letter
) -> tuple[str | None, str | None]:
    """The letter of theirs that this one answers, and the conversation it belongs to."""
    references = [
        found
        for name in ("references", "in-reply-to")
        for value in _raw(message, name)
        for found in _MESSAGE_ID.findall(value)
        if len(found) <= _LONGEST_ID
    ]
    domains = _folded(account.message_domains)
    theirs = [one for one in references if one.rpartition("@")[2].casefold() not in domains]
    first = references[0] if references else None
    # an answer to an answer of ours: what that one answered stands before it
    return (theirs[-1] if theirs else first), _token(account, message, letter) or first


def _token(account: EmailAccount, message: EmailMessage, letter: Letter) -> str | None:
    """What stands behind the plus of the address it was sent to."""
    headers = (_addresses(message, name) for name in ("delivered-to", "to", "cc"))
    for address in (*letter.recipients, *(one for listed in headers for one in listed)):
        base, token = _split(address)
        if token and (not account.addresses or base in _folded(account.addresses)):
            return token
    return None


def _author(message: EmailMessage, sender: str | None) -> Author:
    name, address = _first_address(message, "from")
    return Author(name=name or None, email=address or sender or None)


def _sender(message: EmailMessage, letter: Letter) -> str | None:
    """The envelope's sender; the last server wrote it down where the feed does not tell."""
    if letter.sender is not None:
        return letter.sender.strip("<> ")
    for value in _raw(message, "return-path"):
        return parseaddr(value)[1]
    return None


def _is_doubtful(
    account: EmailAccount, message: EmailMessage, letter: Letter, author: Author
) -> bool:
    """Whether somebody else may have written it in this name."""
    if account.authenticated_by:
        for value in _raw(message, "authentication-results"):
            server, _, results = value.partition(";")
            if server.split()[:1] == [account.authenticated_by]:
                return not re.search(r"\bdmarc=pass\b", results)
        return True
    sender = _sender(message, letter)
    if not sender or not author.email:
        return False
    claimed, used = (one.rpartition("@")[2].casefold() for one in (author.email, sender))
    return (
        claimed != used
        and not f".{used}".endswith(f".{claimed}")
        and (not f".{claimed}".endswith(f".{used}"))
    )


def _posted_at(message: EmailMessage, now: datetime | None) -> datetime | None:
    """When it was written, as far as that can be believed."""
    with suppress(*_PARSER_GIVES_UP):
        header = message["date"]
        moment = header.datetime if isinstance(header, DateHeader) else None
        if moment is not None:
            at = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
            latest = now + _AHEAD if now else None
            return at if at >= _EARLIEST and (latest is None or at <= latest) else None
    return None


# headers


def _raw(message: EmailMessage, name: str) -> list[str]:
    """The values of a header as they were sent, on one line each."""
    return [
        _UNPRINTABLE.sub(" ", str(value)).strip()
        for key, value in message.raw_items()
        if key.casefold() == name
    ]


def _line(message: EmailMessage, name: str) -> str:
    """A header's text, decoded, on one line; whatever it hides in an encoded word stays there."""
    with suppress(*_PARSER_GIVES_UP):
        value = message[name]
        return "" if value is None else _shown(str(value))
    return next(iter(_raw(message, name)), "")


def _shown(text: str) -> str:
    whole = text.encode("utf-8", "replace").decode()
    return " ".join(_UNPRINTABLE.sub(" ", whole).split())


def _first_address(message: EmailMessage, name: str) -> tuple[str, str]:
    """Display name and address of the first in a header; empty where there is none."""
    with suppress(*_PARSER_GIVES_UP):
        header = message[name]
        if isinstance(header, AddressHeader) and header.addresses:
            first = header.addresses[0]
            if "@" in first.addr_spec:
                return _shown(first.display_name)[:_LONGEST_NAME], _address(first.addr_spec)
    for value in _raw(message, name):
        shown, address = parseaddr(value)
        return _shown(shown)[:_LONGEST_NAME], _address(address)
    return "", ""


def _addresses(message: EmailMessage, name: str) -> list[str]:
    return [
        _address(address)
        for value in _raw(message, name)
        for _, address in getaddresses([value])
        if address
    ]


def _address(text: str) -> str:
    shown = _shown(text)
    return shown if "@" in shown and len(shown) <= _LONGEST_ADDRESS else ""


def _split(address: str) -> tuple[str, str | None]:
    """An address without what stands behind its plus, and that."""
    local, _, domain = address.strip().strip("<>").rpartition("@")
    base, _, token = local.partition("+")
    usable = 0 < len(token) <= _LONGEST_TOKEN and token.isascii() and token.isprintable()
    return f"{base}@{domain}".casefold(), token if usable else None


def _folded(names: Iterable[str]) -> frozenset[str]:
    return frozenset(name.casefold() for name in names)


def _message_id(message: EmailMessage, name: str) -> str | None:
    for value in _raw(message, name):
        found = _MESSAGE_ID.search(value)
        if found and len(found[1]) <= _LONGEST_ID:
            return found[1]
    return None


# what is inside


def _contents(message: EmailMessage) -> tuple[str, tuple[Enclosure, ...]]:
    """The text a person would read, and the files beside it."""
    plain: list[str] = []
    html: list[str] = []
    files: list[Enclosure] = []
    for part in _leaves(message):
        kind = part.get_content_type()
        if kind in {"text/plain", "text/html"} and not _is_file(part):
            (plain if kind == "text/plain" else html).append(_decoded(part))
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
    with suppress(*_PARSER_GIVES_UP):
        return part.get_content_disposition() == "attachment" or part.get_filename() is not None
    return True


def _enclosure(part: EmailMessage, kind: str) -> Enclosure:
    name = None
    with suppress(*_PARSER_GIVES_UP):
        name = part.get_filename()
    if part.get_content_maintype() == "message":
        content = b"\n".join(bytes(inner) for inner in part.iter_parts())
    else:
        content = _bytes(part)
    return Enclosure(content, kind, _shown(name)[:_LONGEST_NAME] if name else None)


def _bytes(part: EmailMessage) -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _decoded(part: EmailMessage) -> str:
    """The text of a part, whatever its charset claims."""
    content = _bytes(part)
    if content.isascii() and b"\x1b" not in content:
        return content.decode("ascii")
    claimed = ""
    with suppress(*_PARSER_GIVES_UP):
        claimed = part.get_content_charset() or ""
    guesses = [claimed] if _WIDE.match(claimed) else ["utf-8", claimed]
    for charset in guesses:
        # others than these turn bytes into something that is no text, at any length
        if _TEXT_CODEC.match(charset):
            with suppress(LookupError, UnicodeError):
                return content.decode(charset)
    guessed = from_bytes(content[:_ENOUGH_TO_GUESS]).best()
    return content.decode(guessed.encoding if guessed else "cp1252", "replace")
