import asyncio
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest

from lintas.vocabulary.ticket import parse_ticket

pytestmark = pytest.mark.stack

POST = {"channel": "x", "account": "kotabogor", "external_id": "77001", "text": "Jalan berlubang"}


async def test_an_accepted_mention_is_in_the_vault_and_in_the_outbox_before_the_answer(ingest):
    answer = await ingest.post(POST)
    assert answer.status_code == 202
    body = answer.json()
    assert set(body) == {"mention_id", "complaint_id", "ticket", "status_url"}
    assert parse_ticket(body["ticket"]) == body["ticket"]
    assert body["ticket"].startswith("BGR-")
    assert body["status_url"].startswith(f"https://lapor.example/lacak/{body['ticket']}?k=")
    [event] = await ingest.events()
    assert event["complaint_id"] == body["complaint_id"]
    assert event["mention"]["mention_id"] == body["mention_id"]
    assert event["mention"]["ticket"] == body["ticket"]
    for table in ("complaint", "mention", "public_status", "reporter_key", "outbox"):
        assert await ingest.count(table) == 1, table


async def test_fifty_parallel_identical_requests_open_one_complaint(ingest):
    answers = await asyncio.gather(*[ingest.post(POST) for _ in range(50)])
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.text for answer in answers}) == 1
    assert (await ingest.count("complaint"), await ingest.count("outbox")) == (1, 1)


async def test_fifty_parallel_requests_with_one_key_open_one_complaint(ingest):
    said = {"channel": "web", "text": "Lampu jalan mati"}
    answers = await asyncio.gather(*[ingest.post(said, key="k-1") for _ in range(50)])
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.text for answer in answers}) == 1
    assert (await ingest.count("complaint"), await ingest.count("outbox")) == (1, 1)


async def test_the_same_requests_at_two_instances_open_one_complaint(ingest, start):
    async with start() as second:
        answers = await asyncio.gather(
            *[service.post(POST) for service in (ingest, second) for _ in range(20)],
            *[
                service.post({"channel": "web", "text": "Sampah"}, key="k")
                for service in (ingest, second)
                for _ in range(20)
            ],
        )
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.text for answer in answers}) == 2
    assert (await ingest.count("complaint"), await ingest.count("outbox")) == (2, 2)


async def test_a_redelivery_with_another_text_gets_the_same_answer_and_changes_nothing(ingest):
    first = await ingest.post(POST)
    [event] = await ingest.events()
    again = await ingest.post(POST | {"text": "Teks lain"})
    assert (again.status_code, again.json()) == (202, first.json())
    assert await ingest.events() == [event]


async def test_a_key_that_stands_for_another_body_is_refused_for_ever(ingest):
    said = {"channel": "web", "text": "Banjir di depan sekolah"}
    await ingest.post(said, key="once")
    for _ in range(2):
        refused = await ingest.post(said | {"text": "Lain"}, key="once")
        assert refused.status_code == 422
        assert refused.json()["type"] == "/problems/idempotency-key-reused"
    # also where the content has an identity of its own
    assert (await ingest.post(POST, key="once")).status_code == 422
    assert await ingest.count("complaint") == 1


async def test_of_two_bodies_that_race_for_a_key_one_is_kept(ingest):
    answers = await asyncio.gather(
        *[ingest.post({"channel": "web", "text": f"Teks {n % 2}"}, key="race") for n in range(20)]
    )
    assert sorted({answer.status_code for answer in answers}) == [202, 422]
    assert await ingest.count("complaint") == 1


async def test_without_external_id_and_without_key_it_is_refused(ingest):
    refused = await ingest.post({"channel": "web", "text": "Sampah menumpuk"})
    assert refused.status_code == 400
    pointers = [error["pointer"] for error in refused.json()["errors"]]
    assert pointers == ["/external_id", "#/header/Idempotency-Key"]


async def test_a_key_of_another_client_is_another_key(ingest):
    said = {"channel": "web", "text": "Trotoar rusak"}
    mine = await ingest.post(said, key="same")
    theirs = await ingest.post(said | {"text": "Lain"}, key="same", client="other-door")
    assert (mine.status_code, theirs.status_code) == (202, 202)
    assert mine.json()["complaint_id"] != theirs.json()["complaint_id"]


async def test_another_client_that_repeats_a_mention_gets_no_secret(ingest):
    mine = (await ingest.post(POST)).json()
    theirs = (await ingest.post(POST, client="other-door")).json()
    assert theirs["complaint_id"] == mine["complaint_id"]
    assert "k" in parse_qs(urlsplit(mine["status_url"]).query)
    assert theirs["status_url"] == f"https://lapor.example/lacak/{mine['ticket']}"


async def test_without_an_account_each_client_has_ids_of_its_own(ingest):
    said = {"channel": "web", "external_id": "1", "text": "Saluran mampet"}
    answers = [await ingest.post(said, client=client) for client in ("front-door", "other-door")]
    assert len({answer.json()["complaint_id"] for answer in answers}) == 2


async def test_a_taken_ticket_is_drawn_again(ingest, monkeypatch):
    drawn = iter([bytes(8), bytes(8), b"\x01" * 8])
    preparing = ingest.app.state.deps.commit._accept.__self__._preparing
    monkeypatch.setattr(preparing, "_random_bytes", lambda _: next(drawn))
    tickets = [
        (await ingest.post(POST | {"external_id": str(n)})).json()["ticket"] for n in range(2)
    ]
    assert [ticket[:13] for ticket in tickets] == ["BGR-2222-2222", "BGR-3333-3333"]


async def test_reports_of_one_reporter_share_a_data_key_and_those_of_unknown_ones_do_not(ingest):
    known = POST | {"author": {"handle": "@Warga_Satu"}}
    await ingest.post(known | {"external_id": "1"})
    await ingest.post(known | {"external_id": "2", "author": {"handle": "warga_satu"}})
    assert await ingest.count("reporter_key") == 1
    await ingest.batch([POST | {"external_id": str(n)} for n in (3, 4)])
    assert await ingest.count("reporter_key") == 3


async def test_the_event_carries_the_trace_and_starts_the_story(ingest):
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    headers = ingest.bearer("front-door") | {"traceparent": f"00-{trace}-00f067aa0ba902b7-01"}
    await ingest.http.post("/v1/mentions", json=POST, headers=headers)
    row = await ingest.database.fetchrow("SELECT key, topic, headers FROM outbox")
    import json

    found = dict(json.loads(row["headers"]))
    assert found["traceparent"].split("-")[1] == trace
    assert found["ce_correlationid"] == found["ce_id"]
    assert found["ce_partitionkey"] == row["key"].decode()
    assert found["ce_type"] == "lintas.mention.received.v1"
    assert row["topic"] == "lintas.mentions.v1"
    UUID(found["ce_id"])


@pytest.mark.parametrize(
    ("author", "own"),
    [
        pytest.param({"handle": "@PemkotBogor"}, True, id="the city's own account"),
        pytest.param({"handle": "pemkotbogor_fans"}, False, id="a name that only begins like it"),
        pytest.param(None, False, id="nobody named"),
    ],
)
async def test_posts_of_the_citys_own_accounts_are_marked(ingest, author, own):
    await ingest.post(POST | ({"author": author} if author else {}))
    [event] = await ingest.events()
    assert event["mention"]["own_post"] is own


async def test_everything_a_mention_may_say_is_taken(ingest):
    said = POST | {
        "in_reply_to": "76000",
        "posted_at": "2026-03-17T08:00:00+07:00",
        "author": {"handle": "warga1", "stakeholder": "ngo"},
        "location": {"lat": -6.6, "lon": 106.8, "address": "Jl. Pajajaran depan kampus"},
        "media": [{"url": "https://foto.example/1.jpg", "media_type": "image/jpeg"}],
        "class": "aspiration",
        "category": "road_damage",
        "anonymity": "open",
    }
    answer = await ingest.post(said)
    assert answer.status_code == 202, answer.text
    [event] = await ingest.events()
    mention = event["mention"]
    assert mention["posted_at"] == "2026-03-17T01:00:00Z"
    assert (mention["stakeholder"], mention["stated_class"]) == ("ngo", "aspiration")
    assert mention["stated_category"] == "road_damage"
    assert (mention["anonymity"], mention["external_id"]) == ("open", "77001")
    assert mention["location"] == {
        "lat": -6.6,
        "lon": 106.8,
        "address": "Jl. Pajajaran depan kampus",
    }


async def test_until_a_city_is_known_nothing_is_accepted(empty_database, environ, start):
    from ingest.app import migrate

    await migrate(environ | {"LINTAS_DATABASE_OWNER_URL": empty_database})
    async with start(wait_for_city=False) as service:
        refused = await service.post(POST)
        ready = await service.http.get("/readyz")
    assert (refused.status_code, ready.status_code) == (503, 503)
    assert refused.headers["retry-after"]
    assert ready.json()["probes"]["city"]["why"] == "no city pack is applied"


async def test_the_documents_show_every_route_and_its_body(ingest):
    document = (await ingest.http.get("/openapi.json")).json()
    paths = document["paths"]
    assert {
        *("/v1/mentions", "/v1/mentions/batch", "/v1/complaints/{ticket}", "/v1/vault/unseal"),
        "/lacak/{ticket}",
    } <= set(paths)
    body = paths["/v1/mentions"]["post"]["requestBody"]["content"]["application/json"]
    fields = document["components"]["schemas"][body["schema"]["$ref"].rpartition("/")[2]]
    assert {"channel", "text", "class", "anonymity"} <= set(fields["properties"])
    assert fields["additionalProperties"] is False
