"""What becomes of genuine deliveries: kept whole, or sent again."""

import json
import secrets as random
from time import monotonic

import pytest

from ingest.app import create_app

pytestmark = pytest.mark.stack


def posts(*values):
    changes = [{"field": "feed", "value": value} for value in values]
    return {"object": "page", "entry": [{"id": "5", "time": 1_790_000_000, "changes": changes}]}


def post(number: int, **more):
    given = {"item": "post", "verb": "add", "post_id": f"5_{number}", "message": f"Lubang {number}"}
    return given | more


async def aside(webhooks) -> list[str]:
    rows = await webhooks.ingest.database.fetch("SELECT reason FROM set_aside ORDER BY reason")
    return [row["reason"] for row in rows]


async def test_a_batch_is_kept_without_its_bad_and_its_unknown_parts(webhooks):
    body = posts(post(1), post(2, message=7), post(3, item="hologram"), post(4))
    assert (await webhooks.post("facebook", body)).status_code == 200
    assert sorted(await webhooks.texts()) == ["Lubang 1", "Lubang 4"]
    assert await aside(webhooks) == ["unknown", "unreadable"]


#: bodies nobody can read, by what they are
UNREADABLE = {
    "empty": b"",
    "no JSON": b"not json",
    "a list": b"[]",
    "null": b"null",
    "UTF-16": "{}".encode("utf-16"),
    "not UTF-8": b'{"object":"page\xff"}',
    "40 deep": b'{"a":' * 40 + b"1" + b"}" * 40,
    "100,000 deep": b"[" * 100_000,
    "a key twice": b'{"object":"page","object":"page","entry":[]}',
    "200,000 values": b'{"object":"page","entry":[' + b"[]," * 200_000 + b"[]]}",
    "NaN": b'{"object":"page","entry":NaN}',
}


async def test_a_genuine_body_nobody_can_read_is_set_aside_and_answered_200(webhooks):
    for number, (what, body) in enumerate(UNREADABLE.items(), start=1):
        answer = await webhooks.post("facebook", body)
        assert (answer.status_code, answer.content) == (200, b""), what
        assert await aside(webhooks) == ["unreadable"] * number, what
    assert await webhooks.ingest.count("complaint") == 0


async def test_what_is_set_aside_is_sealed(webhooks):
    await webhooks.post("facebook", b"rahasia sekali")
    row = await webhooks.ingest.database.fetchrow("SELECT * FROM set_aside")
    assert (row["channel"], row["account"]) == ("facebook", "kota")
    assert b"rahasia" not in row["sealed"]


async def test_half_a_character_does_not_cost_the_delivery(webhooks):
    body = json.dumps(posts(post(1, message="Jalan X rusak"))).replace("X", "\\ud83d").encode()
    assert (await webhooks.post("facebook", body)).status_code == 200
    assert await webhooks.texts() == ["Jalan � rusak"]


async def test_strangers_under_one_post_stay_apart(webhooks):
    comments = [
        {
            "item": "comment",
            "verb": "add",
            "comment_id": f"1_{number}",
            "post_id": "5_1",
            "parent_id": "5_1",
            "from": {"id": str(number)},
            "message": "Saya juga",
        }
        for number in (10, 11)
    ]
    await webhooks.post("facebook", posts(*comments))
    assert await webhooks.ingest.count("complaint") == 2


async def test_one_post_that_comes_as_mention_and_as_reply_is_one(webhooks):
    payload = {"id": "1", "author_id": "9", "text": "Lampu mati"}
    for kind in ("post.mention.create", "post.reply.create"):
        event = {"event_uuid": str(random.randbits(60)), "event_type": kind, "payload": payload}
        assert (await webhooks.post("x", {"data": event})).status_code == 200
    assert await webhooks.texts() == ["Lampu mati"]


async def test_reactions_and_receipts_open_nothing(webhooks):
    value = {"item": "reaction", "verb": "add", "post_id": "5_1"}
    assert (await webhooks.post("facebook", posts(value))).status_code == 200
    assert await webhooks.nothing_left()


async def test_one_part_that_breaks_us_costs_no_other(webhooks, monkeypatch):
    hearing = webhooks.ingest.app.state.deps.hearing
    hear = hearing.hear

    async def breaks(heard, **more):
        if any(one.said.text == "Lubang 2" for one in heard):
            raise KeyError("a bug")
        return await hear(heard, **more)

    monkeypatch.setattr(hearing, "hear", breaks)
    body = posts(post(1), post(2), post(3))
    assert (await webhooks.post("facebook", body)).status_code == 200
    assert sorted(await webhooks.texts()) == ["Lubang 1", "Lubang 3"]
    assert await aside(webhooks) == ["unforeseen"]


async def test_beyond_the_bound_of_the_outbox_the_platform_is_to_come_again(
    database, start, as_platform, until
):
    async with start(LINTAS_OUTBOX_BOUND="1") as ingest:
        webhooks = as_platform(ingest)
        assert (await webhooks.post("facebook", posts(post(1)))).status_code == 200
        answer = await webhooks.post("facebook", posts(post(2)))
        assert answer.status_code == 503
        assert int(answer.headers["retry-after"]) > 0
        assert await webhooks.texts() == ["Lubang 1"]


@pytest.fixture
def away(environ) -> dict[str, str]:
    """Settings of an ingest that has neither Kafka nor PostgreSQL."""
    return environ | {
        "LINTAS_DATABASE_URL": "postgresql+asyncpg://ingest:n0b0dy-there@127.0.0.1:9/none"
    }


async def test_without_the_database_handshakes_are_answered_and_deliveries_refused(
    away, as_platform, secrets
):
    app = create_app(away)
    async with app.router.lifespan_context(app):
        webhooks = as_platform(Gone(app))
        async with webhooks.ingest.http:
            started = monotonic()
            check = await webhooks.get("x", crc_token="token-1")
            hello = await webhooks.get(
                "facebook",
                hub__mode="subscribe",
                hub__challenge="1",
                hub__verify_token=secrets["meta-verify"],
            )
            assert (check.status_code, hello.status_code) == (200, 200)
            assert monotonic() - started < 1
            refused = await webhooks.post("facebook", posts(post(1)))
            assert refused.status_code == 503
            assert int(refused.headers["retry-after"]) > 0
            aside = await webhooks.post("facebook", b"not json")
            assert aside.status_code == 503


class Gone:
    """A service without a database to look into."""

    def __init__(self, app) -> None:
        import httpx2

        transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
        self.http = httpx2.AsyncClient(transport=transport, base_url="http://ingest")


@pytest.mark.parametrize("channel", ["facebook", "whatsapp", "telegram"])
async def test_nul_characters_are_taken_out_of_what_a_platform_passes_on(webhooks, channel):
    """A person's odd keyboard must not make a platform turn our address off."""
    text, name = "Lampu\x00 mati", "Si\x00ti"
    value = {
        "facebook": {"item": "post", "verb": "add", "post_id": "5_1", "message": text}
        | {"from": {"id": "9", "name": name}},
        "whatsapp": {"contacts": [{"profile": {"name": name}, "wa_id": "62811"}]}
        | {"messages": [{"from": "62811", "id": "w1", "type": "text", "text": {"body": text}}]},
    }.get(channel)
    field = "feed" if channel == "facebook" else "messages"
    kind = "page" if channel == "facebook" else "whatsapp_business_account"
    entry = {"id": "5", "time": 1, "changes": [{"field": field, "value": value}]}
    body = {"object": kind, "entry": [entry]}
    if channel == "telegram":
        chat = {"id": 7, "type": "private"}
        message = {"message_id": 1, "chat": chat, "text": text}
        body = {"update_id": 1, "message": message | {"from": {"id": 7, "first_name": name}}}
    assert (await webhooks.post(channel, body)).status_code == 200
    assert await webhooks.texts() == ["Lampu mati"]
    assert await webhooks.ingest.count("set_aside") == 0
    [event] = await webhooks.ingest.events()
    sealed = {"complaint_id": event["complaint_id"]} | {
        name: event["mention"]["sealed"][name] for name in ("key_id", "data")
    }
    answer = await webhooks.ingest.http.post(
        "/v1/vault/unseal",
        json={"purpose": "delivery", "items": [sealed]},
        headers=webhooks.ingest.bearer("agency-gateway"),
    )
    [opened] = answer.json()["items"]
    assert opened["content"]["author"]["name"] == "Siti"
    assert "\\u0000" not in answer.text
