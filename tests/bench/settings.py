"""What each yardstick is told."""

from collections.abc import Mapping
from typing import Any

from tests.bench.lab import Lab, free_port, twin
from tests.bench.recorded import Recorded

from lintas.contracts.topics import COMPLAINTS, MENTIONS, ROUTING

Settings = Mapping[str, Any]


def front(lab: Lab, recorded: Recorded, *, follow: bool = False) -> Settings:
    """In the place of ingest."""
    given = {
        "kind": "front",
        "port": free_port(),
        "recorded": lab.database("ingest"),
        "database": lab.database("ingest", yardstick=True),
        "known_as": recorded.known_as,
        "headers": recorded.headers(MENTIONS),
    }
    return given | {"follow": twin(COMPLAINTS)} if follow else given


def decisions(recorded: Recorded) -> Settings:
    """In the place of the router."""
    return {
        "kind": "decisions",
        "topic": twin(MENTIONS),
        "to": twin(ROUTING),
        "values": [(records[0].value or b"").decode() for records in recorded.records[ROUTING]],
        "headers": recorded.headers(ROUTING),
    }


def registrar(lab: Lab, recorded: Recorded) -> Settings:
    """In the place of the agency-gateway."""
    return _hop(lab, recorded, "agency-gateway", ROUTING) | {
        "headers": recorded.headers(COMPLAINTS),
        "positions": False,
    }


def folder(lab: Lab, recorded: Recorded) -> Settings:
    """In the place of metrics."""
    return _hop(lab, recorded, "metrics", COMPLAINTS) | {"headers": [], "positions": True}


def _hop(lab: Lab, recorded: Recorded, service: str, topic: str) -> dict[str, Any]:
    return {
        "kind": "hop",
        "service": service,
        "topic": twin(topic),
        "recorded": lab.database(service),
        "database": lab.database(service, yardstick=True),
        "known_as": recorded.known_as,
    }
