"""From a version handed in to one that decides, and back; models by reference."""

import asyncio
import hashlib
import json
import zlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text
from tests.routers import Running, document, eventually, running
from tests.suggesters import suggester

from lintas.contracts.codec import encode
from lintas.contracts.events.reference import RulesetPublished
from lintas.contracts.records import OutRecord
from lintas.contracts.topics import RULES
from lintas.database import migrations
from lintas.database.engine import create_engine
from lintas.messaging.producer import KafkaProducer
from lintas.messaging.reader import read_to_end
from lintas.vocabulary.ids import NAMESPACE, derived_id
from lintas_local.stack import Stack
from router import app
from router.app import service

pytestmark = pytest.mark.stack


@pytest.fixture(scope="module")
async def router(stack: Stack) -> AsyncIterator[Running]:
    await app.migrate(stack.environ("router", owner=True))
    async with running(stack) as router:
        yield router


async def kept(router: Running, data: bytes) -> Any:
    """The answer to a model that is handed in."""
    headers = {"Content-Type": "application/octet-stream"}
    return await router.client.post("/v1/models", content=data, headers=headers)


async def announced(router: Running, given: dict[str, Any], in_s: float) -> Any:
    """The answer to a version that is published to begin after a while."""
    await router.post("/v1/rulesets", given)
    moment = datetime.now(UTC) + timedelta(seconds=in_s)
    return await router.publish(given["version"], effective_at=moment.isoformat())


async def in_force(router: Running) -> str:
    return (await router.post("/v1/explain", {"text": "x"})).json()["rules_version"]


async def test_whoever_handed_a_version_in_does_not_publish_it(router):
    given = document()
    handed_in = (await router.post("/v1/rulesets", given)).json()
    assert handed_in["created_by"] == "client:operator"
    refused = await router.post(f"/v1/rulesets/{given['version']}/publish", {})
    assert refused.status_code == 409
    assert refused.json()["type"] == "/problems/author-cannot-publish"
    assert "another party" in refused.json()["detail"]
    published = (await router.publish(given["version"])).json()
    assert (published["state"], published["published_by"]) == ("published", "client:publisher")


async def test_going_back_is_publishing_the_older_version_again(router):
    old, new = document("lubang"), document("selokan")
    await router.apply(old)
    await router.apply(new)
    again = await router.apply(old)
    assert again["number"] == 2
    history = (
        await router.client.get("/v1/publications", params={"version": old["version"]})
    ).json()
    assert [(one["number"], one["state"]) for one in history["items"]] == [
        (2, "begun"),
        (1, "begun"),
    ]
    records = await read_to_end(router.kafka, "tests", [RULES])
    keys = [record.key.decode() for record in records if record.key]
    ours = [key for key in keys if key.split(":")[0] in {old["version"], new["version"]}]
    assert ours == [old["version"], new["version"], f"{old['version']}:2"]
    ids = {dict(record.headers)["ce_id"] for record in records}
    assert len(ids) == len(records)


async def test_what_is_announced_can_be_withdrawn_until_all_could_not_read_of_it(router):
    current = document()
    await router.apply(current)
    given = document()
    assert (await announced(router, given, 3600)).status_code == 200
    path = f"/v1/rulesets/{given['version']}"
    withdrawn = await router.post(f"{path}/withdraw", {})
    assert (withdrawn.status_code, withdrawn.json()["state"]) == (200, "withdrawn")
    assert (await router.client.get(path)).json()["state"] == "draft"
    assert (await router.post(f"{path}/withdraw", {})).status_code == 409
    refused = await router.post(f"/v1/rulesets/{current['version']}/withdraw", {})
    assert refused.status_code == 409
    soon = document()
    await announced(router, soon, 0)
    assert (await router.post(f"/v1/rulesets/{soon['version']}/withdraw", {})).status_code == 409


async def test_what_was_withdrawn_never_begins(router):
    current, given = document(), document()
    await router.apply(current)
    assert (await announced(router, given, 3)).status_code == 200
    withdrawn = await router.post(f"/v1/rulesets/{given['version']}/withdraw", {})
    assert withdrawn.status_code == 200
    begins = datetime.fromisoformat(withdrawn.json()["effective_at"])

    async def past() -> bool:
        return datetime.now(UTC) > begins + timedelta(seconds=0.3)

    await eventually(past)
    assert await in_force(router) == current["version"]


async def test_the_history_is_listed_in_pages(router):
    given = [document() for _ in range(3)]
    for one in given:
        await router.post("/v1/rulesets", one)
        assert (await router.publish(one["version"])).status_code == 200
    first = await router.client.get("/v1/publications", params={"limit": 2})
    second = await router.client.get(first.links["next"]["url"])
    listed = [one["version"] for one in (*first.json()["items"], *second.json()["items"])]
    assert listed[:3] == [one["version"] for one in reversed(given)]
    cursor = {"cursor": first.links["next"]["url"].partition("cursor=")[2], "version": "other"}
    assert (await router.client.get("/v1/publications", params=cursor)).status_code == 400


async def test_differences_are_told_to_programs_and_people(router):
    old = document("lubang <b>")
    new = {**document("lubang <b>"), "agencies": ["dpupr", "dlh", "dishub"]}
    new["rules"] = [{**new["rules"][0], "weight": 2.0}, {**new["rules"][0], "id": "deep"}]
    for one in (old, new):
        assert (await router.post("/v1/rulesets", one)).status_code == 201
    path = f"/v1/rulesets/{new['version']}/diff"
    found = (await router.client.get(path, params={"against": old["version"]})).json()
    assert [(one["name"], one["kind"]) for one in found["entries"]] == [
        ("road", "changed"),
        ("deep", "added"),
    ]
    assert found["entries"][0]["changes"] == [{"field": "weight", "removed": [1.0], "added": [2.0]}]
    assert found["document"] == [{"field": "agencies", "removed": [], "added": ["dishub"]}]
    page = await router.client.get(
        f"/aturan/{new['version']}/perubahan",
        params={"terhadap": old["version"]},
        headers={"Accept-Language": "en"},
    )
    assert page.headers["content-type"].startswith("text/html")
    assert "<ins>dishub</ins>" in page.text
    assert "lubang &lt;b&gt;" in page.text
    assert "<b>" not in page.text
    assert (await router.client.get(path, params={"against": "unheard-of"})).status_code == 404
    assert (await router.client.get(path)).json()["against"] == await in_force(router)


async def test_a_model_is_kept_once_and_shown_with_its_card(router):
    model = suggester(strength=5.0 + int(uuid4()) % 1000 / 1e6)
    data = model.to_bytes()
    first, again = await kept(router, data), await kept(router, data)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    shown = (await router.client.get(first.headers["location"])).json()
    assert shown["version"] == model.version
    assert shown["sha256"] == hashlib.sha256(data).hexdigest()
    assert shown["card"] == {"rows": 4}
    listed = (await router.client.get("/v1/models")).json()["items"]
    assert model.version in {one["version"] for one in listed}
    assert (await router.client.get("/v1/models/unheard-of")).status_code == 404


def packed(payload: bytes) -> bytes:
    """What a model's file does with what is in it."""
    return b"lintas-suggester-1\n" + zlib.compress(payload)


def odd(**header: Any) -> bytes:
    """A model with something else in its header."""
    model = suggester()
    payload = model._payload()
    size = int.from_bytes(payload[:4], "little")
    head = json.dumps(json.loads(payload[4 : 4 + size]) | header).encode()
    changed = len(head).to_bytes(4, "little") + head + payload[4 + size :]
    return packed(changed)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"PK\x03\x04", id="another file"),
        pytest.param(suggester().to_bytes()[:-9], id="cut off"),
        pytest.param(odd(labels=["dlh", "dlh", "dpupr"]), id="a label twice"),
        pytest.param(odd(labels=[1, 2, 3]), id="labels that are no text"),
        pytest.param(odd(labels=["a\x00", "b", "c"]), id="NUL in a label"),
        pytest.param(odd(bias=[10**400, 0, 0]), id="a number without end"),
        pytest.param(odd(bias=["x", 0, 0]), id="a word for a number"),
        pytest.param(odd(units={"a": 1}), id="words that are no list"),
        pytest.param(odd(card=[1]), id="no card"),
        pytest.param(odd(card={"a": "\ud800"}), id="a lone surrogate in the card"),
        pytest.param(odd(card={"a": "x" * 70_000}), id="a card too large"),
        pytest.param(packed(b"\x01\x00\x00\x00["), id="a header that is no JSON"),
        pytest.param(packed(b"\xff\xff\xff\x7f{}"), id="a header larger than all"),
        pytest.param(packed((200_000).to_bytes(4, "little") + b"[" * 200_000), id="nested deep"),
    ],
)
async def test_what_is_no_model_is_refused(data, router):
    refused = await kept(router, data)
    assert refused.status_code == 422, refused.text
    assert refused.headers["content-type"] == "application/problem+json"
    (field,) = refused.json()["errors"]
    assert field["code"] in {"no_model", "no_card"}


async def test_a_model_too_large_or_of_another_type_is_refused(router):
    assert (await kept(router, b"x" * (33 << 20))).status_code == 413
    assert (await router.post("/v1/models", {})).status_code == 415


async def test_rules_name_a_model_and_decide_with_it(router):
    model = suggester()
    reference = {**named(await kept(router, model.to_bytes())), "threshold": 0.5}
    given = document("lubang", model=reference)
    await router.apply(given)
    answer = (await router.post("/v1/explain", {"text": "sampah bau"})).json()
    assert (answer["lead"], answer["model_version"]) == ("dlh", model.version)
    records = await read_to_end(router.kafka, "tests", [RULES])
    (told,) = [record for record in records if record.key == given["version"].encode()]
    assert json.loads(told.value)["ruleset"]["model"] == reference
    assert len(told.value) < 2_000


@pytest.mark.parametrize(
    ("change", "field"),
    [
        pytest.param({"version": "0" * 16}, "/model/version", id="not handed in"),
        pytest.param({"sha256": "0" * 64}, "/model/sha256", id="other bytes"),
        pytest.param({"agencies": ["pln"]}, "/model/version", id="of other agencies"),
    ],
)
async def test_a_model_that_cannot_be_used_is_refused_when_rules_name_it(change, field, router):
    reference = {**named(await kept(router, suggester().to_bytes())), "threshold": 0.5}
    agencies = change.pop("agencies", None)
    given = document(model=reference | change)
    if agencies:
        given["agencies"] = agencies
        given["rules"][0]["lead"] = agencies[0]
    for path in ("/v1/rulesets/lint", "/v1/rulesets"):
        refused = await router.post(path, given)
        assert refused.status_code == 422
        assert [one["pointer"] for one in refused.json()["errors"]] == [field]


async def test_a_bad_version_on_the_topic_leaves_the_one_in_force(router):
    current = document()
    await router.apply(current)
    now = datetime.now(UTC)
    bad = [
        RulesetPublished(
            event_id=derived_id(NAMESPACE, "ruleset", version),
            occurred_at=now,
            recorded_at=now,
            version=version,
            effective_at=now,
            ruleset=ruleset,
        )
        for version, ruleset in (
            ("bad-1", {"version": "bad-1", "rules": 7}),
            (
                "bad-2",
                document(version="bad-2", model={"version": "x", "sha256": "y", "threshold": 0}),
            ),
        )
    ]
    producer = KafkaProducer(router.kafka, "tests")
    try:
        await producer.send([OutRecord(RULES, b"bad-3", b"{", (("ce_type", b"lintas.odd"),))])
        await producer.send([encode(event, RULES, "router") for event in bad])
    finally:
        await producer.stop()

    async def refused() -> bool:
        metrics = (await router.client.get("/metrics")).text
        return "lintas_rules_waiting 1.0" in metrics

    await eventually(refused)
    assert await in_force(router) == current["version"]
    assert (await router.client.get("/readyz")).json()["probes"]["rules"] == {"ok": True}
    await router.apply(document())


async def test_publications_from_before_there_were_several_are_kept(empty_database):
    await migrations.migrate(empty_database, service._MIGRATIONS, to="0001")
    engine = create_engine(empty_database, application="tests")
    try:
        async with engine.begin() as connection:
            await connection.execute(
                text(
                    "INSERT INTO ruleset (version, sha256, rules, document, created_at,"
                    " created_by, published_at, published_by, effective_at) VALUES"
                    " ('a', repeat('0', 64), 1, '{}', now(), 'key:x', now(), 'key:x', now()),"
                    " ('b', repeat('0', 64), 1, '{}', now(), 'key:x', NULL, NULL, NULL)"
                )
            )
        await migrations.migrate(empty_database, service._MIGRATIONS)
        async with engine.begin() as connection:
            rows = await connection.execute(text("SELECT ruleset, number FROM publication"))
            assert [tuple(row) for row in rows] == [("a", 1)]
    finally:
        await engine.dispose()


def named(answer: Any) -> dict[str, str]:
    """How a rule set names the model of this answer."""
    return {name: answer.json()[name] for name in ("version", "sha256")}


async def test_two_who_publish_at_once_make_one_order(router):
    given = [document() for _ in range(5)]
    for one in given:
        await router.post("/v1/rulesets", one)
    answers = await asyncio.gather(*(router.publish(one["version"]) for one in given))
    assert {answer.status_code for answer in answers} == {200}
    listed = (await router.client.get("/v1/publications", params={"limit": 5})).json()["items"]
    records = await read_to_end(router.kafka, "tests", [RULES])

    async def told() -> bool:
        nonlocal records
        records = await read_to_end(router.kafka, "tests", [RULES])
        return {one["version"].encode() for one in listed} <= {record.key for record in records}

    await eventually(told)
    keys = [record.key.decode() for record in records if record.key][-5:]
    assert keys == [one["version"] for one in reversed(listed)]
