"""What every event carries: CloudEvents 1.0 attributes as headers, the fact itself as JSON body."""

import hashlib
from datetime import datetime
from functools import cache
from typing import Annotated, Any, ClassVar, Self
from uuid import UUID

import orjson
from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import override

from lintas.vocabulary.ids import ComplaintId, EventId

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Fact(BaseModel):
    """A part of an event's body. Fields it does not know survive reading and writing."""

    model_config = ConfigDict(frozen=True, extra="allow", allow_inf_nan=False)

    @classmethod
    def trusted(cls, **values: Any) -> Self:
        """A fact of values that our own code has made right, at a third of the price of checking.

        Every field without a default has a value; a wrong one stays until somebody reads the fact.
        """
        fact = cls.__new__(cls)
        keep = object.__setattr__
        keep(fact, "__dict__", {**_defaults(cls), **values})
        keep(fact, "__pydantic_fields_set__", set(values))
        keep(fact, "__pydantic_extra__", {})
        keep(fact, "__pydantic_private__", None)
        return fact


@cache
def _defaults(kind: type[Fact]) -> dict[str, Any]:
    fields = kind.model_fields.items()
    return {name: field.default for name, field in fields if not field.is_required()}


class Event(Fact):
    """A past-tense fact. Its id is derived from its cause, so a retry is the same event."""

    #: CloudEvents type with the major version last, `lintas.complaint.assigned.v1`
    type: ClassVar[str]
    #: these travel as CloudEvents attributes, not in the body
    ATTRIBUTES: ClassVar[set[str]] = {
        "event_id",
        "occurred_at",
        "recorded_at",
        "correlation_id",
        "causation_id",
        "traceparent",
    }

    event_id: EventId
    #: when it happened in the world
    occurred_at: datetime
    #: when we learned it
    recorded_at: datetime
    #: the whole story; the first mention's event id
    correlation_id: UUID | None = None
    #: the event just before
    causation_id: UUID | None = None
    #: W3C trace context of the request that started the story
    traceparent: str | None = None

    @property
    def key(self) -> str:
        """The record key, as the topic registry says."""
        raise NotImplementedError

    @property
    def partition_key(self) -> str | None:
        """What keeps facts about the same thing in one partition, in order, where the key does not."""
        return None

    @property
    def sequence(self) -> int | None:
        """The position among the facts of the same key, where there is one."""
        return None

    def plain_body(self) -> dict[str, Any]:
        """The body as JSON values, without the attributes that travel as headers."""
        return self.model_dump(mode="json", exclude=self.ATTRIBUTES)

    def encoded_body(self) -> bytes:
        """The JSON body's bytes: what `plain_body` says, at half the price."""
        body = {name: value for name, value in _parts(self).items() if name not in self.ATTRIBUTES}
        return orjson.dumps(body, _written, _AS_PYDANTIC)


class ComplaintEvent(Event):
    """A fact about one complaint."""

    complaint_id: ComplaintId

    @property
    @override
    def key(self) -> str:
        return str(self.complaint_id)


#: times as pydantic writes them
_AS_PYDANTIC = orjson.OPT_UTC_Z


def _written(part: object) -> dict[str, Any] | str:
    # a driver's own kind of id is no id to orjson
    return str(part) if isinstance(part, UUID) else _parts(part)


def _parts(fact: object) -> dict[str, Any]:
    if not isinstance(fact, Fact):
        raise TypeError(f"no part of an event: {type(fact).__name__}")
    unknown = fact.__pydantic_extra__
    return {**fact.__dict__, **unknown} if unknown else fact.__dict__


def canonical_json(value: object) -> bytes:
    """The one byte sequence of a JSON value: sorted keys, no spaces, UTF-8 (as RFC 8785 orders)."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def chain_hash(previous: str, body: dict[str, object]) -> Sha256:
    """The next link of a hash chain: SHA-256 over the previous hash and the canonical body."""
    return hashlib.sha256(previous.encode() + canonical_json(body)).hexdigest()
