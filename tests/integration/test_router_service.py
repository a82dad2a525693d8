"""The router as it runs: its own database, the real broker, its HTTP addresses."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from tests.routers import Running, document, eventually, running

from lintas.contracts.codec import decode, encode
from lintas.contracts.events.routing import ComplaintRouted
from lintas.contracts.records import OutRecord
from lintas.contracts.topics import MENTIONS, ROUTING, RULES, quarantine_topic
from lintas.messaging.producer import KafkaProducer
from lintas.messaging.reader import read_to_end
from lintas.testing.builders import mention_received
from lintas.vocabulary.ids import derived_id
from lintas_local.stack import Stack
from router.app import migrate

pytestmark = pytest.mark.stack


@pytest.fixture(scope="module")
async def router(stack: Stack) -> AsyncIterator[Running]:
    await migrate(stack.environ("router", owner=True))
    async with running(stack) as router:
        yield router


async def test_it_is_ready_once_the_rules_topic_was_read(router):
    async def ready() -> bool:
        return (await router.client.get("/readyz")).status_code == 200

    assert await eventually(ready)
    probes = (await router.client.get("/readyz")).json()["probes"]
    assert probes == {"rules": {"ok": True}, "partitions": {"ok": True}, "database": {"ok": True}}


async def test_a_version_is_stored_once_and_shown(router):
    given = document()
    first = await router.post("/v1/rulesets", given)
    again = await router.post("/v1/rulesets", given)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert first.json()["state"] == "draft"
    shown = (await router.client.get(first.headers["location"])).json()
    assert shown["document"]["rules"][0]["any"] == ["jalan berlubang"]
    assert shown["sha256"] == first.json()["sha256"]
    assert not shown["in_force"]


async def test_a_version_never_changes(router):
    given = document()
    await router.post("/v1/rulesets", given)
    refused = await router.post("/v1/rulesets", {**given, "agencies": ["dpupr"]})
    assert refused.status_code == 409
    assert refused.headers["content-type"] == "application/problem+json"


async def test_a_faulty_version_is_refused_with_rule_and_field_and_not_kept(router):
    faulty = document()
    faulty["rules"].append(
        {"id": "odd", "category": "road_damage", "lead": "dsihub", "any": ["x"], "all": []}
    )
    for path in ("/v1/rulesets/lint", "/v1/rulesets"):
        refused = await router.post(path, faulty)
        assert refused.status_code == 422
        assert refused.json()["errors"] == [
            {
                "pointer": "/rules/1/lead",
                "code": "unknown_agency",
                "detail": "a known agency, in `odd`",
            }
        ]
        assert "dsihub" not in refused.text
    assert (await router.client.get(f"/v1/rulesets/{faulty['version']}")).status_code == 404


async def test_linting_stores_nothing(router):
    given = document()
    answer = await router.post("/v1/rulesets/lint", given)
    assert answer.status_code == 200
    assert answer.json()["rules"] == 1
    assert (await router.client.get(f"/v1/rulesets/{given['version']}")).status_code == 404


async def test_a_rule_set_that_fits_no_record_is_refused(router):
    words = [f"kata panjang sekali nomor {n} di kota" for n in range(2_000)]
    rules = [
        {"id": f"r{n}", "category": "road_damage", "lead": "dlh", "any": words} for n in range(15)
    ]
    refused = await router.post("/v1/rulesets", document(rules=rules))
    assert refused.status_code == 413


async def test_versions_are_listed_in_pages_the_latest_first(router):
    stored = [(await router.post("/v1/rulesets", document())).json() for _ in range(3)]
    first = await router.client.get("/v1/rulesets", params={"limit": 2})
    assert [item["version"] for item in first.json()["items"]] == [
        stored[2]["version"],
        stored[1]["version"],
    ]
    following = first.links["next"]["url"]
    second = await router.client.get(following)
    assert second.json()["items"][0]["version"] == stored[0]["version"]
    assert (await router.client.get("/v1/rulesets", params={"cursor": "x"})).status_code == 400


async def test_publishing_announces_once_and_keeps_its_moment(router):
    given = document()
    await router.apply(given)
    first = (await router.publish(given["version"])).json()
    later = (datetime.now(UTC) + timedelta(days=5)).isoformat()
    again = (await router.publish(given["version"], effective_at=later)).json()
    assert first == again
    records = await read_to_end(router.kafka, "tests", [RULES])
    mine = [record for record in records if record.key == given["version"].encode()]
    assert len(mine) == 1
    assert decode(mine[0]).ruleset["rules"][0]["id"] == "road"


async def test_an_unknown_version_cannot_be_published(router):
    assert (await router.publish("unheard-of")).status_code == 404


async def test_explain_tells_what_the_rules_in_force_make_of_a_text(router):
    given = document("lampu padam")
    await router.apply(given)
    text = "🙏🏽 lampu padam, Pak"
    answer = (await router.post("/v1/explain", {"text": text})).json()
    assert (answer["lead"], answer["rules_version"]) == ("dpupr", given["version"])
    (evidence,) = answer["explanation"]["decided_by"]
    (span,) = evidence["spans"]
    assert text[span["start"] : span["end"]] == "lampu padam"
    assert evidence["why"] == "highest score"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        pytest.param(b"{", 400, id="bad JSON"),
        pytest.param(b'{"text": 1}', 422, id="wrong type"),
        pytest.param(b'{"text": "a", "odd": 1}', 422, id="unknown field"),
        pytest.param(b'{"text": "\\ud800"}', 422, id="lone surrogate"),
        pytest.param(b'{"text": "a\\u0000"}', 422, id="NUL"),
        pytest.param(b'{"text": "' + b"a" * 2_000_000 + b'"}', 413, id="2 MB"),
    ],
)
async def test_what_cannot_be_explained_is_refused_without_an_echo(body, status, router):
    refused = await router.client.post(
        "/v1/explain", content=body, headers={"Content-Type": "application/json"}
    )
    assert refused.status_code == status
    assert refused.headers["content-type"] == "application/problem+json"
    assert len(refused.content) < 1_000


async def test_a_key_without_the_scope_gets_nowhere(router, stack):
    for key, status in ((stack.key("front-door"), 403), ("lts_local_x_y", 401)):
        headers = {"Authorization": f"Bearer {key}"}
        refused = await router.client.get("/v1/rulesets", headers=headers)
        assert refused.status_code == status


async def test_mentions_are_decided_on_the_real_broker(router):
    given = document("jembatan goyang")
    await router.apply(given)
    start = int(uuid4()) % 10**9
    received = [
        mention_received(start + n, text=f"jembatan goyang nomor {n}") for n in range(1_000)
    ]
    producer = KafkaProducer(router.kafka, "tests")
    try:
        await producer.send([encode(event, MENTIONS, "ingest") for event in received])
        odd = uuid4().bytes
        await producer.send([OutRecord(MENTIONS, odd, b"{", (("ce_type", b"lintas.odd"),))])
    finally:
        await producer.stop()
    wanted = {derived_id(event.event_id, "routed") for event in received}
    named = {str(event_id) for event_id in wanted}

    async def answers() -> list[ComplaintRouted] | None:
        records = await read_to_end(router.kafka, "tests", [ROUTING])
        # the topic is shared with other tests, some of which write what nobody can read
        ours = [r for r in records if dict(r.headers).get("ce_id", b"").decode() in named]
        found = [decode(record) for record in ours]
        return found if len({event.event_id for event in found}) == len(wanted) else None

    found = await eventually(answers)
    assert {event.decision.lead for event in found} == {"dpupr"}
    assert {event.decision.rules_version for event in found} == {given["version"]}
    assert len(found) == len(wanted)

    async def quarantined() -> bool:
        records = await read_to_end(router.kafka, "tests", [quarantine_topic("router")])
        return any(record.key == odd and record.value != b"{" for record in records)

    assert await eventually(quarantined)
    metrics = (await router.client.get("/metrics")).text
    assert f'lintas_rules_in_force{{version="{given["version"]}"}} 1.0' in metrics
