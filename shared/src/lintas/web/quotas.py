"""How much one source may ask, the headers that tell it, and rooms that bound what runs at once."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from time import monotonic
from typing import Any, Protocol

from starlette.requests import Request
from starlette.types import Scope

from lintas.telemetry import count
from lintas.vocabulary.errors import TooManyRequests, Unavailable

#: where the headers of a request's quotas are found in its scope
_QUOTAS = "lintas.quotas"
#: and what it was refused for
_OVERRUN = "lintas.overrun"
#: refusals remembered at once; the oldest is forgotten first
_MOST_REMEMBERED = 10_000
#: and for so long, as what they told of time grows old
_REMEMBERED_S = 2.0

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


@dataclass(frozen=True, slots=True)
class Overrun:
    """Why a request was over a quota, as whoever counts it tells (`tell_overrun`)."""

    quota: str
    source: str
    #: until the source has something left
    wait_s: float


def tell_overrun(scope: Scope, overrun: Overrun) -> None:
    """Let what is asked again too soon be refused without being looked at (`Overruns`)."""
    scope[_OVERRUN] = overrun


@dataclass(frozen=True, slots=True)
class _Refused:
    until: float
    quota: str
    refusal: TooManyRequests
    told: Headers
    route: Any


class Overruns:
    """Remembers who was refused what for asking too much, until something is left again, or briefly.

    Until then the same credential, or where none is sent the same network, is refused the same
    address without a look at credential, route or body: what nobody waits for must cost little.
    """

    def __init__(self, *, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._refused: dict[tuple[str, str, bytes | str], _Refused] = {}

    def remember(self, request: Request, refusal: TooManyRequests) -> None:
        """Keep a refusal, if a quota said for whom and how long."""
        scope = request.scope
        overrun: Overrun | None = scope.get(_OVERRUN)
        if overrun is None:
            return
        asks = _who_asks(request)
        if isinstance(asks, str) and asks != overrun.source:
            # counted by something that the next one from there need not have
            return
        self._refused.pop(asked := (scope["method"], scope["path"], asks), None)
        if len(self._refused) >= _MOST_REMEMBERED:
            del self._refused[next(iter(self._refused))]
        self._refused[asked] = _Refused(
            self._clock() + min(overrun.wait_s, _REMEMBERED_S),
            overrun.quota,
            # without the frames it came through
            refusal.with_traceback(None),
            scope.get(_QUOTAS, []),
            scope.get("route"),
        )

    def again(self, scope: Scope) -> TooManyRequests | None:
        """The refusal of a request that comes too soon after another one; its headers are told."""
        if not self._refused:
            return None
        asked = (scope["method"], scope["path"], _who_asks(Request(scope)))
        known = self._refused.get(asked)
        if known is None:
            return None
        if known.until <= self._clock():
            del self._refused[asked]
            return None
        count("lintas_over_quota_total", quota=known.quota)
        scope[_QUOTAS], scope["route"] = known.told, known.route
        return known.refusal


def _who_asks(request: Request) -> bytes | str:
    headers: Headers = request.scope["headers"]
    credential = next((value for name, value in headers if name == b"authorization"), None)
    return network_of(request) if credential is None else credential


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
    ask again together, and whoever asks meanwhile would wait behind all of them. So 100 a second are
    let go, however many ask over up to 800 connections; those beyond are refused at once.
    """

    def __init__(
        self,
        wait_s: float = 0.5,
        *,
        apart_s: float = 0.01,
        longest_s: float = 2.4,
        again_s: float = 8,
    ) -> None:
        """Whoever asks `again` too soon may wait for `again_s`, others for `longest_s`."""
        self._wait_s = wait_s
        self._apart_s = apart_s
        self._longest_s = longest_s
        self._again_s = again_s
        #: when the next one is let go, at the earliest
        self._next_at = 0.0

    async def wait(self, *, again: bool = False) -> None:
        """Return after a moment, or at once where too many wait already."""
        now = asyncio.get_running_loop().time()
        at = max(now + self._wait_s, self._next_at)
        if at > now + (self._again_s if again else self._longest_s):
            return
        self._next_at = at + self._apart_s
        await asyncio.sleep(at - now)


def network_of(request: Request) -> str:
    """Where a request comes from: an IPv4 address, or the /64 network of an IPv6 one."""
    host = request.client.host if request.client else ""
    return ":".join(host.split(":")[:4]) if host.count(":") > 1 else host
