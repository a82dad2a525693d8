"""A request's body arrives within its size and in time, whatever its headers claim."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from starlette.types import Message, Receive

from lintas.vocabulary.errors import DomainError, TooLarge
from lintas.web.problems import SlowBody

KIB, MIB = 1024, 1024 * 1024

#: a body may take its patience plus the time it needs at this rate
SLOWEST_BYTES_PER_S = 32 * KIB
_DRAIN_S = 1.0


@dataclass(frozen=True, slots=True)
class BodyLimits:
    """How much a body may hold, by path."""

    default: int = MIB
    #: an exact path, or, with a final slash, everything below it
    larger: Mapping[str, int] = field(default_factory=dict)
    #: how long a body may take beyond its size
    patience_s: float = 8.0

    def limit(self, path: str) -> int:
        """The most bytes a body sent to `path` may have."""
        larger = self._larger(path)
        return self.default if larger is None else larger

    def is_larger(self, path: str) -> bool:
        """Whether `path` takes larger bodies than others: those of sets."""
        return self._larger(path) is not None

    def _larger(self, path: str) -> int | None:
        exact = self.larger.get(path)
        if exact is not None:
            return exact
        for prefix, limit in self.larger.items():
            if prefix.endswith("/") and path.startswith(prefix):
                return limit
        return None


class GuardedBody:
    """The `receive` of one request: TooLarge beyond `limit`, SlowBody beyond its time.

    A client that trickles bytes is cut off as surely as one that stops.
    """

    def __init__(self, receive: Receive, *, limit: int, patience_s: float) -> None:
        self._receive = receive
        self._limit = limit
        self._patience_s = patience_s
        self._deadline: float | None = None
        self._size = 0
        self._complete = False
        #: why reading stopped; remembered, as frameworks wrap what a body raises
        self.refusal: DomainError | None = None
        #: whether somebody waits for more of it
        self.is_awaited = False
        #: when the last of it came; when the request began, where there is none
        self.heard_at = asyncio.get_running_loop().time()

    async def __call__(self) -> Message:
        """The next message; once the body is whole, waits for the disconnect without a limit."""
        if self._complete:
            return await self._receive()
        self.is_awaited = True
        try:
            async with asyncio.timeout_at(self._due()):
                message = await self._receive()
        except TimeoutError:
            self.refusal = SlowBody("The body arrived too slowly.")
            raise self.refusal from None
        finally:
            self.is_awaited = False
            self.heard_at = asyncio.get_running_loop().time()
        if message["type"] == "http.request":
            self._size += len(message.get("body", b""))
            self._complete = not message.get("more_body", False)
            if self._size > self._limit:
                self.refusal = too_large(self._limit)
                raise self.refusal
        return message

    async def drain(self) -> None:
        """Take what is under way, within bounds, so that the refusal is not lost in a reset."""
        most = self._size + 4 * self._limit
        try:
            async with asyncio.timeout(_DRAIN_S):
                while not self._complete and self._size < most:
                    message = await self._receive()
                    self._size += len(message.get("body", b""))
                    self._complete = not message.get("more_body", False)
        except TimeoutError:
            return

    def _due(self) -> float:
        if self._deadline is None:
            self._deadline = asyncio.get_running_loop().time() + self._patience_s
        return self._deadline + self._size / SLOWEST_BYTES_PER_S


def too_large(limit: int) -> TooLarge:
    """The refusal of a body over `limit` bytes."""
    return TooLarge(f"The body may have at most {limit} bytes.")
