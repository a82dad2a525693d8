"""Keys of systems: `lts_<environment>_<id>_<secret>`; only a keyed hash of the secret is stored."""

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, Self

from pydantic import SecretStr

from lintas.vocabulary.ids import AgencyCode

_PREFIX = "lts_"
_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_ID_SYMBOLS = "0123456789abcdefghijklmnopqrstuvwxyz"
_ID_LENGTH = 8
#: 43 symbols of base 62 hold 32 random bytes
_SECRET_LENGTH = 43
_SHAPE = re.compile(r"lts_[a-z0-9]{1,16}_([0-9a-z]{8})_([0-9A-Za-z]{43})")


class Pepper:
    """What stored hashes are keyed with; the previous one still matches after a rotation."""

    def __init__(self, current: SecretStr, previous: SecretStr | None = None) -> None:
        self._current = current.get_secret_value().encode()
        self._previous = previous.get_secret_value().encode() if previous else None

    def hash(self, secret: str) -> str:
        """The hexadecimal HMAC-SHA256 that is stored."""
        return _keyed(self._current, secret)

    def matches(self, stored: str, secret: str) -> bool:
        """Whether `stored` is the hash of `secret`; takes the same time either way."""
        fits = hmac.compare_digest(stored, _keyed(self._current, secret))
        if self._previous is not None:
            fits |= hmac.compare_digest(stored, _keyed(self._previous, secret))
        return fits

    def derive(self, purpose: str) -> bytes:
        """A key of 32 bytes for another purpose, such as signing cursors."""
        return hmac.digest(self._current, f"derive/{purpose}".encode(), "sha256")


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """What is stored of a key."""

    id: str
    #: hexadecimal HMAC-SHA256 of the secret part
    hash: str
    #: the system that holds the key; two keys of one client are a rotation
    client: str
    scopes: frozenset[str]
    agency: AgencyCode | None = None
    expires_at: datetime | None = None
    revoked_at: datetime | None = None

    def is_live(self, now: datetime) -> bool:
        """Neither expired nor revoked."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)

    def to_json(self) -> dict[str, Any]:
        """One entry of a key ring file."""
        entry = {
            "id": self.id,
            "hash": self.hash,
            "client": self.client,
            "scopes": sorted(self.scopes),
            "agency": self.agency,
            "expires_at": self.expires_at and self.expires_at.isoformat(),
            "revoked_at": self.revoked_at and self.revoked_at.isoformat(),
        }
        return {name: value for name, value in entry.items() if value is not None}

    @classmethod
    def from_json(cls, entry: Mapping[str, Any]) -> Self:
        """The record of an entry; ValueError, KeyError or TypeError if it is none."""
        return cls(
            id=_text(entry["id"]),
            hash=_text(entry["hash"]),
            client=_text(entry["client"]),
            scopes=frozenset(_text(scope) for scope in entry["scopes"]),
            agency=AgencyCode(_text(entry["agency"])) if entry.get("agency") else None,
            expires_at=_moment(entry.get("expires_at")),
            revoked_at=_moment(entry.get("revoked_at")),
        )


class KeyLookup(Protocol):
    """Where key records are kept."""

    async def find(self, key_id: str) -> KeyRecord | None:
        """The record of a key, live or not."""


def new_key(
    environment: str,
    *,
    pepper: Pepper,
    client: str,
    scopes: Iterable[str],
    agency: AgencyCode | None = None,
    expires_at: datetime | None = None,
) -> tuple[str, KeyRecord]:
    """A fresh key, to be shown once, and its record, to be stored."""
    key_id = "".join(secrets.choice(_ID_SYMBOLS) for _ in range(_ID_LENGTH))
    secret = _base62(secrets.token_bytes(32))
    record = KeyRecord(
        id=key_id,
        hash=pepper.hash(secret),
        client=client,
        scopes=frozenset(scopes),
        agency=agency,
        expires_at=expires_at,
    )
    return f"{_PREFIX}{environment}_{key_id}_{secret}", record


def is_key(credential: str) -> bool:
    """Whether a credential claims to be a key."""
    return credential.startswith(_PREFIX)


def parse_key(credential: str) -> tuple[str, str] | None:
    """The id and the secret of a key, or None if it has not the shape of one."""
    match = _SHAPE.fullmatch(credential)
    return (match[1], match[2]) if match else None


def _keyed(pepper: bytes, secret: str) -> str:
    return hmac.new(pepper, secret.encode(), hashlib.sha256).hexdigest()


def _base62(data: bytes) -> str:
    number, symbols = int.from_bytes(data), ""
    while number:
        number, digit = divmod(number, len(_BASE62))
        symbols += _BASE62[digit]
    return symbols.ljust(_SECRET_LENGTH, _BASE62[0])


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("expected text")
    return value


def _moment(value: object) -> datetime | None:
    if value is None:
        return None
    moment = datetime.fromisoformat(_text(value))
    if moment.tzinfo is None:
        raise ValueError("expected a time with its offset")
    return moment
