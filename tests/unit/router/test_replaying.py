"""Every decision can be made once more from what its event carries, in the same bytes."""

import asyncio
import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lintas.contracts.codec import decode, encode
from lintas.contracts.events.complaints import RerouteRequested
from lintas.contracts.records import OutRecord, Record
from lintas.contracts.topics import COMPLAINTS, MENTIONS, ROUTING
from lintas.messaging.handling import Received
from lintas.testing.builders import NOON, complaint_id, mention_received
from lintas.vocabulary.errors import Invalid
from lintas.vocabulary.ids import derived_id
from lintas.vocabulary.terms import MentionClass
from router.app import offline, replaying
from router.domain import Edition, Mention, compile_document
from router.usecases.deciding import answer
from router.usecases.following import Rules
from router.usecases.rerouting import reroute

AGENCIES = ["dishub", "dlh", "dpupr", "pln"]
WORDS = ["lampu", "lampunya", "mati", "jalan", "rusak", "rsak", "sampah", "tidak", "tolong", "🙏🏽"]

texts = st.lists(st.sampled_from([*WORDS, "dan", "\n", "!"]), max_size=14).map(" ".join)
terms = st.lists(st.sampled_from(WORDS[:7]), min_size=1, max_size=2).map(" ".join)
rules = st.lists(
    st.fixed_dictionaries(
        {
            "category": st.just("other"),
            "lead": st.sampled_from(AGENCIES),
            "any": st.lists(terms, min_size=1, max_size=3),
            "none": st.lists(terms, max_size=1),
            "weight": st.sampled_from([0.1, 1.0, 2.7]),
            "contributors": st.lists(
                st.sampled_from(AGENCIES).map(lambda code: {"agency": code, "reason": "helps"}),
                max_size=1,
            ),
        }
    ),
    max_size=5,
).map(lambda found: [{"id": f"r{number}", **rule} for number, rule in enumerate(found)])
rulesets = rules.map(
    lambda found: {
        "version": "v",
        "zone": "Asia/Jakarta",
        "agencies": AGENCIES,
        "categories": ["other"],
        "rules": found,
        "classes": [{"id": "asking", "class": "information_request", "any": ["tolong"]}],
        "urgency": {"emergency": ["mati"], "high": ["rusak"]},
        "language": {"negations": ["tidak"], "typos": True},
    }
)


class Fixed(Rules):
    """One rule set, always in force."""

    def __init__(self, document: dict[str, Any]) -> None:
        async def nothing() -> list[Record]:
            return []

        super().__init__(nothing, notice=timedelta(seconds=1), clock_ms=lambda: 0)
        self._book.add(Edition(compile_document(document), 0, 0))


def record(out: OutRecord, offset: int = 0) -> Record:
    return Record(out.topic, 0, offset, 1_000, out.key, out.value, out.headers)


def routed(document: dict[str, Any], *said: str) -> list[dict[str, Any]]:
    """The bodies of routed events as they stand on the topic."""
    known = Fixed(document)
    bodies = []
    for number, text in enumerate(said):
        event = mention_received(number, text=text, location={"address": "Jl. Rusak", "lat": -6.6})
        read = record(encode(event, MENTIONS, "ingest"))
        told = answer(known, Received(decode(read), read))
        assert told is not None
        value = encode(told, ROUTING, "router").value
        assert value is not None
        bodies.append(json.loads(value))
    return bodies


async def rerouted(document: dict[str, Any], text: str, note: str, *without: str) -> dict[str, Any]:
    """The body of a rerouted event as it stands on the topic."""
    request = RerouteRequested(
        event_id=derived_id(complaint_id(1), "fact", 4),
        occurred_at=NOON,
        recorded_at=NOON,
        complaint_id=complaint_id(1),
        seq=4,
        previous_hash="0" * 64,
        hash="1" * 64,
        round=2,
        without=without,
    )

    async def returned(_: Any) -> list[Mention]:
        return [Mention(text, NOON, "x", stated_class=MentionClass.COMPLAINT, note=note)]

    read = record(encode(request, COMPLAINTS, "agency-gateway"))
    (told,) = await reroute(Fixed(document), returned, [Received(request, read)])
    value = encode(told, ROUTING, "router").value
    assert value is not None
    return dict(json.loads(value))


@given(rulesets, st.lists(texts, min_size=1, max_size=4))
@settings(deadline=None, max_examples=50)
def test_a_routed_event_that_is_read_back_gives_the_same_bytes_again(document, said):
    again = replaying(document)
    for body in routed(document, *said):
        found = again(body)
        assert (found["same"], found["differences"]) == (True, [])
        assert found["sha256"] == found["replayed_sha256"]


@given(rulesets, texts, texts, st.sets(st.sampled_from(AGENCIES)))
@settings(deadline=None, max_examples=50)
async def test_so_does_a_decision_of_a_later_round_and_who_returned_it_has_no_part(
    document, text, note, without
):
    body = await rerouted(document, text, note, *without)
    assert replaying(document)(body)["same"]
    decision = body["decision"]
    named = {decision["lead"], *(one["agency"] for one in decision["contributors"])}
    assert not named & without


SAMPLE = {
    "version": "v",
    "zone": "Asia/Jakarta",
    "agencies": AGENCIES,
    "categories": ["other"],
    "rules": [
        {"id": f"r{n}", "category": "other", "lead": lead, "any": [word, "rusak"]}
        for n, (lead, word) in enumerate(zip(AGENCIES, WORDS, strict=False))
    ],
    "urgency": {"emergency": ["mati"], "high": ["rusak"]},
}


async def test_other_processes_and_other_hash_seeds_replay_the_same_bytes(tmp_path: Path):
    bodies = routed(SAMPLE, "lampu jalan mati, rusak", "sampah!", "", "jalan rusak lampunya mati")
    bodies.append(await rerouted(SAMPLE, "jalan rusak", "lampu mati", "pln", "dlh", "dishub"))
    lines = tmp_path / "events.ndjson"
    lines.write_text("".join(json.dumps(body) + "\n" for body in bodies))
    rules_file = tmp_path / "rules.json"
    rules_file.write_text(json.dumps(SAMPLE))

    def replayed(seed: str) -> str:
        return subprocess.run(
            [
                *(Path(sys.executable).with_name("lintas"), "rules", "explain", "--json"),
                *("--rules", rules_file, "--replay", lines),
            ],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    told = {await asyncio.to_thread(replayed, seed) for seed in ("0", "4711")}
    (one,) = told
    assert (json.loads(one)["replayed"], json.loads(one)["same"]) == (5, 5)


def test_other_rules_are_told_from_the_same_ones_and_where_the_decision_differs():
    (body,) = routed(SAMPLE, "lampu mati")
    changed = SAMPLE | {"version": "w", "rules": [SAMPLE["rules"][0] | {"lead": "dlh"}]}
    found = replaying(changed)(body)
    assert not found["same"]
    assert (found["rules_version"], found["replayed_by"]) == ("v", "w")
    differing = {one["pointer"]: (one["recorded"], one["replayed"]) for one in found["differences"]}
    assert differing["/lead"] == ("dishub", "dlh")
    assert differing["/rules_version"] == ("v", "w")


def test_what_was_decided_before_the_first_rules_replays_without_any():
    empty = SAMPLE | {"version": "none", "rules": []}
    (body,) = routed(empty, "lampu mati")
    body["decision"] |= {"urgency": "normal"}
    body["decision"]["explanation"]["decided_by"] = []
    assert replaying(None)(body)["same"]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"decision": {"outcome": "lost"}}, id="no such outcome"),
        pytest.param({"decision": 7, "mention": 7}, id="numbers"),
    ],
)
def test_what_holds_no_decision_is_refused_without_an_echo(body):
    with pytest.raises(Invalid) as refused:
        replaying(None)(body)
    assert "lost" not in str(refused.value.errors)


def test_a_document_that_is_no_rule_set_is_refused():
    for use in (offline, replaying):
        with pytest.raises(Invalid):
            use({"version": "v"})
