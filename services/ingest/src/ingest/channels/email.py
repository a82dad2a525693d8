"""E-mail: one letter, whatever brought it, as what it tells.

The feeds (Postmark's webhook, our own SMTP and LMTP listener, a mailbox read over IMAP) all hand
over the bytes as they were sent and the envelope, so that a letter means the same by each of them.
"""

import hashlib
import re
from base64 import b64encode
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import parseaddr
from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError
from typing_extensions import override

from ingest.channels import letters, postmark, signing
from ingest.channels.accounts import SecretFile, SecretFiles, Unread, WebhookAccount
from ingest.channels.letters import Letter
from ingest.channels.reading import Unreadable
from ingest.domain.heard import Heard, Noted, Posted, Reported
from ingest.domain.mentions import Author, Reply, Said
from ingest.domain.quotes import own_words
from lintas.telemetry import get_logger
from lintas.web import MIB

_log = get_logger(__name__)

CHANNEL = "email"

_LONGEST_TEXT = 10_000
#: passes through one host; a letter that runs in a circle has more
_MOST_HOPS = 5
_ANSWERS = re.compile(r"^\s*(?:re|bls|balas|fw|fwd|trs|terusan)\s*(?:\[\d+\])?\s*:", re.IGNORECASE)
_BY = re.compile(r"\bby\s+([A-Za-z0-9.-]+)", re.IGNORECASE)
#: RFC 3464, section 2.3.3
_STATES = {"failed": "failed", "delivered": "delivered", "relayed": "sent", "expanded": "sent"}
_STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")


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
    def may_be_genuine(self, headers: Mapping[str, str]) -> bool:
        """Whether it is: bodies are unsigned."""
        return self.is_genuine(headers, b"")

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

    @override
    def read_again(self, content: bytes) -> list[Heard | Unread]:
        """A letter that was handed to us, or what Postmark posted."""
        letter = Letter.unpacked(content)
        return self.translate(content) if letter is None else self.read(letter, datetime.now(UTC))

    def takes(self, address: str) -> bool:
        """Whether a letter to `address` is for this account."""
        return letters.split(address)[0] in {one.casefold() for one in self.addresses}

    def read(self, letter: Letter, now: datetime) -> list[Heard | Unread]:
        """What `letter` tells, or that it was set aside.

        Plain computation; the dearest letters within our bounds take some seconds, so a caller
        that serves others meanwhile gives it a thread.
        """
        try:
            return _read(self, letter, now)
        except (letters.TooWild, RecursionError):
            return [Unread("unreadable", letter.raw)]
        except Exception as error:  # noqa: BLE001 - one letter must not stop those behind it
            # no traceback: it would show what people wrote
            _log.error("letter_unforeseen", error=type(error).__name__)
            return [Unread("unforeseen", letter.raw)]


def _read(account: EmailAccount, letter: Letter, now: datetime) -> list[Heard | Unread]:
    message = letters.opened(letter.raw)
    own_id = letters.message_id(message, "message-id")
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
        found[1].casefold()
        for value in letters.raw_values(message, "received")
        if (found := _BY.search(value))
    )
    return max(hosts.values(), default=0) > _MOST_HOPS


def _is_automatic(message: EmailMessage, sender: str | None) -> bool:
    """Whether no person wrote it to us (RFC 3834, and what older programs say instead)."""
    submitted = letters.line(message, "auto-submitted").partition(";")[0].strip().casefold()
    return (
        sender == ""
        or submitted not in {"", "no"}
        or letters.line(message, "precedence").casefold() in {"bulk", "junk", "list", "auto_reply"}
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
        state = _STATES.get(letters.line(part, "action").casefold())
        if state is not None:
            reason = _STATUS.match(letters.line(part, "status"))
            told[state] = Reported(
                CHANNEL,
                account.name,
                ours,
                state,
                letters.written_at(message, None),
                reason=reason[0] if reason and state == "failed" else None,
            )
    return [*told.values()] or [Noted(CHANNEL, account.name, "automatic")]


def _reported_id(message: EmailMessage) -> str | None:
    for part in message.walk():
        if part is message:
            continue
        if part.get_content_type() == "text/rfc822-headers":
            found = letters.MESSAGE_ID.search(_after(letters.decoded(part), "message-id:"))
            if found:
                return found[1]
        own = letters.message_id(part, "message-id")
        if own:
            return own
    return letters.message_id(message, "in-reply-to") or letters.message_id(message, "references")


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
    whole, files = letters.contents(message)
    own = own_words(whole)
    subject = letters.line(message, "subject")
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
        posted_at=letters.written_at(message, now),
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
        for value in letters.raw_values(message, name)
        for found in letters.MESSAGE_ID.findall(value)
        if len(found) <= letters.LONGEST_ID
    ]
    domains = _folded(account.message_domains)
    theirs = [one for one in references if one.rpartition("@")[2].casefold() not in domains]
    first = references[0] if references else None
    # an answer to an answer of ours: what that one answered stands before it
    return (theirs[-1] if theirs else first), _token(account, message, letter) or first


def _token(account: EmailAccount, message: EmailMessage, letter: Letter) -> str | None:
    """What stands behind the plus of the address it was sent to."""
    headers = (letters.addresses(message, name) for name in ("delivered-to", "to", "cc"))
    for address in (*letter.recipients, *(one for listed in headers for one in listed)):
        base, token = letters.split(address)
        if token and (not account.addresses or base in _folded(account.addresses)):
            return token
    return None


def _author(message: EmailMessage, sender: str | None) -> Author:
    name, address = letters.first_address(message, "from")
    return Author(name=name or None, email=address or sender or None)


def _sender(message: EmailMessage, letter: Letter) -> str | None:
    """The envelope's sender; the last server wrote it down where the feed does not tell."""
    if letter.sender is not None:
        return letter.sender.strip("<> ")
    for value in letters.raw_values(message, "return-path"):
        return parseaddr(value)[1]
    return None


def _is_doubtful(
    account: EmailAccount, message: EmailMessage, letter: Letter, author: Author
) -> bool:
    """Whether somebody else may have written it in this name."""
    if account.authenticated_by:
        for value in letters.raw_values(message, "authentication-results"):
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


def _folded(names: Iterable[str]) -> frozenset[str]:
    return frozenset(name.casefold() for name in names)
