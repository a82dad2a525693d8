"""The `Idempotency-Key` header (IETF draft -07); what it means is stored by the services."""

import hashlib
import re

from starlette.requests import Request

from lintas.vocabulary.errors import Malformed

LONGEST = 255
_QUOTED = re.compile(r'"((?:[\x20-\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"')
_BARE = re.compile(r"[\x21\x23-\x2b\x2d-\x5b\x5d-\x7e]+")


def idempotency_key(request: Request) -> str | None:
    """The key, None if there is none; Malformed (400) if it has not the form of one.

    Quoted as the draft asks, or bare, as many clients send it.
    """
    lines = request.headers.getlist("idempotency-key")
    if not lines:
        return None
    quoted = _QUOTED.fullmatch(lines[0].strip())
    bare = None if quoted else _BARE.fullmatch(lines[0].strip())
    key = re.sub(r"\\(.)", r"\1", quoted[1]) if quoted else bare[0] if bare else ""
    if len(lines) > 1 or not 0 < len(key) <= LONGEST:
        raise Malformed(f"Idempotency-Key must be one quoted string of 1 to {LONGEST} characters.")
    return key


def require_idempotency_key(request: Request) -> str:
    """The key; Malformed (400) also if there is none."""
    key = idempotency_key(request)
    if key is None:
        raise Malformed("Idempotency-Key is needed, as nothing else identifies this request.")
    return key


def fingerprint(body: bytes) -> bytes:
    """What two requests with one key must have in common: the SHA-256 of the body."""
    return hashlib.sha256(body).digest()
