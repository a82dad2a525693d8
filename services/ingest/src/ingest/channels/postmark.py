"""Postmark, one of the feeds of the e-mail channel: what its webhook posts, as letters."""

import json
import re
from base64 import b64decode
from binascii import Error as NotBase64
from binascii import b2a_base64
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from email.header import Header
from urllib.parse import quote

import orjson

from ingest.channels.reading import Node, Unreadable

#: what becomes of a letter of ours, by the kind of its record
_STATES = {"Bounce": "failed", "Delivery": "delivered"}
_RECEIPTS = frozenset({"Click", "Open", "SpamComplaint", "SubscriptionChange"})
#: what the composed letter says of itself
_COMPOSED = frozenset({"mime-version", "content-type", "content-transfer-encoding", "from", "to"})
_BETWEEN = "=_parts_of_a_letter"
_KIND = re.compile(r"[A-Za-z]+/[A-Za-z0-9.-]+")
#: their content would be read as more of the letter
_NESTING = ("message/", "multipart/")


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a letter of ours."""

    #: Postmark's own number of it, which sending it answered
    message: str
    state: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class Receipt:
    """Somebody opened, clicked or unsubscribed."""


@dataclass(frozen=True, slots=True)
class Inbound:
    """A letter to us."""

    raw: bytes
    recipient: str | None


def read(body: bytes) -> Fate | Receipt | Inbound:
    """What one delivery of Postmark is.

    Raises:
        Unreadable: it is not what Postmark's documentation says.
    """
    post = Node(_tree(body))
    kind = post.text("RecordType") or "Inbound"
    if kind in _STATES:
        reason = (post.text("Type") or None) if kind == "Bounce" else None
        return Fate(post.need_id("MessageID"), _STATES[kind], reason)
    if kind in _RECEIPTS:
        return Receipt()
    raw = post.text("RawEmail")
    letter = raw.encode("utf-8", "replace") if raw else _composed(post)
    return Inbound(letter, post.text("OriginalRecipient") or None)


def _tree(body: bytes) -> object:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        # halves of characters are no JSON to the strict
        with suppress(ValueError, RecursionError):
            return json.loads(body)
    raise Unreadable


def _composed(post: Node) -> bytes:
    """The letter as it will have been, from its parts, where the raw one is not handed over.

    The same bytes every time: a letter without a Message-ID is known by them.
    """
    bodies = (("plain", _clean(post.text("TextBody"))), ("html", _clean(post.text("HtmlBody"))))
    parts = [_part(f"text/{kind}; charset=utf-8", body.encode()) for kind, body in bodies if body]
    parts += map(_attached, post.parts("Attachments"))
    head = f'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="{_BETWEEN}"\r\n\r\n'
    return b"".join((*_headers(post), head.encode(), *parts, f"--{_BETWEEN}--\r\n".encode()))


def _attached(file: Node) -> bytes:
    try:
        content = b64decode(file.text("Content", "Data"))
    except NotBase64:
        raise Unreadable from None
    kind = file.text("ContentType").partition(";")[0].strip()
    if not _KIND.fullmatch(kind) or kind.casefold().startswith(_NESTING):
        kind = "application/octet-stream"
    name = quote(_line(file.text("Name")), safe="")
    shown = f"attachment; filename*=utf-8''{name}" if name else "attachment"
    return _part(kind, content, f"Content-Disposition: {shown}\r\n")


def _part(kind: str, content: bytes, more: str = "") -> bytes:
    # nothing in base64 looks like what stands between the parts
    head = f"--{_BETWEEN}\r\nContent-Type: {kind}\r\n{more}Content-Transfer-Encoding: base64"
    return b"".join((head.encode(), b"\r\n\r\n", b2a_base64(content), b"\r\n"))


def _headers(post: Node) -> Iterator[bytes]:
    names = set()
    for header in post.parts("Headers"):
        name = header.text("Name")
        if name.casefold() in _COMPOSED or not _is_name(name):
            continue
        names.add(name.casefold())
        yield _header(name, header.text("Value"))
    sender = post.part("FromFull")
    address = _line(sender.text("Email") or post.text("From"))
    shown = Header(_line(sender.text("Name")), "utf-8").encode(maxlinelen=0)
    yield _header("From", f"{shown} <{address}>" if sender.text("Name") else address)
    for name, value in (
        ("To", post.text("To")),
        ("Subject", post.text("Subject")),
        ("Date", post.text("Date")),
    ):
        if name.casefold() not in names:
            yield _header(name, value)


def _header(name: str, value: str) -> bytes:
    line = _line(value)
    if not line.isascii():
        line = Header(line, "utf-8").encode(maxlinelen=0)
    return f"{name}: {line}\r\n".encode("ascii", "replace")


def _is_name(name: str) -> bool:
    return name.isascii() and name.replace("-", "").replace("_", "").isalnum()


def _line(text: str) -> str:
    """`text` on one line, so that no value can bring a header of its own."""
    return " ".join(_clean(text).split())


def _clean(text: str) -> str:
    return text.encode("utf-8", "replace").decode()
