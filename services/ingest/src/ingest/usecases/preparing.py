"""From a mention in clear to what may be stored and sent: redacted, sealed, numbered.

Plain computation, up to a millisecond a mention.
"""

from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ingest.domain.city import City
from ingest.domain.identity import Identities
from ingest.domain.mentions import (
    FIRST_REVISION,
    Arrival,
    File,
    First,
    NewComplaint,
    ReporterKey,
    Said,
    first_event_id,
    first_mention_id,
)
from ingest.usecases.turns import in_turns
from ingest.usecases.vault import Vault, sealed_for
from lintas.contracts.events.mentions import Location, Media, Mention, MentionReceived, Sealed
from lintas.privacy import Redactor
from lintas.telemetry import count
from lintas.vocabulary.terms import Anonymity
from lintas.vocabulary.ticket import new_ticket


@dataclass
class Prepared:
    """A set that is ready to be committed."""

    complaints: list[NewComplaint] = field(default_factory=list)
    events: list[MentionReceived] = field(default_factory=list)
    keys: list[ReporterKey] = field(default_factory=list)


class Preparing:
    """Prepares sets of first mentions."""

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

    async def prepare(
        self, city: City, firsts: Sequence[First], keys: Mapping[bytes, ReporterKey]
    ) -> Prepared:
        """`firsts` as rows and events; reporters without a key among `keys` get one."""
        prepared = Prepared()
        open_keys: dict[bytes, tuple[ReporterKey, bytes]] = {}
        async for first in in_turns(firsts):
            if first.reporter not in open_keys:
                open_keys[first.reporter] = self._key(first.reporter, keys, prepared)
            key, data_key = open_keys[first.reporter]
            sealed = sealed_for(first.complaint_id, data_key, _original(first.arrival.said))
            new = self._complaint(city, first, key, sealed)
            prepared.complaints.append(new)
            prepared.events.append(self._event(city, first.arrival, new))
        return prepared

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
            mention_id=first_mention_id(complaint),
            ticket=new_ticket(city.ticket_prefix, self._random_bytes),
            secret=self._identities.secret(complaint),
            client=arrival.client,
            channel=said.channel,
            account=said.account,
            anonymity=said.anonymity,
            key_id=key.key_id,
            sealed=sealed,
            received_at=arrival.reached_city_at,
        )

    def _event(self, city: City, arrival: Arrival, new: NewComplaint) -> MentionReceived:
        said = arrival.said
        event_id = first_event_id(new.complaint_id)
        return MentionReceived(
            event_id=event_id,
            # a source's clock may run ahead; nothing happens after we learn of it
            occurred_at=min(said.posted_at or arrival.received_at, arrival.received_at),
            recorded_at=arrival.received_at,
            correlation_id=event_id,
            traceparent=arrival.traceparent,
            complaint_id=new.complaint_id,
            mention=Mention(
                mention_id=new.mention_id,
                ticket=new.ticket,
                channel=said.channel,
                account=said.account,
                revision=FIRST_REVISION,
                text=self._redacted(city, said, said.text),
                sealed=Sealed(key_id=new.key_id, data=b64encode(new.sealed).decode()),
                external_id=_shown_external_id(said),
                anonymity=said.anonymity,
                stakeholder=said.author.stakeholder,
                stated_class=said.stated_class,
                own_post=city.speaks_for_itself(said.channel, said.author),
                location=self._location(city, said),
                media=tuple(_media(file) for file in said.files),
                posted_at=said.posted_at,
                received_at=arrival.reached_city_at,
                origin=arrival.origin,
            ),
        )

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


def _original(said: Said) -> dict[str, Any]:
    """Everything that only the vault keeps."""
    author = said.author
    named = {
        "handle": author.handle,
        "name": author.name,
        "phone": author.phone,
        "email": author.email,
        "stakeholder": author.stakeholder,
    }
    return {
        "text": said.text,
        "author": {name: value for name, value in named.items() if value},
        "reply_to": {
            "channel": said.channel,
            "account": said.account,
            "external_id": said.external_id,
            "in_reply_to": said.in_reply_to,
        },
        "address": said.place.address if said.place else None,
        "media": [{"url": one.url, "media_type": one.media_type} for one in said.media],
        "files": [_media(file).model_dump() for file in said.files],
    }


def _media(file: File) -> Media:
    return Media(
        reference=file.reference,
        media_type=file.media_type,
        sha256=file.sha256,
        size_bytes=file.size_bytes,
    )


def _shown_external_id(said: Said) -> str | None:
    """The post's own id, where the reporter is open and it does not name them."""
    if said.external_id is None or said.anonymity is not Anonymity.OPEN:
        return None
    author, folded = said.author, said.external_id.casefold()
    names = (author.handle, author.name, author.phone, author.email)
    named = any(name.removeprefix("@").casefold() in folded for name in names if name)
    return None if named else said.external_id
