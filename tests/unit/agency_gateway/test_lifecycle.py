import hashlib
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import orjson
import pytest

from agency_gateway.domain.facts import Fact, Registered, Triaged
from agency_gateway.usecases.lifecycle import (
    _EVENTS,
    GENESIS,
    Cause,
    Link,
    by_number,
    chained,
    first_broken,
)
from lintas.contracts.codec import decode, encode
from lintas.contracts.records import Record
from lintas.contracts.topics import COMPLAINTS
from lintas.testing.builders import NOON


@pytest.fixture
def told(case):
    cause = Cause(NOON, NOON, by_number(case.id))
    return chained(case, Link(0, GENESIS), [Registered(case), Triaged(0), Triaged(1)], cause)[0]


@pytest.fixture
def end(told):
    return Link(told[-1].record.seq, told[-1].record.hash)


def test_every_fact_has_an_event():
    # a class with slots is made twice, so classes are compared by name
    assert {fact.__name__ for fact in _EVENTS} == {fact.__name__ for fact in Fact.__subclasses__()}


def test_anyone_can_compute_the_hash_from_the_record(told):
    previous = GENESIS
    for event in (one.event for one in told):
        record = encode(event, COMPLAINTS, "agency-gateway")
        body = orjson.loads(record.value)
        claimed = body.pop("hash")
        headers = {name: value.decode() for name, value in record.headers}
        for name in ("ce_type", "ce_id", "ce_time", "ce_recordedtime"):
            body[name] = headers[name]
        canonical = orjson.dumps(body, option=orjson.OPT_SORT_KEYS)
        assert claimed == hashlib.sha256(previous.encode() + canonical).hexdigest()
        assert body["previous_hash"] == previous
        previous = claimed


def test_a_whole_chain_holds(case, told, end):
    rows = [one.record for one in told]
    assert first_broken(case.id, rows, end) is None
    assert first_broken(case.id, rows[:-1], end) == 3
    assert first_broken(case.id, [], end) == 1
    assert first_broken(case.id, [], Link(0, GENESIS)) is None


@pytest.mark.parametrize(
    "edit",
    [
        {"type": "lintas.complaint.closed.v1"},
        {"event_id": UUID(int=1)},
        {"occurred_at": NOON - timedelta(seconds=1)},
        {"recorded_at": NOON + timedelta(microseconds=1)},
        {"body": "{}"},
        {"body": "["},
        {"body": "[]"},
        {"person_id": UUID(int=1)},
        {"hash": GENESIS},
        {"previous_hash": GENESIS},
        {"seq": 3},
        {"complaint_id": UUID(int=1)},
    ],
    ids=str,
)
def test_any_edit_is_found(case, told, end, edit):
    rows = [one.record for one in told]
    rows[1] = replace(rows[1], **edit)
    assert first_broken(case.id, rows, end) == 2


def test_the_history_keeps_the_bytes_that_are_published(told):
    for one in told:
        published = encode(one.event, COMPLAINTS, "agency-gateway")
        assert one.record.body.encode() == published.value
        record = Record(COMPLAINTS, 0, 0, 0, published.key, published.value, published.headers)
        assert decode(record).encoded_body() == published.value
