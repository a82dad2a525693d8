from datetime import UTC, datetime

import pytest

from ingest.channels.accounts import Unread
from ingest.domain.heard import Edited, Noted, Posted, Withdrawn
from ingest.domain.mentions import Attachment, Author, Place, Reply

US = "100"
AT = datetime(2026, 9, 21, 14, 13, 20, tzinfo=UTC)
MS = str(int(AT.timestamp() * 1000))
POST = {
    "id": "2001",
    "text": "@kota lampu mati",
    "author_id": "901",
    "created_at": "2026-09-21T14:13:20.000Z",
    "conversation_id": "2001",
    "lang": "in",
    "edit_history_tweet_ids": ["2001"],
}
MENTIONED = {"mentions": [{"id": US, "username": "kota", "start": 0, "end": 5}]}
USERS = [{"id": "901", "username": "sariw", "name": "Sari W"}]


def activity(kind, payload, includes=None, **more):
    data = {
        "event_uuid": -77,
        "filter": {"user_id": US},
        "event_type": kind,
        "tag": "kota",
        "payload": payload,
        "includes": includes or {},
    }
    return {"data": data | more}


def test_a_mention_is_heard_and_may_be_answered(told):
    [posted] = told(
        "x", activity("post.mention.create", POST | {"entities": MENTIONED}, {"users": USERS})
    )
    said = posted.said
    assert (said.external_id, said.text, said.posted_at) == ("2001", "@kota lampu mati", AT)
    assert said.author == Author(handle="sariw", name="Sari W", platform_id="901")
    assert (said.conversation, said.language, said.public) == ("2001", "id", True)
    assert said.reply == Reply(in_public=True)


def test_one_post_that_comes_as_mention_and_as_reply_is_told_alike(told):
    reply = POST | {
        "in_reply_to_tweet_id": "1500",
        "in_reply_to_user_id": US,
        "conversation_id": "1500",
        "entities": MENTIONED,
    }
    [as_mention] = told("x", activity("post.mention.create", reply, {"users": USERS}))
    [as_reply] = told("x", activity("post.reply.create", reply, {"users": USERS}))
    assert as_mention == as_reply


def test_a_reply_that_does_not_call_us_may_not_be_answered(told):
    reply = POST | {"in_reply_to_tweet_id": "1500", "conversation_id": "1500"}
    [posted] = told("x", activity("post.reply.create", reply))
    said = posted.said
    assert (said.in_reply_to, said.conversation) == ("1500", "1500")
    assert said.reply == Reply(in_public=False)
    assert said.author == Author(platform_id="901")


@pytest.mark.parametrize(
    ("kind", "post", "includes", "called"),
    [
        ("post.quote.create", {}, {}, True),
        (
            "post.reply.create",
            {"referenced_tweets": [{"type": "quoted", "id": "1400"}]},
            {"tweets": [{"id": "1400", "author_id": US}]},
            True,
        ),
        (
            "post.reply.create",
            {"referenced_tweets": [{"type": "quoted", "id": "1400"}]},
            {"tweets": [{"data": {"id": "1400", "author_id": US}}]},
            True,
        ),
        (
            "post.reply.create",
            {"referenced_tweets": [{"type": "quoted", "id": "1400"}]},
            {"tweets": [{"id": "1400", "author_id": "555"}]},
            False,
        ),
        ("post.reply.create", {"entities": {"mentions": [{"id": "555"}]}}, {}, False),
        ("post.reply.create", {"entities": MENTIONED}, {}, True),
    ],
)
def test_whether_the_author_called_us(told, kind, post, includes, called):
    [posted] = told("x", activity(kind, POST | post, includes))
    assert posted.said.reply == Reply(in_public=called)


def test_users_may_be_wrapped(told):
    includes = {"users": [{"data": USERS[0]}]}
    [posted] = told("x", activity("post.mention.create", POST, includes))
    assert posted.said.author.handle == "sariw"


def test_an_edited_post_has_a_new_id_and_is_a_revision_of_the_first(told):
    edit = POST | {"id": "2009", "edit_history_tweet_ids": ["2001", "2005", "2009"]}
    [edited] = told("x", activity("post.mention.create", edit))
    assert isinstance(edited, Edited)
    assert (edited.said.external_id, edited.said.revision) == ("2001", "2009")


def test_our_own_post_is_marked(told):
    [posted] = told("x", activity("post.create", POST | {"author_id": US}))
    assert (posted.said.own, posted.said.reply) == (True, None)


def test_a_deleted_post_is_withdrawn(told):
    payload = {"id": "2001", "author_id": "901"}
    assert told("x", activity("post.delete", payload)) == [Withdrawn("x", "kota", "2001", None)]


def test_a_direct_message_is_private(told):
    payload = {
        "direct_message_events": [
            {
                "type": "message_create",
                "id": "3001",
                "created_timestamp": MS,
                "message_create": {
                    "target": {"recipient_id": US},
                    "sender_id": "901",
                    "message_data": {"text": "Halo", "entities": {}},
                },
            }
        ],
        "users": {"901": {"id": "901", "name": "Sari W", "screen_name": "sariw"}},
    }
    [posted] = told("x", activity("dm.received", payload))
    said = posted.said
    assert (said.external_id, said.text, said.posted_at) == ("3001", "Halo", AT)
    assert (said.public, said.conversation) == (False, "901")
    assert said.author == Author(handle="sariw", name="Sari W", platform_id="901")
    [old] = told("x", {"for_user_id": US} | payload)
    assert old == posted


@pytest.mark.parametrize(
    ("kind", "noted"),
    [
        ("chat.received", "encrypted"),
        ("oauth.revoke", "notice"),
        ("follow.follow", "notice"),
    ],
)
def test_what_nobody_can_answer_is_counted(told, kind, noted):
    assert told("x", activity(kind, {"id": "1"})) == [Noted("x", "kota", noted)]


OLD = {
    "id_str": "2001",
    "created_at": "Mon Sep 21 14:13:20 +0000 2026",
    "text": "@kota lampu ma…",
    "user": {"id_str": "901", "screen_name": "sariw", "name": "Sari W"},
    "lang": "in",
    "entities": {"user_mentions": [{"id_str": US, "indices": [0, 5]}]},
}


def test_the_older_body_is_heard_too(told):
    full = {
        "full_text": "@kota lampu mati di Jalan Baru",
        "entities": OLD["entities"],
        "display_text_range": [0, 30],
        "extended_entities": {"media": [{"media_url_https": "https://pbs/1.jpg"}]},
    }
    post = OLD | {
        "extended_tweet": full,
        "coordinates": {"type": "Point", "coordinates": [106.8, -6.6]},
    }
    [posted] = told("x", {"for_user_id": US, "tweet_create_events": [post]})
    said = posted.said
    assert (said.external_id, said.text, said.posted_at) == ("2001", full["full_text"], AT)
    assert said.media == (Attachment("https://pbs/1.jpg"),)
    assert said.place == Place(lat=-6.6, lon=106.8)
    assert said.reply == Reply(in_public=True)


def test_a_mention_that_the_platform_put_in_front_of_a_reply_calls_nobody(told):
    reply = OLD | {"display_text_range": [6, 20], "in_reply_to_status_id_str": "1500"}
    [posted] = told("x", {"for_user_id": US, "tweet_create_events": [reply]})
    assert posted.said.reply == Reply(in_public=False)
    assert posted.said.in_reply_to == "1500"


def test_a_quote_of_ours_calls_us(told):
    quote = OLD | {"entities": {}, "quoted_status": {"user": {"id_str": US}}}
    [posted] = told("x", {"for_user_id": US, "tweet_create_events": [quote]})
    assert posted.said.reply == Reply(in_public=True)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({"tweet_create_events": [OLD | {"retweeted_status": {"id_str": "1"}}]}, "share"),
        ({"favorite_events": [{"id": "1"}]}, "reaction"),
        ({"follow_events": [{}]}, "notice"),
        ({"user_event": {"revoke": {}}}, "notice"),
        ({"direct_message_indicate_typing_events": [{}]}, "notice"),
    ],
)
def test_what_else_the_older_body_tells_is_counted(told, body, kind):
    assert told("x", {"for_user_id": US} | body) == [Noted("x", "kota", kind)]


def test_an_older_deletion_withdraws(told):
    deletion = {"status": {"id": "2001", "user_id": "901"}, "timestamp_ms": MS}
    assert told("x", {"for_user_id": US, "tweet_delete_events": [deletion]}) == [
        Withdrawn("x", "kota", "2001", AT)
    ]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (activity("space.start", {}), "unknown"),
        (activity("post.mention.create", {"id": "1"}), "unreadable"),
        (activity("dm.received", {}), "unreadable"),
        (activity("post.mention.create", POST, filter={"user_id": "101"}), "other_account"),
        ({"for_user_id": "101", "tweet_create_events": [OLD]}, "other_account"),
        ({"for_user_id": US, "hologram_events": [{}]}, "unknown"),
        ({"data": "text"}, "unreadable"),
        ({}, "unknown"),
    ],
)
def test_what_we_do_not_know_is_set_aside(told, body, reason):
    [unread] = told("x", body)
    assert isinstance(unread, Unread)
    assert unread.reason == reason


def test_a_bad_post_spoils_no_other(told):
    posts = [OLD, {"id_str": "2002"}, OLD | {"id_str": "2003"}]
    heard = told("x", {"for_user_id": US, "tweet_create_events": posts})
    assert [type(one) for one in heard] == [Posted, Unread, Posted]
