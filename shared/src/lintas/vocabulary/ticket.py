"""The number a citizen holds: `BGR-7K2M-4QXA-9`, its last symbol an ISO 7064 MOD 37,36 check."""

import re
from collections.abc import Callable
from typing import NewType

Ticket = NewType("Ticket", str)

_SYMBOLS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#: read aloud and typed by people, so 0/O and 1/I are never drawn
_DRAWN = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_SHAPE = re.compile(r"([A-Z]{2,4})-?([0-9A-Z]{4})-?([0-9A-Z]{4})-?([0-9A-Z])")


def new_ticket(prefix: str, choose: Callable[[str], str]) -> Ticket:
    """A ticket of the city `prefix`; `choose` picks one symbol at random (`secrets.choice`)."""
    body = "".join(choose(_DRAWN) for _ in range(8))
    return Ticket(f"{prefix}-{body[:4]}-{body[4:]}-{check_symbol(body)}")


def parse_ticket(text: str) -> Ticket | None:
    """The canonical ticket in `text` (case and dashes forgiven), or None if its check fails."""
    match = _SHAPE.fullmatch(text.strip().upper())
    if match is None:
        return None
    prefix, first, second, check = match.groups()
    if check_symbol(first + second) != check:
        return None
    return Ticket(f"{prefix}-{first}-{second}-{check}")


def check_symbol(body: str) -> str:
    """The hybrid MOD 37,36 check character of `body` (ISO/IEC 7064)."""
    product = 36
    for symbol in body:
        total = (product + _SYMBOLS.index(symbol)) % 36 or 36
        product = total * 2 % 37
    return _SYMBOLS[(37 - product) % 36]
