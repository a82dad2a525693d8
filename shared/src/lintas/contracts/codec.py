"""Events to Kafka records and back: CloudEvents 1.0, binary mode (Kafka Protocol Binding, 3.2)."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

import orjson
from pydantic import ValidationError

from lintas.contracts.events import EVENTS, Event
from lintas.contracts.records import Headers, OutRecord, Record

_MAJOR = re.compile(r"(.+)\.v(\d+)")
_KNOWN_NAMES = {kind.rpartition(".v")[0] for kind in EVENTS}


class Unreadable(Exception):
    """The record can never be read: it goes to quarantine. The message holds no content."""

    def __init__(self, error_class: str) -> None:
        super().__init__(error_class)
        #: stable, for the quarantine header and the metric label
        self.error_class = error_class


class FutureMajor(Exception):
    """A known event in a major version this code does not know: it is parked, not quarantined."""

    def __init__(self, event_type: str) -> None:
        super().__init__(event_type)
        self.event_type = event_type


@dataclass(frozen=True, slots=True)
class Encoded:
    """An event whose body its writer has encoded already; the body's bytes are what counts."""

    event: Event
    body: bytes


def encode(told: Event | Encoded, topic: str, source: str) -> OutRecord:
    """An event as a record of `topic`; `source` names the writing service (CloudEvents `source`)."""
    if isinstance(told, Encoded):
        event, body = told.event, told.body
    else:
        event, body = told, told.encoded_body()
    key, partition_key = event.key, event.partition_key
    return OutRecord(
        topic=topic,
        key=key.encode(),
        value=body,
        headers=_attributes(event, source, key),
        partition_key=None if partition_key is None else partition_key.encode(),
    )


def decode(record: Record) -> Event:
    """The event in `record`.

    Raises:
        FutureMajor: its type is known, its major version is not.
        Unreadable: anything else that keeps it from being read.
    """
    return _decoded(record, EVENTS)


def _decoded(record: Record, kinds: Mapping[str, type[Event]]) -> Event:
    attributes = {name: value for name, value in record.headers}  # noqa: C416  # last one wins
    kind = kinds.get(_text(attributes, "ce_type"))
    if kind is None:
        raise _unknown(_text(attributes, "ce_type"))
    if record.value is None:
        raise Unreadable("empty")
    try:
        body = orjson.loads(record.value)
    except orjson.JSONDecodeError:
        raise Unreadable("not_json") from None
    if not isinstance(body, dict):
        raise Unreadable("not_an_object")
    body["event_id"] = _text(attributes, "ce_id")
    body["occurred_at"] = _text(attributes, "ce_time")
    body["recorded_at"] = _text(attributes, "ce_recordedtime")
    for field, header in _OPTIONAL:
        if header in attributes:
            body[field] = _text(attributes, header)
    try:
        return kind.model_validate(body)
    except ValidationError:
        raise Unreadable("invalid") from None


#: stands for an event that its reader does not want: nothing of it was read
UNREAD = Event.trusted()


def decoding(*kinds: type[Event]) -> Callable[[Record], Event]:
    """`decode` for a reader of `kinds` alone, whatever their version; everything else is UNREAD.

    Most facts of a topic cost such a reader next to nothing. A kind that has the type of a known one
    and fewer fields says what of it is read and checked.
    """
    wanted = {kind.type: kind for kind in kinds}
    names = {kind.type.rpartition(".v")[0].encode() for kind in kinds}

    def read(record: Record) -> Event:
        for name, value in record.headers:
            if name == "ce_type":
                return _decoded(record, wanted) if value.rpartition(b".v")[0] in names else UNREAD
        return UNREAD

    return read


_OPTIONAL = (
    ("correlation_id", "ce_correlationid"),
    ("causation_id", "ce_causationid"),
    ("traceparent", "ce_traceparent"),
)


def _attributes(event: Event, source: str, key: str) -> Headers:
    headers = [
        ("content-type", b"application/json"),
        ("ce_specversion", b"1.0"),
        ("ce_id", str(event.event_id).encode()),
        ("ce_source", f"lintas/{source}".encode()),
        ("ce_type", event.type.encode()),
        ("ce_time", timestamp(event.occurred_at).encode()),
        ("ce_recordedtime", timestamp(event.recorded_at).encode()),
        ("ce_partitionkey", key.encode()),
    ]
    if event.sequence is not None:
        # zero-padded, so that it sorts as text (CloudEvents extension `sequence`)
        headers.append(("ce_sequence", f"{event.sequence:010d}".encode()))
    if event.correlation_id is not None:
        headers.append(("ce_correlationid", str(event.correlation_id).encode()))
    if event.causation_id is not None:
        headers.append(("ce_causationid", str(event.causation_id).encode()))
    if event.traceparent is not None:
        # as CloudEvents extension (where the story started) and as plain header (this hop)
        headers.append(("ce_traceparent", event.traceparent.encode()))
        headers.append(("traceparent", event.traceparent.encode()))
    return tuple(headers)


# the facts of one batch are recorded at one moment
@lru_cache(maxsize=1_024)
def timestamp(instant: datetime) -> str:
    """RFC 3339 in UTC with microseconds where there are any."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


def header(headers: Headers, name: str) -> str | None:
    """The last header of that name as text, or None."""
    found = [value for key, value in headers if key == name]
    return found[-1].decode("utf-8", "replace") if found else None


def _text(attributes: dict[str, bytes], name: str) -> str:
    try:
        return attributes[name].decode()
    except KeyError:
        raise Unreadable(f"no_{name}") from None
    except UnicodeDecodeError:
        raise Unreadable(f"bad_{name}") from None


def _unknown(event_type: str) -> Exception:
    match = _MAJOR.fullmatch(event_type)
    if match and match[1] in _KNOWN_NAMES:
        return FutureMajor(event_type)
    return Unreadable("unknown_type")
