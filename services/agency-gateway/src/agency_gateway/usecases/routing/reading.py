"""The router's events as the domain's values."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from agency_gateway.domain.complaint import Case
from agency_gateway.domain.records import Attached, PrivateReply, Said
from agency_gateway.domain.routing import Decision
from lintas.contracts.events.mentions import Mention
from lintas.contracts.events.routing import ComplaintRouted
from lintas.contracts.events.routing import Decision as RoutedDecision
from lintas.privacy import commitment
from lintas.vocabulary.ids import AgencyCode, EventId, derived_id


@dataclass(frozen=True, slots=True)
class Opening:
    """A first mention with its decision, and the salt that binds its text."""

    case: Case
    decision: Decision
    text: str
    said: Said
    salt: bytes


def opening(event: ComplaintRouted, new_salt: Callable[[], bytes]) -> Opening:
    """What a decision about a first mention opens."""
    mention, decided = event.mention, event.decision
    salt = new_salt()
    case = Case(
        id=event.complaint_id,
        ticket=mention.ticket,
        mention_id=mention.mention_id,
        channel=mention.channel,
        account=mention.account,
        mention_class=decided.mention_class,
        category=decided.category,
        kecamatan=decided.area.kecamatan,
        kelurahan=decided.area.kelurahan,
        urgency=decided.urgency,
        subject=decided.subject,
        stance=decided.stance,
        stakeholder=mention.stakeholder,
        anonymity=mention.anonymity,
        origin=mention.origin,
        posted_at=mention.posted_at,
        received_at=mention.received_at,
        rules_version=decided.rules_version,
        model_version=decided.model_version,
        places_version=decided.places_version,
        text_commitment=commitment(mention.text.encode(), salt),
    )
    return Opening(case, decision_of(decided), mention.text, said_of(mention), salt)


def said_of(mention: Mention) -> Said:
    """How and where a mention was said, as officers are shown it."""
    place, reply = mention.location, mention.reply
    return Said(
        public=mention.public,
        joined=mention.joined,
        suspected=mention.suspected,
        hashtags=mention.hashtags or (),
        handles=mention.handles or (),
        place_hints=mention.place_hints or (),
        address=place.address if place else None,
        lat=place.lat if place else None,
        lon=place.lon if place else None,
        media=tuple(
            Attached(file.media_type, file.size_bytes, file.sha256) for file in mention.media
        ),
        reply_in_public=reply.in_public if reply else None,
        reply_until=reply.until if reply else None,
        reply_in_private=tuple(
            PrivateReply(one.way, one.until) for one in (reply.in_private if reply else None) or ()
        ),
    )


def decision_of(decided: RoutedDecision) -> Decision:
    """A decision as far as a complaint's life hangs on it."""
    rules: dict[AgencyCode | None, tuple[str, ...]] = {}
    for match in decided.explanation.decided_by:
        rules[match.agency] = (*rules.get(match.agency, ()), match.rule)
    return Decision(
        outcome=decided.outcome.value,
        round=decided.round,
        lead=decided.lead,
        contributors=tuple(helper.agency for helper in decided.contributors),
        rules=rules,
    )


def share_id(cause: UUID, agency: AgencyCode) -> UUID:
    """The id of the share that a decision gives an agency."""
    return derived_id(cause, "assignment", agency)


def fact_id(cause: UUID, seq: int) -> EventId:
    """The id of the fact with a number that an event of the router brings about."""
    return derived_id(cause, "fact", seq)
