"""From mention events to routing events: the same input gives the same bytes."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from lintas.contracts.events import Event, mentions, routing
from lintas.contracts.events.envelope import ComplaintEvent
from lintas.contracts.events.mentions import MentionEdited, MentionReceived
from lintas.contracts.events.routing import ComplaintRouted, MentionForwarded
from lintas.contracts.records import Record
from lintas.messaging.handling import Received
from lintas.vocabulary.ids import derived_id
from router.domain import Compiled, Decision, Evidence, Mention, decide
from router.usecases.following import Rules

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def answer(rules: Rules, received: Received[Event]) -> ComplaintRouted | MentionForwarded | None:
    """What goes to the routing topic for one event; None for one that is no complaint's."""
    event, record = received.event, received.record
    if not isinstance(event, ComplaintEvent):
        return None
    recorded_at = moment(record)
    if isinstance(event, MentionReceived):
        return _routed(event, rules.at(record.timestamp_ms), recorded_at)
    suggestion = (
        to_event(decide(to_domain(event.mention), rules.at(record.timestamp_ms)))
        if isinstance(event, MentionEdited)
        else None
    )
    return MentionForwarded(
        **attributes(event, "forwarded", 0, recorded_at),
        event_type=event.type,
        payload=orjson.loads(record.value or b"{}"),
        suggestion=suggestion,
    )


def moment(record: Record) -> datetime:
    """When the broker took the record in."""
    return _EPOCH + timedelta(milliseconds=record.timestamp_ms)


def to_domain(mention: mentions.Mention) -> Mention:
    """A mention as the decision sees it."""
    return Mention(
        text=mention.text,
        received_at=mention.received_at,
        channel=mention.channel,
        address=mention.location.address if mention.location else None,
        stated_class=mention.stated_class,
        own_post=mention.own_post,
        latitude=mention.location.lat if mention.location else None,
        longitude=mention.location.lon if mention.location else None,
        stated_category=mention.stated_category,
        stakeholder=mention.stakeholder,
        suspected=mention.suspected,
    )


def to_event(decision: Decision) -> routing.Decision:
    """A decision as it travels."""
    explanation = decision.explanation
    return routing.Decision(
        outcome=routing.Outcome(decision.outcome),
        round=decision.round,
        mention_class=decision.mention_class,
        category=decision.category,
        policy_class=decision.policy_class,
        area=routing.Area(kecamatan=decision.area.kecamatan, kelurahan=decision.area.kelurahan),
        urgency=decision.urgency,
        subject=decision.subject,
        stance=decision.stance,
        lead=decision.lead,
        contributors=tuple(
            routing.Contributor(agency=helper.agency, reason=helper.reason)
            for helper in decision.contributors
        ),
        rules_version=decision.rules_version,
        model_version=decision.model_version,
        places_version=decision.places_version,
        explanation=routing.Explanation(
            decided_by=_matches(explanation.decided_by),
            runners_up=_matches(explanation.runners_up),
        ),
    )


def _matches(evidence: Sequence[Evidence]) -> tuple[routing.RuleMatch, ...]:
    return tuple(
        routing.RuleMatch(
            rule=one.rule,
            agency=one.agency,
            weight=one.weight,
            spans=tuple(
                routing.Span(
                    start=span.start,
                    end=span.end,
                    words=span.words,
                    term=span.term,
                    read_as=span.read_as,
                )
                for span in one.spans
            ),
            why=one.why,
        )
        for one in evidence
    )


def _routed(event: MentionReceived, compiled: Compiled, recorded_at: datetime) -> ComplaintRouted:
    decision = decide(to_domain(event.mention), compiled)
    return ComplaintRouted(
        **attributes(event, "routed", decision.round, recorded_at),
        mention=event.mention,
        decision=to_event(decision),
    )


def attributes(
    event: ComplaintEvent, kind: str, number: int, recorded_at: datetime
) -> Mapping[str, Any]:
    """What the `number`th event of a kind that `event` causes has of it, the same at every retry."""
    return {
        "event_id": derived_id(event.event_id, kind, number),
        "occurred_at": event.occurred_at,
        # the broker's time of the mention: our own clock would differ at every retry
        "recorded_at": recorded_at,
        "correlation_id": event.correlation_id or event.event_id,
        "causation_id": event.event_id,
        # as it came, not a new child of it, for the same reason
        "traceparent": event.traceparent,
        "complaint_id": event.complaint_id,
    }
