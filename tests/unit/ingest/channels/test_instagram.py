import json
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from ingest.domain.heard import Pointed, Posted, Reported, Withdrawn
from ingest.domain.mentions import Attachment, Author, Reply
from lintas.vocabulary.terms import PrivateWay

US = "178"
AT = datetime(2026, 9, 21, 14, 13, 20, tzinfo=UTC)
WRITTEN = "2026-09-21T14:13:20+0000"
SECONDS = int(AT.timestamp())
COMMENTED = {
    "id": 1001,
    "text": "Trotoar rusak",
    "from": {"id": "901", "username": "sari.w"},
    "media": {"id": "5001", "media_product_type": "FEED"},
}
ONCE = ((PrivateWay.ONCE, AT + timedelta(days=7)),)


def delivery(field, value):
    changes = [{"field": field, "value": value}]
    return {"object": "instagram", "entry": [{"id": US, "time": SECONDS, "changes": changes}]}


def chat(message):
    item = {
        "sender": {"id": "77"},
        "recipient": {"id": US},
        "timestamp": SECONDS * 1000,
        "message": message,
    }
    return {"object": "instagram", "entry": [{"id": US, "time": SECONDS, "messaging": [item]}]}


def test_a_comment_at_the_top_may_be_answered_in_public(told):
    [posted] = told("instagram", delivery("comments", COMMENTED))
    said = posted.said
    assert (said.external_id, said.text, said.posted_at) == ("1001", "Trotoar rusak", AT)
    assert said.author == Author(handle="sari.w", platform_id="901")
    assert (said.conversation, said.in_reply_to) == ("1001", "5001")
    assert said.reply == Reply(in_public=True, in_private=ONCE)


@pytest.mark.parametrize(
    ("field", "more"),
    [
        pytest.param("comments", {"parent_id": "1000"}, id="below another"),
        pytest.param("live_comments", {}, id="live"),
    ],
)
def test_other_comments_only_once_in_private_within_days(told, field, more):
    [posted] = told("instagram", delivery(field, COMMENTED | more))
    assert posted.said.reply == Reply(
        in_public=False, until=AT + timedelta(days=7), in_private=ONCE
    )
    assert posted.said.conversation == more.get("parent_id", "1001")


def test_our_own_comment_is_marked(told):
    [posted] = told("instagram", delivery("comments", COMMENTED | {"from": {"id": US}}))
    assert (posted.said.own, posted.said.reply) == (True, None)


def test_a_comment_may_lack_its_media(told):
    value = {name: COMMENTED[name] for name in ("id", "text", "from")}
    [posted] = told("instagram", delivery("comments", value))
    assert posted.said.in_reply_to is None


@pytest.mark.parametrize(
    ("value", "identity", "fields"),
    [
        pytest.param(
            {"media_id": 5, "comment_id": 6},
            "6",
            "mentioned_comment.comment_id(6){text,timestamp,id,username}",
            id="in a comment",
        ),
        pytest.param(
            {"media_id": 5},
            "5",
            "mentioned_media.media_id(5){caption,timestamp,media_type,username}",
            id="in a caption",
        ),
    ],
)
def test_a_mention_is_pointed_to_and_asked_of_the_mentioned_account(
    told, account, value, identity, fields
):
    [pointed] = told("instagram", delivery("mentions", value))
    assert isinstance(pointed, Pointed)
    assert pointed.external_id == identity
    url = urlsplit(account("instagram").question(pointed).url)
    assert url.path == f"/v25.0/{US}"
    assert parse_qs(url.query) == {"fields": [fields]}


@pytest.mark.parametrize(
    ("ids", "answer", "in_reply_to"),
    [
        (
            (("user_id", US), ("media_id", "5"), ("comment_id", "6")),
            {"mentioned_comment": {"text": "@kota tolong", "id": "6", "timestamp": WRITTEN}},
            "5",
        ),
        (
            (("user_id", US), ("media_id", "5")),
            {"mentioned_media": {"caption": "@kota tolong", "timestamp": WRITTEN}},
            None,
        ),
    ],
)
def test_the_answer_is_heard(account, ids, answer, in_reply_to):
    pointed = Pointed("instagram", "kota", dict(ids).get("comment_id", "5"), ids)
    [posted] = account("instagram").answer(pointed, json.dumps(answer).encode())
    assert isinstance(posted, Posted)
    assert (posted.said.text, posted.said.posted_at) == ("@kota tolong", AT)
    assert (posted.said.external_id, posted.said.in_reply_to) == (pointed.external_id, in_reply_to)


@pytest.mark.parametrize("answer", [b"{}", b"[]", b"", b'{"error":{"code":190}}'])
def test_an_answer_without_the_text_is_set_aside(account, answer):
    pointed = Pointed("instagram", "kota", "5", (("user_id", US), ("media_id", "5")))
    [unread] = account("instagram").answer(pointed, answer)
    assert unread.reason in {"unknown", "unreadable"}


def test_direct_messages_are_private_and_a_story_is_a_file(told):
    story = [{"type": "story_mention", "payload": {"url": "https://cdn/s"}}]
    [posted] = told("instagram", chat({"mid": "i1", "attachments": story}))
    assert posted.said.media == (Attachment("https://cdn/s"),)
    day = AT + timedelta(hours=24)
    assert posted.said.reply == Reply(
        in_public=False, until=day, in_private=((PrivateWay.FREE, day),)
    )


def test_an_unsent_message_is_withdrawn(told):
    [withdrawn] = told("instagram", chat({"mid": "i1", "is_deleted": True}))
    assert withdrawn == Withdrawn("instagram", "kota", "i1", AT)


def test_our_echo_is_our_own(told):
    posted, reported = told("instagram", chat({"mid": "i2", "text": "ya", "is_echo": True}))
    assert posted.said.own
    assert isinstance(reported, Reported)


def test_another_field_is_unknown(told):
    [unread] = told("instagram", delivery("story_insights", {"media_id": "5"}))
    assert unread.reason == "unknown"
