"""Every event of Lintas, by topic; what services put on Kafka and read from it."""

from collections.abc import Iterator

from lintas.contracts.events import (
    complaints,
    mentions,
    notices,
    reference,
    routing,
    statements,
)
from lintas.contracts.events.envelope import Event


def _with_types(kind: type[Event]) -> Iterator[type[Event]]:
    if "type" in vars(kind):
        yield kind
    for child in kind.__subclasses__():
        yield from _with_types(child)


#: CloudEvents type → model; importing the modules above registers their events
EVENTS: dict[str, type[Event]] = {kind.type: kind for kind in _with_types(Event)}

__all__ = [
    "EVENTS",
    "Event",
    "complaints",
    "mentions",
    "notices",
    "reference",
    "routing",
    "statements",
]
