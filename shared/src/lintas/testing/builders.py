"""Valid events with sensible defaults; a test names only what it is about."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

from lintas.contracts.events.mentions import Mention, MentionReceived, Sealed
from lintas.contracts.events.routing import ComplaintRouted, Contributor, Decision, Outcome
from lintas.vocabulary.ids import (
    NAMESPACE,
    AgencyCode,
    ComplaintId,
    MentionId,
    derived_id,
    mention_event_id,
)
from lintas.vocabulary.terms import MentionClass

NOON = datetime(2026, 3, 17, 5, 0, tzinfo=UTC)


def complaint_id(number: int = 1) -> ComplaintId:
    """A complaint id that is the same for the same number."""
    return ComplaintId(uuid5(NAMESPACE, f"complaint/{number}"))


def mention(number: int = 1, **changes: Any) -> Mention:
    """A redacted mention from X about a hole in the road."""
    values: dict[str, Any] = {
        "mention_id": MentionId(uuid5(NAMESPACE, f"mention/{number}")),
        "ticket": f"BGR-{number:08d}-0",
        "channel": "x",
        "account": "kotabogor",
        "text": "Jalan berlubang di depan pasar, mohon diperbaiki",
        "sealed": Sealed(key_id=UUID(int=number), data="c2VhbGVk"),
        "posted_at": NOON,
        "received_at": NOON,
    }
    return Mention(**(values | changes))


def mention_received(number: int = 1, **changes: Any) -> MentionReceived:
    """The event that opens complaint `number`."""
    identity = complaint_id(number)
    event_id = mention_event_id(identity, "0")
    said = mention(number, **changes)
    return MentionReceived(
        event_id=event_id,
        occurred_at=said.posted_at or said.received_at,
        recorded_at=said.received_at,
        correlation_id=event_id,
        complaint_id=identity,
        mention=said,
    )


def decision(**changes: Any) -> Decision:
    """Assigned to `dpupr` alone, as a complaint about a road."""
    values: dict[str, Any] = {
        "outcome": Outcome.ASSIGNED,
        "mention_class": MentionClass.COMPLAINT,
        "category": "road_damage",
        "lead": AgencyCode("dpupr"),
        "rules_version": "1",
    }
    return Decision(**(values | changes))


def with_help(*agencies: str) -> tuple[Contributor, ...]:
    """Contributors with a reason."""
    return tuple(Contributor(agency=AgencyCode(code), reason="named") for code in agencies)


def complaint_routed(
    number: int = 1, decided: Decision | None = None, **changes: Any
) -> ComplaintRouted:
    """Complaint `number` with a decision."""
    received = mention_received(number, **changes)
    decided = decided or decision()
    return ComplaintRouted(
        event_id=derived_id(received.event_id, "routed", decided.round),
        occurred_at=received.occurred_at,
        recorded_at=received.recorded_at,
        correlation_id=received.event_id,
        causation_id=received.event_id,
        complaint_id=received.complaint_id,
        mention=received.mention,
        decision=decided,
    )
