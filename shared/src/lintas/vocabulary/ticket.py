"""The number a citizen holds: `BGR-7K2M-4QXA-9`, its last symbol an ISO 7064 MOD 37,36 check."""

import re
from collections.abc import Callable
from typing import NewType

Ticket = NewType("Ticket", str)

_SYMBOLS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_VALUES = {symbol: value for value, symbol in enumerate(_SYMBOLS)}
#: read aloud and typed by people, so 0/O and 1/I are never drawn
_DRAWN = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
#: only the check symbol may be one of these, so each is read as the other
_ALIKE = str.maketrans("OI", "01")
_DASH = r"[ \-\u2010-\u2015\u2212]?"  # phones turn a dash into another one
_BODY = rf"([0-9A-Z]{{4}}){_DASH}([0-9A-Z]{{4}}){_DASH}([0-9A-Z])"
_SHAPE = re.compile(rf"([A-Z]{{2,4}}){_DASH}{_BODY}")


def new_ticket(prefix: str, random_bytes: Callable[[int], bytes]) -> Ticket:
    """A ticket of the city `prefix`, drawn from so many bytes (`secrets.token_bytes`)."""
    # 32 symbols divide the values of a byte evenly, so each is as likely as any other
    body = "".join([_DRAWN[byte % len(_DRAWN)] for byte in random_bytes(8)])
    return Ticket(f"{prefix}-{body[:4]}-{body[4:]}-{check_symbol(body)}")


def parse_ticket(text: str) -> Ticket | None:
    """The canonical ticket in `text` (case, dashes, 0 for O forgiven), or None if its check fails."""
    match = _SHAPE.fullmatch(text.strip().upper())
    return None if match is None else _checked(*match.groups())


def find_tickets(text: str, prefix: str) -> tuple[Ticket, ...]:
    """The tickets of the city `prefix` named in a text, in order, each once."""
    named = re.finditer(
        rf"(?<![0-9A-Z]){re.escape(prefix)}{_DASH}{_BODY}(?![0-9A-Z])", text.upper()
    )
    tickets = (_checked(prefix, *match.groups()) for match in named)
    return tuple(dict.fromkeys(ticket for ticket in tickets if ticket))


def _checked(prefix: str, first: str, second: str, check: str) -> Ticket | None:
    right = check_symbol(first + second)
    if check.translate(_ALIKE) != right.translate(_ALIKE):
        return None
    return Ticket(f"{prefix}-{first}-{second}-{right}")


def check_symbol(body: str) -> str:
    """The hybrid MOD 37,36 check character of `body` (ISO/IEC 7064)."""
    product = 36
    for symbol in body:
        total = (product + _VALUES[symbol]) % 36 or 36
        product = total * 2 % 37
    return _SYMBOLS[(37 - product) % 36]
