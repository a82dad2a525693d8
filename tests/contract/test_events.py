import json
from dataclasses import replace
from datetime import UTC, datetime
from importlib.resources import files
from typing import ClassVar
from uuid import UUID

import pytest
from asyncpg.pgproto import pgproto
from cloudevents.core.bindings.kafka import KafkaMessage, from_binary
from cloudevents.core.formats.json import JSONFormat
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ConfigDict

from lintas.contracts.codec import UNREAD, FutureMajor, Unreadable, decode, decoding, encode
from lintas.contracts.events import EVENTS
from lintas.contracts.events.envelope import ComplaintEvent
from lintas.contracts.events.mentions import MentionErased
from lintas.contracts.events.routing import ComplaintRouted
from lintas.contracts.records import Record
from lintas.testing.builders import complaint_routed, mention_received

EXAMPLES = {
    path.name.removesuffix(".json"): json.loads(path.read_text(encoding="utf-8"))
    for path in (files("lintas.contracts") / "examples").iterdir()
}


def stored(example: dict, **changes: object) -> Record:
    """The record as it once stood on a topic; a change of None drops a header."""
    headers = {
        name: str(value) for name, value in {**example["headers"], **changes}.items() if value
    }
    value = json.dumps(example["value"]).encode()
    pairs = tuple((name, text.encode()) for name, text in headers.items())
    return Record("t", 0, 0, 0, example["key"].encode(), value, pairs)


def test_an_id_as_the_databases_driver_gives_it_is_written_like_any_other():
    ours, drivers = UUID(int=5), pgproto.UUID(str(UUID(int=5)))
    bodies = [
        MentionErased(
            event_id=ours,
            occurred_at=datetime(2026, 3, 1, tzinfo=UTC),
            recorded_at=datetime(2026, 3, 1, tzinfo=UTC),
            complaint_id=ours,
            mention_id=ours,
        ).model_copy(update={"mention_id": one})
        for one in (ours, drivers)
    ]
    assert bodies[0].encoded_body() == bodies[1].encoded_body()


def test_every_event_has_a_stored_example():
    assert EXAMPLES.keys() == EVENTS.keys()


@pytest.mark.parametrize("event_type", sorted(EXAMPLES))
class TestStoredExamples:
    def test_stays_readable(self, event_type: str):
        event = decode(stored(EXAMPLES[event_type]))
        assert type(event) is EVENTS[event_type]
        assert event.key == EXAMPLES[event_type]["key"]

    def test_is_written_as_it_was_read(self, event_type: str):
        event = decode(stored(EXAMPLES[event_type]))
        source = EXAMPLES[event_type]["headers"]["ce_source"].removeprefix("lintas/")
        again = encode(event, "t", source)
        # a field added since, with nothing in it, is the one thing that may be new
        assert _without_nulls(json.loads(again.value or b"")) == _without_nulls(
            EXAMPLES[event_type]["value"]
        )
        assert {name: value.decode() for name, value in again.headers} == EXAMPLES[event_type][
            "headers"
        ]

    def test_keeps_fields_a_newer_writer_added(self, event_type: str):
        example = json.loads(json.dumps(EXAMPLES[event_type]))
        example["value"]["added_later"] = {"deep": [1]}
        event = decode(stored(example))
        assert json.loads(event.encoded_body())["added_later"] == {"deep": [1]}

    def test_its_bytes_say_what_its_plain_body_says(self, event_type: str):
        example = json.loads(json.dumps(EXAMPLES[event_type]))
        example["value"]["added_later"] = {"deep": [1]}
        event = decode(stored(example))
        assert json.loads(event.encoded_body()) == event.plain_body()

    def test_is_parked_in_an_unknown_major_version(self, event_type: str):
        with pytest.raises(FutureMajor):
            decode(stored(EXAMPLES[event_type], ce_type=event_type.replace(".v1", ".v2")))

    def test_is_read_the_same_by_the_cloudevents_library(self, event_type: str):
        record = stored(EXAMPLES[event_type])
        message = KafkaMessage(
            headers=dict(record.headers), key=record.key, value=record.value or b""
        )
        foreign = from_binary(message, JSONFormat())
        assert foreign.get_type() == event_type
        assert foreign.get_id() == EXAMPLES[event_type]["headers"]["ce_id"]
        assert foreign.get_data() == EXAMPLES[event_type]["value"]


def _without_nulls(value: object) -> object:
    if isinstance(value, dict):
        return {name: _without_nulls(item) for name, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_without_nulls(item) for item in value]
    return value


@pytest.mark.parametrize("missing", ["ce_id", "ce_type", "ce_time", "ce_recordedtime"])
def test_a_record_without_a_required_attribute_is_unreadable(missing: str):
    with pytest.raises(Unreadable):
        decode(stored(EXAMPLES["lintas.mention.received.v1"], **{missing: None}))


@given(value=st.binary(max_size=200) | st.none(), kind=st.sampled_from(sorted(EVENTS)))
def test_no_bytes_whatever_raise_anything_but_unreadable(value: bytes | None, kind: str):
    headers = (("ce_type", kind.encode()), ("ce_id", b"1"), ("ce_time", b"\xff"))
    with pytest.raises(Unreadable):
        decode(Record("t", 0, 0, 0, b"k", value, headers))


def test_a_reader_of_some_kinds_decodes_those_and_passes_over_the_rest_unread():
    read = decoding(ComplaintRouted)
    routed = stored(EXAMPLES["lintas.complaint.routed.v1"])
    assert read(routed) == decode(routed)
    other = stored(EXAMPLES["lintas.mention.received.v1"])
    assert read(replace(other, value=b"{")) is UNREAD
    assert read(replace(other, headers=())) is UNREAD
    with pytest.raises(FutureMajor):
        read(stored(EXAMPLES["lintas.complaint.routed.v1"], ce_type="lintas.complaint.routed.v9"))
    with pytest.raises(Unreadable):
        read(replace(routed, value=b"{"))


def test_a_reader_may_name_a_kind_with_fewer_fields_and_gets_those_alone():
    class Heard(ComplaintEvent):
        type: ClassVar[str] = ComplaintRouted.type
        model_config = ConfigDict(extra="ignore")

    record = stored(EXAMPLES["lintas.complaint.routed.v1"])
    whole, heard = decode(record), decoding(Heard)(record)
    assert heard == Heard(**{name: getattr(whole, name) for name in Heard.model_fields})
    with pytest.raises(Unreadable):
        decoding(Heard)(replace(record, value=b"{}"))


@given(text=st.text(max_size=50))
def test_any_text_survives_the_journey(text: str):
    event = mention_received(text=text)
    out = encode(event, "t", "ingest")
    assert decode(Record("t", 0, 0, 0, out.key, out.value, out.headers)) == event


def test_the_same_decision_is_the_same_bytes():
    assert encode(complaint_routed(7), "t", "router") == encode(complaint_routed(7), "t", "router")


def test_an_id_as_the_database_driver_gives_it_is_written_like_any_other():
    told = mention_received(1)
    theirs = pgproto.UUID(str(told.mention.sealed.key_id))
    sealed = told.mention.sealed.model_copy(update={"key_id": theirs})
    mention = told.mention.model_copy(update={"sealed": sealed})
    event = told.model_copy(update={"mention": mention})
    assert event.encoded_body() == told.encoded_body()
