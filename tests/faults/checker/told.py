"""A history and a final state, read for judging, without our own event models."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests.faults.history import History, Operation
from tests.faults.observe import Final

from lintas.contracts.records import Record
from lintas.contracts.topics import COMPLAINTS, MENTIONS, ROUTING, STATEMENTS

#: a record the harness wrote raw, which nobody can read
POISON = "x-poison"


@dataclass(frozen=True, slots=True)
class Told:
    """An event as its record tells it, read without our own event models."""

    id: str
    type: str
    body: Mapping[str, Any]
    headers: Mapping[str, str]
    record: Record

    @property
    def complaint(self) -> str:
        """Which complaint it is about."""
        return str(self.body["complaint_id"])


class Evidence:
    """A history and a final state, with the questions the checks ask of them."""

    def __init__(self, history: History, final: Final) -> None:
        self.history = history
        self.final = final
        self.mentions = list(events_of(final.of(MENTIONS)))
        self.routing = list(events_of(final.of(ROUTING)))
        self.complaints = list(events_of(final.of(COMPLAINTS)))
        self.statements = list(events_of(final.of(STATEMENTS)))

    def by_topic(self) -> Mapping[str, list[Told]]:
        """Every readable event by its topic."""
        return {
            MENTIONS: self.mentions,
            ROUTING: self.routing,
            COMPLAINTS: self.complaints,
            STATEMENTS: self.statements,
        }

    def accepted(self) -> list[Operation]:
        """Mentions whose client was told that they are kept."""
        return [one for one in self.history.of("mention") if one.ok]

    def column(self, service: str, table: str, name: str) -> set[Any]:
        """The values of a column."""
        return {row[name] for row in self.final.rows(service, table)}


def events_of(records: Iterable[Record]) -> Iterator[Told]:
    for record in records:
        headers = headers_of(record)
        if POISON not in headers:
            body = json.loads(record.value or b"null")
            yield Told(headers["ce_id"], headers["ce_type"], body, headers, record)


def headers_of(record: Record) -> dict[str, str]:
    return {name: value.decode("utf-8", "replace") for name, value in record.headers}


def distinct(events: Iterable[Told]) -> list[Told]:
    return list({event.id: event for event in events}.values())


def is_of(event: Told, name: str) -> bool:
    return event.type == f"lintas.{name}.v1"


def text_of(event: Told) -> str:
    return str(event.body.get("mention", {}).get("text", ""))
