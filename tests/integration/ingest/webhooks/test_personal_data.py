"""What a platform tells of a person stays with us: sealed, or not kept at all."""

import io
import logging

import pytest

pytestmark = pytest.mark.stack

NAME, HANDLE, PHONE = "Kanari Wulandari", "kanari_warga77", "6281277349021"
PERSON, POST, THREAD = "900177349021", "770177349022", "880177349023"
TEXT = f"Saya {NAME}, hp +62 812-7734-9021, @{HANDLE}. Pipa bocor di Jl. Ahmad Yani"
CANARIES = ("kanari", "wulandari", "7734-9021", PHONE, PHONE[2:], PERSON, POST, THREAD)
SECONDS = 1_790_000_000


def _meta(channel: str, entry: dict[str, object]) -> dict[str, object]:
    kind = {"facebook": "page", "whatsapp": "whatsapp_business_account"}.get(channel, channel)
    return {"object": kind, "entry": [{"id": "500", "time": SECONDS} | entry]}


def _whatsapp(**message: object) -> dict[str, object]:
    value = {
        "metadata": {"display_phone_number": "62251", "phone_number_id": "33"},
        "contacts": [
            {"profile": {"name": NAME, "username": HANDLE}, "wa_id": PHONE, "user_id": PERSON}
        ],
        "messages": [
            {"from": PHONE, "from_user_id": PERSON, "id": POST, "timestamp": str(SECONDS)} | message
        ],
    }
    return _meta("whatsapp", {"changes": [{"field": "messages", "value": value}]})


def _telegram(**message: object) -> dict[str, object]:
    first, last = NAME.split()
    sender = {
        "id": int(PERSON),
        "is_bot": False,
        "first_name": first,
        "last_name": last,
        "username": HANDLE,
    }
    said = {"message_id": int(POST), "from": sender, "date": SECONDS}
    chat = {"id": int(PERSON), "type": "private"}
    return {"update_id": 9, "message": said | {"chat": chat} | message}


TOLD = {
    "x": {
        "data": {
            "event_uuid": 7,
            "filter": {"user_id": "100"},
            "event_type": "post.mention.create",
            "tag": "kota",
            "payload": {
                "id": POST,
                "text": f"@kota {TEXT}",
                "author_id": PERSON,
                "created_at": "2026-09-21T14:13:20.000Z",
                "conversation_id": THREAD,
                "entities": {"mentions": [{"id": "100", "username": "kota"}]},
            },
            "includes": {"users": [{"id": PERSON, "username": HANDLE, "name": NAME}]},
        }
    },
    "telegram": _telegram(text=TEXT, reply_to_message={"message_id": int(THREAD)}),
    "whatsapp": _whatsapp(type="text", text={"body": TEXT}, context={"id": THREAD}),
    "facebook": _meta(
        "facebook",
        {
            "changes": [
                {
                    "field": "feed",
                    "value": {
                        "item": "comment",
                        "verb": "add",
                        "comment_id": f"7_{POST}",
                        "post_id": f"500_{THREAD}",
                        "parent_id": f"500_{THREAD}",
                        "from": {"id": PERSON, "name": NAME},
                        "created_time": SECONDS,
                        "message": TEXT,
                    },
                }
            ]
        },
    ),
    "instagram": _meta(
        "instagram",
        {
            "changes": [
                {
                    "field": "comments",
                    "value": {
                        "id": POST,
                        "text": TEXT,
                        "from": {"id": PERSON, "username": HANDLE},
                        "media": {"id": THREAD, "media_product_type": "FEED"},
                    },
                }
            ]
        },
    ),
}
#: what nobody can read is set aside, or counted
ODD = {
    "x": {"data": {"event_type": "post.mention.create", "payload": {"id": POST, "text": TEXT}}},
    "telegram": {"update_id": 9, "message": {"text": TEXT, "from": {"username": HANDLE}}},
    "whatsapp": _whatsapp(type="unheard_of", unheard_of={"body": TEXT}),
    "facebook": _meta("facebook", {"changes": [{"field": "feed", "value": {"message": TEXT}}]}),
    "instagram": _meta("instagram", {"changes": [{"field": NAME, "value": {"text": TEXT}}]}),
}


@pytest.mark.parametrize("channel", TOLD)
async def test_no_detail_of_a_person_is_in_clear_in_a_table_an_answer_a_log_or_a_metric(
    webhooks, channel
):
    lines = io.StringIO()
    handler = logging.StreamHandler(lines)
    logging.getLogger().addHandler(handler)
    heard = await webhooks.post(channel, TOLD[channel])
    unread = await webhooks.post(channel, ODD[channel])
    refused = await webhooks.post(channel, TOLD[channel], {"X-Hub-Signature-256": "sha256=00"})
    logging.getLogger().removeHandler(handler)
    assert (heard.status_code, unread.status_code, refused.status_code) == (200, 200, 401)
    ingest = webhooks.ingest
    [text] = await webhooks.texts()
    assert "Pipa bocor di Jl. Ahmad Yani" in text

    places = {"answers": heard.text + unread.text + refused.text, "log": lines.getvalue()}
    places["metrics"] = (await ingest.http.get("/metrics")).text
    for table in await ingest.database.fetch(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
    ):
        rows = await ingest.database.fetch(f"SELECT * FROM {table['tablename']}")
        places[table["tablename"]] = "\n".join(
            value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
            for row in rows
            for value in row.values()
        )
    found = [
        (place, canary)
        for place, content in places.items()
        for canary in CANARIES
        if canary in content.casefold()
    ]
    assert found == []


@pytest.mark.parametrize("channel", TOLD)
async def test_a_person_is_erased_by_the_platforms_id(webhooks, channel):
    await webhooks.post(channel, TOLD[channel])
    ingest = webhooks.ingest
    answer = await ingest.http.post(
        "/v1/vault/erase",
        json={
            "purpose": "legal_order",
            "reporter": {"channel": channel, "account": "kota", "platform_id": PERSON},
        },
        headers=ingest.bearer("operator"),
    )
    assert (answer.status_code, answer.json()["complaints"]) == (200, 1)
    [text] = [event["mention"]["text"] for event in await ingest.events() if "mention" in event]
    assert text == "[ERASED]"
    assert {row["sealed"] for row in await ingest.database.fetch("SELECT sealed FROM mention")} == {
        b""
    }
