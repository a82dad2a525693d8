"""Who is asking: principals, keys of systems, passwords and sessions of people."""

from lintas.auth.authenticators import (
    Authenticator,
    Authenticators,
    KeyAuthenticator,
    SessionAuthenticator,
)
from lintas.auth.keyring import KeyRing
from lintas.auth.keys import KeyLookup, KeyRecord, Pepper, is_key, new_key, parse_key
from lintas.auth.passwords import PASSWORD_LONGEST, PASSWORD_SHORTEST, Passwords
from lintas.auth.principals import ANONYMOUS, Principal, Scope
from lintas.auth.sessions import (
    Session,
    SessionLookup,
    new_session_token,
    session_token_hash,
)

__all__ = [
    "ANONYMOUS",
    "PASSWORD_LONGEST",
    "PASSWORD_SHORTEST",
    "Authenticator",
    "Authenticators",
    "KeyAuthenticator",
    "KeyLookup",
    "KeyRecord",
    "KeyRing",
    "Passwords",
    "Pepper",
    "Principal",
    "Scope",
    "Session",
    "SessionAuthenticator",
    "SessionLookup",
    "is_key",
    "new_key",
    "new_session_token",
    "parse_key",
    "session_token_hash",
]
