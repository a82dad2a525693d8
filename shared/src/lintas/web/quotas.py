"""How much one source may ask, the headers that tell it, and rooms that bound what runs at once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Protocol

from starlette.requests import Request
from starlette.types import Scope

from lintas.telemetry import count
from lintas.vocabulary.errors import Unavailable

#: where the headers of a request's quotas are found in its scope
_QUOTAS = "lintas.quotas"

Headers = list[tuple[bytes, bytes]]


class Quota(Protocol):
    """How much each source may ask."""

    def spend(self, source: str, scope: Scope | None = None) -> None:
        """Take one request of `source`; TooManyRequests if it has none left.

        The answer of the request whose `scope` is given tells what is left (`tell_quota`).
        """


def tell_quota(scope: Scope, policy: bytes, left: bytes) -> None:
    """Let the answer to a request say which policy it was counted under, and what is left of it."""
    told: Headers = scope.setdefault(_QUOTAS, [])
    told.append((policy, left))


def quota_headers(scope: Scope) -> Headers:
    """The RateLimit headers of a request that spent of a quota; nothing for others."""
    told: Headers | None = scope.get(_QUOTAS)
    if not told:
        return []
    return [
        (b"ratelimit-policy", b", ".join(policy for policy, _ in told)),
        (b"ratelimit", b", ".join(answer for _, answer in told)),
    ]


class Room:
    """Bounds how much of one kind runs at once, so that a flood of it leaves room for the rest."""

    def __init__(self, name: str, most: int, *, wait_s: float = 1.5) -> None:
        self._name = name
        self._places = asyncio.Semaphore(most)
        self._wait_s = wait_s

    @asynccontextmanager
    async def entered(self) -> AsyncIterator[None]:
        """A place for the length of a block; Unavailable if none becomes free soon."""
        try:
            async with asyncio.timeout(self._wait_s):
                await self._places.acquire()
        except TimeoutError:
            count("lintas_over_quota_total", quota=self._name)
            raise Unavailable("Many are asking at this moment.", retry_after_s=5) from None
        try:
            yield
        finally:
            self._places.release()


class Brake:
    """Lets whoever is refused for asking too much wait for the refusal.

    While it waits, a connection asks nothing more, and waiting costs nothing: so a flood comes down
    to what its connections can ask in turn. They are answered one by one: let go together they would
    ask again together, and whoever asks meanwhile would wait behind all of them.
    """

    def __init__(
        self, wait_s: float = 0.5, *, apart_s: float = 0.005, longest_s: float = 1.5
    ) -> None:
        self._wait_s = wait_s
        self._apart_s = apart_s
        self._longest_s = longest_s
        #: when the next one is let go, at the earliest
        self._next_at = 0.0

    async def wait(self) -> None:
        """Return after a moment, or at once where too many wait already."""
        now = asyncio.get_running_loop().time()
        at = max(now + self._wait_s, self._next_at)
        if at > now + self._longest_s:
            return
        self._next_at = at + self._apart_s
        await asyncio.sleep(at - now)


def network_of(request: Request) -> str:
    """Where a request comes from: an IPv4 address, or the /64 network of an IPv6 one."""
    host = request.client.host if request.client else ""
    return ":".join(host.split(":")[:4]) if host.count(":") > 1 else host
