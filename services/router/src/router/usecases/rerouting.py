"""Decides complaints anew that agencies gave back."""

from collections.abc import Awaitable, Callable, Sequence
from uuid import UUID

from lintas.contracts.events import routing
from lintas.contracts.events.complaints import RerouteRequested
from lintas.contracts.events.routing import ComplaintRerouted
from lintas.messaging.handling import Received
from lintas.telemetry import count
from router.domain import Mention, decide
from router.usecases.deciding import attributes, moment, to_event
from router.usecases.following import Rules

#: for each complaint and round the mention to decide; None where nobody waits for it any more
Returns = Callable[[Sequence[tuple[UUID, int]]], Awaitable[Sequence[Mention | None]]]


async def reroute(
    rules: Rules, read: Returns, requests: Sequence[Received[RerouteRequested]]
) -> list[ComplaintRerouted]:
    """The answers to those of `requests` that are still open, in order.

    The rules are those of the request's broker time; the words are as they stand now, and stand in
    the answer, which can thus be replayed. A request that comes again has the same event id.
    """
    asked = [(item.event.complaint_id, item.event.round) for item in requests]
    answers = []
    for item, mention in zip(requests, await read(asked), strict=True):
        count("lintas_reroutes_total", outcome="superseded" if mention is None else "decided")
        if mention is not None:
            answers.append(_answer(rules, item, mention))
    return answers


def to_mention(returned: routing.Returned) -> Mention:
    """The mention that a later decision was about."""
    return Mention(
        text=returned.text,
        note=returned.note,
        received_at=returned.received_at,
        channel=returned.channel,
        address=returned.address,
        stated_class=returned.mention_class,
        latitude=returned.lat,
        longitude=returned.lon,
        stakeholder=returned.stakeholder,
        suspected=returned.suspected,
    )


def _answer(rules: Rules, item: Received[RerouteRequested], mention: Mention) -> ComplaintRerouted:
    request, record = item.event, item.record
    decision = decide(mention, rules.at(record.timestamp_ms), request.round, request.without)
    return ComplaintRerouted(
        **attributes(request, "rerouted", request.round, moment(record)),
        returned=routing.Returned(
            text=mention.text,
            note=mention.note,
            without=request.without,
            mention_class=mention.stated_class or decision.mention_class,
            channel=mention.channel,
            stakeholder=mention.stakeholder,
            suspected=mention.suspected,
            address=mention.address,
            lat=mention.latitude,
            lon=mention.longitude,
            received_at=mention.received_at,
        ),
        decision=to_event(decision),
    )
