"""Whether bytes were signed with one of the secrets in force."""

import hmac
from collections.abc import Sequence

from pydantic import SecretStr


def key(secret: SecretStr) -> bytes:
    """A secret as the key of a signature."""
    return secret.get_secret_value().encode()


def signature(secret: SecretStr, body: bytes) -> bytes:
    """HMAC-SHA256 of `body`."""
    return hmac.digest(key(secret), body, "sha256")


def is_one_of(given: str | None, expected: Sequence[str]) -> bool:
    """Whether `given` equals one of `expected`; takes the same time wherever it differs."""
    # every one is compared, so that time tells neither which it was nor how much of it was right
    candidate = (given or "").encode("latin-1", "replace")
    same = [hmac.compare_digest(candidate, one.encode()) for one in expected]
    return given is not None and any(same)
