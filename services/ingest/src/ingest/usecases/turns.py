"""Long work on the event loop gives way to others in between.

A thread would not help: what takes long here (patterns, models, ciphers of small texts) holds the
interpreter lock, so the loop would wait for the thread as well, and longer.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable
from time import perf_counter
from typing import TypeVar

T = TypeVar("T")

#: so long the loop may be held before others have their turn
_TURN_S = 0.002


async def in_turns(items: Iterable[T]) -> AsyncIterator[T]:
    """`items` one by one; whatever else is ready runs in between, every two milliseconds."""
    ends_at = perf_counter() + _TURN_S
    for item in items:
        yield item
        if perf_counter() >= ends_at:
            await asyncio.sleep(0)
            ends_at = perf_counter() + _TURN_S
