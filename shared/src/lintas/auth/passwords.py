import asyncio
import unicodedata
from collections.abc import Callable
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_Result = TypeVar("_Result")

#: what a new password needs
PASSWORD_SHORTEST = 12
PASSWORD_LONGEST = 256


class Passwords:
    """Passwords of people, stored as argon2id; work runs in threads, a few at a time.

    An unknown user costs as much time as a wrong password.
    """

    def __init__(self, hasher: PasswordHasher | None = None, *, at_once: int = 2) -> None:
        # OWASP Password Storage: 19 MiB, two passes, one lane; the library's default takes nine
        # times the processor time, which a flood of sign-ins would take from everybody else
        self._hasher = hasher or PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
        self._places = asyncio.Semaphore(at_once)
        self._nobody: str | None = None

    async def hash(self, password: str) -> str:
        """The text to store; ValueError if the password is longer than is ever compared."""
        if len(password) > PASSWORD_LONGEST:
            raise ValueError(f"a password has at most {PASSWORD_LONGEST} characters")
        return await self._run(self._hasher.hash, _normal(password))

    async def matches(self, stored: str | None, password: str) -> bool:
        """Whether `stored` is the hash of `password`; None stands for an unknown user."""
        if self._nobody is None:
            self._nobody = await self.hash("nobody has this password")
        if stored is None or len(password) > PASSWORD_LONGEST:
            await self._run(self._verify, self._nobody, "")
            return False
        return await self._run(self._verify, stored, _normal(password))

    def needs_rehash(self, stored: str) -> bool:
        """Whether `stored` was made with other parameters than are in force now."""
        return self._hasher.check_needs_rehash(stored)

    def _verify(self, stored: str, password: str) -> bool:
        try:
            return self._hasher.verify(stored, password)
        except (VerificationError, InvalidHashError):
            return False

    async def _run(self, work: Callable[..., _Result], *given: str) -> _Result:
        async with self._places:
            return await asyncio.to_thread(work, *given)


def _normal(password: str) -> str:
    return unicodedata.normalize("NFC", password)
