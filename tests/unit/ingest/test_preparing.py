import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from ingest.domain.city import City
from ingest.domain.identity import Identities
from ingest.domain.mentions import (
    Arrival,
    Author,
    First,
    Place,
    Reply,
    Said,
    first_mention_id,
)
from ingest.usecases.preparing import Prepared, Preparing
from ingest.usecases.vault import Vault, vault_key
from lintas.contracts.codec import decode, encode
from lintas.contracts.records import Record
from lintas.privacy import Redaction, redact, unseal
from lintas.testing.builders import complaint_id
from lintas.vocabulary.terms import Anonymity, MentionClass, Stakeholder

NOW = datetime(2026, 3, 17, 8, tzinfo=UTC)
CITY = City("BGR", "Asia/Jakarta", frozenset({("x", "pemkot")}))
IDENTITIES = Identities(b"k" * 32)
VAULT = Vault([vault_key(bytes(range(32)))])
SAID = Said("x", "kotabogor", "Lampu mati", external_id="1", author=Author(handle="warga_1"))


def arrival(**changes) -> Arrival:
    return Arrival(replace(SAID, **changes), "door", NOW, "trace")


def prepare(*arrivals: Arrival, keys=None, with_redactor=redact) -> Prepared:
    preparing = Preparing(IDENTITIES, VAULT, redact=with_redactor, random_bytes=bytes)
    firsts = [
        First(complaint, first_mention_id(complaint), IDENTITIES.reporter(one.said, complaint), one)
        for complaint, one in ((complaint_id(number), one) for number, one in enumerate(arrivals))
    ]
    return asyncio.run(preparing.prepare(CITY, firsts, keys or {}))


def test_what_is_sealed_opens_for_its_complaint_with_its_reporters_key_alone():
    prepared = prepare(arrival())
    [new], [key] = prepared.complaints, prepared.keys
    content = unseal(VAULT.open_key(key), new.sealed, new.complaint_id.bytes)
    assert json.loads(content)["text"] == "Lampu mati"
    assert new.secret == IDENTITIES.secret(new.complaint_id)


def test_a_reporter_keeps_their_key_within_a_set_and_over_sets():
    first = prepare(arrival(external_id="1"), arrival(external_id="2"))
    assert len(first.keys) == 1
    assert {new.key_id for new in first.complaints} == {first.keys[0].key_id}
    later = prepare(arrival(external_id="3"), keys={first.keys[0].reporter: first.keys[0]})
    assert later.keys == []
    assert later.complaints[0].key_id == first.keys[0].key_id


def test_text_and_address_are_redacted_knowing_the_reporter_and_the_citys_own_accounts():
    asked = []

    def redactor(text, *, allowed_handles=(), reporter=()):
        asked.append((text, set(allowed_handles), set(reporter)))
        return Redaction("[REDACTED]", ())

    author = Author("warga_1", "Siti Aminah", "0812", "s@a.example")
    place = Place(address="Rumah Siti")
    [event] = prepare(arrival(author=author, place=place), with_redactor=redactor).events
    assert event.mention.text == "[REDACTED]"
    assert event.mention.location is not None
    assert event.mention.location.address == "[REDACTED]"
    known = {"warga_1", "Siti Aminah", "0812", "s@a.example"}
    assert asked == [("Lampu mati", {"pemkot"}, known), ("Rumah Siti", {"pemkot"}, known)]


def test_nothing_happens_after_we_learn_of_it():
    ahead = NOW + timedelta(hours=2)
    [event] = prepare(arrival(posted_at=ahead)).events
    assert (event.occurred_at, event.recorded_at, event.mention.posted_at) == (NOW, NOW, ahead)
    before = NOW - timedelta(hours=2)
    [event] = prepare(arrival(posted_at=before)).events
    assert event.occurred_at == before


def test_a_retry_is_the_same_event():
    first, again = prepare(arrival()).events[0], prepare(arrival()).events[0]
    assert first.event_id == again.event_id == again.correlation_id
    assert first.mention.mention_id == again.mention.mention_id


_NAMES = st.none() | st.text(st.characters(codec="utf-8"), min_size=1, max_size=20)
_TIMES = st.none() | st.integers(0, 2_000).map(lambda days: NOW - timedelta(days=days))
_SAID = st.builds(
    Said,
    channel=st.just("x"),
    account=st.just("kotabogor"),
    text=st.text(st.characters(codec="utf-8"), max_size=60),
    external_id=st.just("1"),
    posted_at=_TIMES,
    author=st.builds(Author, handle=_NAMES, name=_NAMES, stakeholder=st.sampled_from(Stakeholder)),
    place=st.none() | st.builds(Place, st.floats(-90, 90), st.floats(-180, 180), _NAMES),
    stated_class=st.none() | st.sampled_from(MentionClass),
    stated_category=st.none() | st.sampled_from(["road_damage", "tree"]),
    anonymity=st.sampled_from(Anonymity),
    public=st.booleans(),
    reply=st.none() | st.builds(Reply, st.booleans(), _TIMES),
)


@given(said=_SAID)
def test_every_event_is_one_that_its_readers_accept(said: Said):
    [event] = prepare(Arrival(said, "door", NOW, "trace")).events
    out = encode(event, "t", "ingest")
    assert decode(Record("t", 0, 0, 0, out.key, out.value, out.headers)) == event
