"""Quotas: so many requests in so much time from each source."""

import math
from collections.abc import Callable
from time import monotonic

from pyrate_limiter import GCRA, Rate
from starlette.types import Scope

from lintas.telemetry import count
from lintas.vocabulary.errors import TooManyRequests
from lintas.web import Overrun, tell_overrun, tell_quota

#: so few requests a minute are no flood, whenever they come
_FEW = 120
#: sources remembered by one quota; the one that asked longest ago is forgotten first
_MOST_SOURCES = 50_000


class SourceQuota:
    """So many requests in so many seconds from each source, and no source can use another's share.

    A source that has been silent may ask all of them at once; after that they come back evenly.
    The count is kept in this process: with n instances a source may have up to n times as many.
    """

    def __init__(
        self, name: str, limit: int, window_s: int, *, clock: Callable[[], float] = monotonic
    ) -> None:
        self.name = name
        self._rates = [Rate(limit, window_s * 1000)]
        self._algorithm = GCRA()
        self._fresh = self._algorithm.initial(self._rates)
        self._emission_s = window_s / limit
        self._limit = limit
        self._clock = clock
        self._policy = f'"{name}";q={limit};w={window_s}'.encode()
        #: least recently asked first
        self._states: dict[str, tuple[float, ...]] = {}

    def spend(self, source: str, scope: Scope | None = None) -> None:
        """Take one request of `source`; TooManyRequests if it has none left.

        The answer of the request whose `scope` is given tells what is left (RateLimit headers).
        """
        now_ms = int(self._clock() * 1000)
        state = self._states.pop(source, self._fresh)
        state, decision = self._algorithm.step(self._rates, state, now_ms, 1)
        self._states[source] = state
        if len(self._states) > _MOST_SOURCES:
            del self._states[next(iter(self._states))]
        owed_s = max(0.0, state[0] / 1_000_000 - now_ms / 1000)
        if scope is not None:
            left = max(0, self._limit - math.ceil(owed_s / self._emission_s))
            answer = f'"{self.name}";r={left};t={math.ceil(owed_s)}'.encode()
            tell_quota(scope, self._policy, answer)
        if not decision.allowed:
            count("lintas_over_quota_total", quota=self.name)
            wait_s = (decision.retry_after_ms or 0) / 1000
            if scope is not None:
                tell_overrun(scope, Overrun(self.name, source, wait_s))
            raise TooManyRequests(
                "Too many requests in too short a time.", retry_after_s=max(1, math.ceil(wait_s))
            )


def by_the_minute(name: str, limit: int) -> SourceQuota:
    """So many a minute, a twelfth of them at once: a minute's worth at once is a flood by itself."""
    return SourceQuota(name, limit, 60) if limit < _FEW else SourceQuota(name, limit // 12, 5)
