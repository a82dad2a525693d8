"""From a mention in clear to what may be stored and sent: redacted, sealed, numbered.

Plain computation, up to a millisecond a mention.
"""

from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from ingest.domain.city import City
from ingest.domain.identity import Identities
from ingest.domain.listing import stays_private
from ingest.domain.mentions import (
    FOLLOWERS,
    Arrival,
    File,
    First,
    Further,
    NewComplaint,
    NewMention,
    Reply,
    ReporterKey,
    Said,
    first_event_id,
    first_mention_id,
)
from ingest.domain.normalising import Traits, suspicion, traits
from ingest.domain.waves import Waves
from ingest.usecases.originals import told_besides
from ingest.usecases.turns import in_turns
from ingest.usecases.vault import Vault, sealed_for
from lintas.contracts.events.mentions import (
    Location,
    Media,
    Mention,
    MentionFollowedUp,
    MentionReceived,
    PrivateReply,
    ReplyWindow,
    Sealed,
)
from lintas.privacy import Redactor
from lintas.telemetry import count
from lintas.vocabulary.ids import ComplaintId, MentionId
from lintas.vocabulary.terms import Anonymity, Joined, Origin, Suspicion
from lintas.vocabulary.ticket import Ticket, new_ticket

#: what shows less wins where a complaint and one of its mentions differ
_SHOWS_LESS = (Anonymity.OPEN, Anonymity.ANONYMOUS, Anonymity.SECRET)


@dataclass
class Prepared:
    """A set that is ready to be committed."""

    complaints: list[NewComplaint] = field(default_factory=list)
    #: that continue a complaint
    mentions: list[NewMention] = field(default_factory=list)
    events: list[MentionReceived | MentionFollowedUp] = field(default_factory=list)
    keys: list[ReporterKey] = field(default_factory=list)


class Identity(NamedTuple):
    """What a mention is known by, and how it is sealed."""

    complaint_id: ComplaintId
    mention_id: MentionId
    ticket: Ticket
    key_id: UUID
    sealed: bytes
    anonymity: Anonymity
    joined: Joined | None = None


class Preparing:
    """Prepares sets of mentions."""

    def __init__(
        self,
        identities: Identities,
        vault: Vault,
        *,
        redact: Redactor,
        random_bytes: Callable[[int], bytes],
    ) -> None:
        self._identities = identities
        self._vault = vault
        self._redact = redact
        #: what tickets are drawn from
        self._random_bytes = random_bytes
        self._waves = Waves()

    async def prepare(
        self,
        city: City,
        firsts: Sequence[First],
        keys: Mapping[bytes, ReporterKey],
        further: Sequence[Further] = (),
    ) -> Prepared:
        """The set as rows and events; reporters without a key among `keys` get one."""
        prepared = Prepared()
        open_keys: dict[bytes, tuple[ReporterKey, bytes]] = {}
        arrivals: list[First | Further] = [*firsts, *further]
        async for one in in_turns(arrivals):
            if one.reporter not in open_keys:
                open_keys[one.reporter] = self._key(one.reporter, keys, prepared)
            key, data_key = open_keys[one.reporter]
            if isinstance(one, First):
                sealed = self.seal(one.complaint_id, data_key, one.arrival.said)
                new = self._complaint(city, one, key, sealed)
                prepared.complaints.append(new)
                prepared.events.append(self._received(city, one.arrival, new))
            else:
                sealed = self.seal(one.continued.complaint_id, data_key, one.arrival.said)
                more = _more(one, key, sealed)
                prepared.mentions.append(more)
                prepared.events.append(self._followed_up(city, one, more))
        return prepared

    def seal(self, complaint: ComplaintId, data_key: bytes, said: Said) -> bytes:
        """What only the vault keeps of `said`, sealed for `complaint`."""
        return sealed_for(complaint, data_key, _original(said))

    def _key(
        self, reporter: bytes, keys: Mapping[bytes, ReporterKey], prepared: Prepared
    ) -> tuple[ReporterKey, bytes]:
        key = keys.get(reporter)
        if key is not None:
            return key, self._vault.open_key(key)
        fresh, data_key = self._vault.new_key(reporter)
        prepared.keys.append(fresh)
        return fresh, data_key

    def _complaint(self, city: City, first: First, key: ReporterKey, sealed: bytes) -> NewComplaint:
        complaint, arrival, said = first.complaint_id, first.arrival, first.arrival.said
        return NewComplaint(
            complaint_id=complaint,
            mention_id=first.mention_id,
            ticket=new_ticket(city.ticket_prefix, self._random_bytes),
            secret=self._identities.secret(complaint),
            client=arrival.client,
            channel=said.channel,
            account=said.account,
            revision=said.revision,
            anonymity=said.anonymity,
            key_id=key.key_id,
            sealed=sealed,
            received_at=arrival.reached_city_at,
            unlisted=stays_private(said, city),
        )

    def _received(self, city: City, arrival: Arrival, new: NewComplaint) -> MentionReceived:
        event_id = first_event_id(new.complaint_id)
        identity = Identity(
            new.complaint_id, new.mention_id, new.ticket, new.key_id, new.sealed, new.anonymity
        )
        return MentionReceived.trusted(
            event_id=event_id,
            occurred_at=_occurred_at(arrival),
            recorded_at=arrival.received_at,
            correlation_id=event_id,
            traceparent=arrival.traceparent,
            complaint_id=new.complaint_id,
            mention=self.mention(city, arrival, identity),
        )

    def _followed_up(self, city: City, further: Further, new: NewMention) -> MentionFollowedUp:
        continued, arrival = further.continued, further.arrival
        identity = Identity(
            continued.complaint_id,
            new.mention_id,
            continued.ticket,
            new.key_id,
            new.sealed,
            shows_less(continued.anonymity, arrival.said.anonymity),
            continued.joined,
        )
        return MentionFollowedUp.trusted(
            event_id=first_event_id(further.post),
            occurred_at=_occurred_at(arrival),
            recorded_at=arrival.received_at,
            correlation_id=first_event_id(continued.complaint_id),
            traceparent=arrival.traceparent,
            complaint_id=continued.complaint_id,
            mention=self.mention(city, arrival, identity),
        )

    def mention(self, city: City, arrival: Arrival, identity: Identity) -> Mention:
        """What travels of a mention: redacted, its original sealed."""
        said = arrival.said
        text = self._redacted(city, said, said.text)
        found = traits(text, said, city.own_handles)
        own = said.own or city.speaks_for_itself(said.channel, said.author)
        return Mention.trusted(
            mention_id=identity.mention_id,
            ticket=identity.ticket,
            channel=said.channel,
            account=said.account,
            revision=said.revision,
            text=text,
            sealed=Sealed.trusted(key_id=identity.key_id, data=b64encode(identity.sealed).decode()),
            external_id=_shown_external_id(said, identity.anonymity),
            anonymity=identity.anonymity,
            stakeholder=found.stakeholder,
            stated_class=said.stated_class,
            stated_category=said.stated_category,
            own_post=own,
            language=found.language,
            location=self._location(city, said),
            media=tuple(_media(file) for file in said.files),
            posted_at=said.posted_at,
            received_at=arrival.reached_city_at,
            origin=arrival.origin,
            joined=identity.joined,
            public=said.public,
            reply=_window(said.reply) if said.reply else None,
            hashtags=found.hashtags or None,
            handles=found.handles or None,
            place_hints=found.place_hints or None,
            suspected=None if own else self._suspicion(arrival, identity, found),
        )

    def _suspicion(self, arrival: Arrival, identity: Identity, found: Traits) -> Suspicion | None:
        # history was said over years, whenever it is read in
        if arrival.origin is Origin.IMPORT:
            return Suspicion.SPAM if found.spam else None
        if arrival.said.account == FOLLOWERS:
            # the page writes for them, so all of them say the same
            return None
        by = identity.key_id.bytes
        return suspicion(found, self._waves.suspect(found.wording, by, arrival.received_at))

    def _location(self, city: City, said: Said) -> Location | None:
        place = said.place
        if place is None:
            return None
        address = None if place.address is None else self._redacted(city, said, place.address)
        return Location(lat=place.lat, lon=place.lon, address=address)

    def _redacted(self, city: City, said: Said, text: str) -> str:
        author = said.author
        details = (author.name, author.handle, author.phone, author.email)
        redaction = self._redact(
            text,
            allowed_handles=city.own_handles,
            reporter=[detail for detail in details if detail],
        )
        for finding in redaction.found:
            count("lintas_redactions_total", kind=finding.kind)
        return redaction.text


def shows_less(one: Anonymity, other: Anonymity) -> Anonymity:
    """Which of the two choices lets others see less."""
    return max(one, other, key=_SHOWS_LESS.index)


def _more(further: Further, key: ReporterKey, sealed: bytes) -> NewMention:
    said = further.arrival.said
    return NewMention(
        mention_id=first_mention_id(further.post),
        continued=further.continued,
        revision=said.revision,
        channel=said.channel,
        account=said.account,
        key_id=key.key_id,
        sealed=sealed,
        received_at=further.arrival.reached_city_at,
    )


def _occurred_at(arrival: Arrival) -> datetime:
    # a source's clock may run ahead; nothing happens after we learn of it
    return min(arrival.said.posted_at or arrival.received_at, arrival.received_at)


def _original(said: Said) -> dict[str, Any]:
    """Everything that only the vault keeps."""
    author = said.author
    named = {
        "handle": author.handle,
        "name": author.name,
        "phone": author.phone,
        "email": author.email,
        "platform_id": author.platform_id,
        "stakeholder": author.stakeholder,
    }
    return {
        "text": said.text,
        **({"unabridged": said.unabridged} if said.unabridged else {}),
        "author": {name: value for name, value in named.items() if value},
        "reply_to": {
            "channel": said.channel,
            "account": said.account,
            "external_id": said.external_id,
            "in_reply_to": said.in_reply_to,
            "conversation": said.conversation,
        },
        "address": said.place.address if said.place else None,
        "media": [{"url": one.url, "media_type": one.media_type} for one in said.media],
        "files": [_media(file).model_dump() for file in said.files],
        **_point(said),
        **told_besides(said),
    }


def _window(reply: Reply) -> ReplyWindow:
    ways = tuple(PrivateReply(way=way, until=until) for way, until in reply.in_private)
    return ReplyWindow(in_public=reply.in_public, until=reply.until, in_private=ways or None)


def _point(said: Said) -> dict[str, Any]:
    place = said.place
    return {} if place is None or place.lat is None else {"point": [place.lat, place.lon]}


def _media(file: File) -> Media:
    return Media(
        reference=file.reference,
        media_type=file.media_type,
        sha256=file.sha256,
        size_bytes=file.size_bytes,
    )


def _shown_external_id(said: Said, anonymity: Anonymity) -> str | None:
    """The post's own id, where the reporter is open and it does not name them."""
    if said.external_id is None or anonymity is not Anonymity.OPEN:
        return None
    author, folded = said.author, said.external_id.casefold()
    names = (author.handle, author.name, author.phone, author.email, author.platform_id)
    named = any(name.removeprefix("@").casefold() in folded for name in names if name)
    return None if named else said.external_id
