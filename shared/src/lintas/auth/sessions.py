"""Sessions of people: an opaque random token, of which only the SHA-256 is stored."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from lintas.auth.principals import Principal

_PREFIX = "lss_"
_LONGEST = 128


@dataclass(frozen=True, slots=True)
class Session:
    """A person who signed in, until a moment."""

    principal: Principal
    expires_at: datetime


class SessionLookup(Protocol):
    """Where sessions are kept."""

    async def find(self, token_hash: bytes) -> Session | None:
        """The session whose token has this SHA-256, expired or not; None also after signing out."""


def new_session_token() -> tuple[str, bytes]:
    """A fresh token of 32 random bytes, to be handed out once, and its SHA-256, to be stored."""
    token = _PREFIX + secrets.token_urlsafe(32)
    return token, session_token_hash(token)


def session_token_hash(token: str) -> bytes:
    """The SHA-256 under which a session is found."""
    # the token has 256 random bits, so it needs neither salt nor slow hashing
    return hashlib.sha256(token[:_LONGEST].encode()).digest()
