"""What people do after their first message, through the real route: edits, removals, new names."""

import json
from time import time

import pytest

pytestmark = pytest.mark.stack

SECONDS = 1_790_000_000


def feed(**value):
    given = {"item": "comment", "comment_id": "7_70", "post_id": "5_7", "from": {"id": "901"}}
    change = {"field": "feed", "value": given | value}
    return {"object": "page", "entry": [{"id": "5", "time": SECONDS, "changes": [change]}]}


def whatsapp(*messages, field="messages", **value):
    change = {"field": field, "value": {"messages": [*messages]} | value}
    return {"object": "whatsapp_business_account", "entry": [{"id": "5", "changes": [change]}]}


def message(number: int, text: str, **more):
    given = {"from": "6281234500001", "id": f"w{number}", "timestamp": str(SECONDS + number)}
    return given | {"type": "text", "text": {"body": text}} | more


async def kinds(webhooks) -> list[str]:
    rows = await webhooks.ingest.database.fetch("SELECT headers FROM outbox ORDER BY id")
    types = [dict(json.loads(row["headers"]))["ce_type"] for row in rows]
    return [kind.removeprefix("lintas.mention.").removesuffix(".v1") for kind in types]


async def tell(webhooks, channel, *bodies) -> None:
    for body in bodies:
        assert (await webhooks.post(channel, body)).status_code == 200


async def test_a_comment_is_edited_and_removed(webhooks):
    bodies = (
        feed(verb="add", message="Lubang"),
        feed(verb="edited", message="Lubang besar"),
        feed(verb="remove"),
    )
    # each of them twice: what is repeated tells nothing new
    await tell(webhooks, "facebook", *bodies, *bodies)
    assert await kinds(webhooks) == ["received", "edited", "withdrawn"]
    assert await webhooks.ingest.count("complaint") == 1


async def test_more_of_the_same_person_continues_the_conversation(webhooks):
    await tell(
        webhooks,
        "whatsapp",
        whatsapp(message(1, "Air mati")),
        whatsapp(message(2, "Masih mati", context={"id": "w1"})),
    )
    assert await kinds(webhooks) == ["received", "followed_up"]


async def test_a_message_is_edited_and_revoked(webhooks):
    edit = {"original_message_id": "w1", "message": {"type": "text", "text": {"body": "Air keruh"}}}
    await tell(
        webhooks,
        "whatsapp",
        whatsapp(message(1, "Air mati")),
        whatsapp(message(2, "", type="edit", edit=edit)),
        whatsapp(message(3, "", type="revoke", revoke={"original_message_id": "w1"})),
    )
    assert await kinds(webhooks) == ["received", "edited", "withdrawn"]
    assert await webhooks.ingest.count("complaint") == 1


async def test_a_person_under_a_new_id_goes_on_with_the_same_complaint(webhooks):
    def by(user: str, number: int, text: str):
        return message(number, text, from_user_id=user) | {"from": None}

    update = {"user_id": {"previous": "ID.1", "current": "ID.2"}}
    await tell(
        webhooks,
        "whatsapp",
        whatsapp(by("ID.1", 1, "Air mati")),
        whatsapp(field="user_id_update", user_id_update=[update]),
        whatsapp(
            by(
                "ID.2",
                2,
                "Masih mati",
            )
            | {"context": {"id": "w1"}}
        ),
    )
    assert await kinds(webhooks) == ["received", "followed_up"]


async def test_of_the_states_of_our_message_the_furthest_is_kept_in_any_order(webhooks):
    for state in ("read", "sent", "delivered"):
        # of today, as old ones are soon forgotten
        status = {"id": "w9", "status": state, "timestamp": str(int(time()))}
        await tell(webhooks, "whatsapp", whatsapp(statuses=[status]))
    row = await webhooks.ingest.database.fetchrow("SELECT state FROM delivery_report")
    assert row["state"] == "read"
    failed = {"id": "w9", "status": "failed", "errors": [{"code": 131047}]}
    await tell(webhooks, "whatsapp", whatsapp(statuses=[failed]), whatsapp(statuses=[status]))
    row = await webhooks.ingest.database.fetchrow("SELECT state, reason FROM delivery_report")
    assert (row["state"], row["reason"]) == ("failed", "131047")
    assert await kinds(webhooks) == []


async def test_an_edited_post_on_x_is_the_first_one_in_a_later_state(webhooks):
    def post(identity: str, text: str, history: list[str]):
        payload = {"id": identity, "author_id": "9", "text": text}
        payload["edit_history_tweet_ids"] = history
        return {"data": {"event_type": "post.mention.create", "payload": payload}}

    await tell(
        webhooks, "x", post("2001", "Lampu", ["2001"]), post("2009", "Lampu mati", ["2001", "2009"])
    )
    assert await kinds(webhooks) == ["received", "edited"]
