"""What a consumer's handlers may say, and how events reach them in sets."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Generic, TypeVar

from lintas.contracts.events import Event
from lintas.contracts.records import Record

E_co = TypeVar("E_co", bound=Event, covariant=True)


@dataclass(frozen=True, slots=True)
class Received(Generic[E_co]):
    """An event with the record that carried it."""

    event: E_co
    record: Record


#: applies a run of events, in order, in one transaction; called again with the same after a crash
Process = Callable[[Sequence[Received[Event]]], Awaitable[None]]
#: applies consecutive events of one type
Handler = Callable[[Any, Sequence[Any]], Awaitable[None]]


class Retry(Exception):
    """A handler's instruction: something it needs is away; bring the same events again later."""


class Park(Exception):
    """A handler's instruction: this event must wait, and later events of its key behind it."""


class Poison(Exception):
    """A handler's instruction: this event can never be applied; put it in quarantine."""


def by_type(deps: object, handlers: Mapping[type[Event], Handler]) -> Process:
    """A `Process` that hands consecutive events of one type to its handler, and skips other types."""

    async def process(received: Sequence[Received[Event]]) -> None:
        for kind, run in groupby((item.event for item in received), key=type):
            handler = handlers.get(kind)
            if handler is not None:
                await handler(deps, list(run))

    return process
