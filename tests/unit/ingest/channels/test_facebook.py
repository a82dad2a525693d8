from datetime import UTC, datetime, timedelta

import pytest

from ingest.channels.accounts import Unread
from ingest.domain.heard import Edited, Noted, Pointed, Posted, Reported, Withdrawn
from ingest.domain.mentions import Attachment, Author, Place, Reply
from lintas.vocabulary.terms import PrivateWay

PAGE, POST, COMMENT = "500", "500_7", "7_70"
AT = datetime(2026, 9, 21, 14, 13, 20, tzinfo=UTC)
SECONDS = int(AT.timestamp())
EDITED_AT = SECONDS + 600
COMMENTED = {
    "item": "comment",
    "verb": "add",
    "comment_id": COMMENT,
    "post_id": POST,
    "parent_id": POST,
    "from": {"id": 901, "name": "Sari W"},
    "created_time": SECONDS,
    "message": "Jalan di depan pasar berlubang",
}
#: one message in private besides
COMMENTED_REPLY = Reply(in_public=True, in_private=((PrivateWay.ONCE, AT + timedelta(days=7)),))


def feed(*values, field="feed", at=EDITED_AT):
    changes = [{"field": field, "value": value} for value in values]
    return {"object": "page", "entry": [{"id": PAGE, "time": at, "changes": changes}]}


def chat(*messages):
    return {"object": "page", "entry": [{"id": PAGE, "time": SECONDS, "messaging": [*messages]}]}


def message(**more):
    return {
        "sender": {"id": 77},
        "recipient": {"id": PAGE},
        "timestamp": SECONDS * 1000,
        "message": {"mid": "m_1", "text": "Halo"} | more,
    }


def test_a_visitors_comment_is_heard_with_who_when_where_and_how_to_answer(told):
    [posted] = told("facebook", feed(COMMENTED))
    assert isinstance(posted, Posted)
    said = posted.said
    assert (said.channel, said.account, said.external_id) == ("facebook", "kota", COMMENT)
    assert said.text == "Jalan di depan pasar berlubang"
    assert said.author == Author(platform_id="901", name="Sari W")
    assert (said.posted_at, said.in_reply_to, said.conversation) == (AT, POST, COMMENT)
    assert (said.public, said.own, said.reply) == (True, False, COMMENTED_REPLY)


def test_a_mention_elsewhere_is_answered_in_public_alone(told):
    elsewhere = COMMENTED | {"post_id": "8_7", "parent_id": "8_7"}
    [posted] = told("facebook", feed(elsewhere, field="mention"))
    assert posted.said.reply == Reply(in_public=True)


@pytest.mark.parametrize(
    ("parent", "conversation"),
    [
        pytest.param(POST, COMMENT, id="at the top it begins one of its own"),
        pytest.param("7_60", "7_60", id="below a comment it belongs to that one"),
    ],
)
def test_a_conversation_is_the_comment_at_the_top_and_never_our_post(told, parent, conversation):
    [posted] = told("facebook", feed(COMMENTED | {"parent_id": parent}))
    assert posted.said.conversation == conversation
    assert posted.said.in_reply_to == parent


@pytest.mark.parametrize("item", ["post", "status", "photo", "video", "share", "album"])
def test_a_visitors_post_of_any_kind_is_heard(told, item):
    value = {
        "item": item,
        "verb": "add",
        "post_id": POST,
        "sender_id": 901,
        "sender_name": "Sari W",
        "message": "Sampah menumpuk",
        "created_time": SECONDS,
    }
    [posted] = told("facebook", feed(value))
    assert (posted.said.external_id, posted.said.conversation) == (POST, POST)
    assert posted.said.author == Author(platform_id="901", name="Sari W")
    assert posted.said.in_reply_to is None


def test_pictures_come_along_once_each(told):
    value = COMMENTED | {
        "photo": "https://a/1.jpg",
        "photos": ["https://a/1.jpg", "https://a/2.jpg"],
    }
    [posted] = told("facebook", feed(value))
    assert posted.said.media == (Attachment("https://a/1.jpg"), Attachment("https://a/2.jpg"))
    [posted] = told(
        "facebook",
        feed({"item": "photo", "post_id": POST, "link": "https://a/3.jpg", "message": ""}),
    )
    assert posted.said.media == (Attachment("https://a/3.jpg"),)


def test_what_the_page_itself_says_is_marked_as_its_own(told):
    [posted] = told("facebook", feed(COMMENTED | {"from": {"id": PAGE, "name": "Kota"}}))
    assert (posted.said.own, posted.said.reply) == (True, None)


@pytest.mark.parametrize("verb", ["edit", "edited"])
def test_an_edit_is_a_later_revision_of_the_same_comment(told, verb):
    value = COMMENTED | {"verb": verb, "message": "Sudah makin parah"}
    [edited] = told("facebook", feed(value))
    assert isinstance(edited, Edited)
    assert (edited.said.external_id, edited.said.revision) == (COMMENT, str(EDITED_AT))
    assert edited.said.text == "Sudah makin parah"


@pytest.mark.parametrize("verb", ["remove", "hide"])
def test_a_removal_has_no_text_and_withdraws(told, verb):
    value = {"item": "comment", "verb": verb, "comment_id": COMMENT, "post_id": POST}
    [withdrawn] = told("facebook", feed(value, at=SECONDS))
    assert withdrawn == Withdrawn("facebook", "kota", COMMENT, AT)


def test_what_is_shown_again_is_an_edit_if_it_has_its_text(told):
    [edited] = told("facebook", feed(COMMENTED | {"verb": "unhide"}))
    assert isinstance(edited, Edited)
    value = {"item": "comment", "verb": "unhide", "comment_id": COMMENT, "post_id": POST}
    assert told("facebook", feed(value)) == [Noted("facebook", "kota", "notice")]


@pytest.mark.parametrize("item", ["reaction", "like"])
def test_reactions_are_counted(told, item):
    value = {"item": item, "verb": "add", "reaction_type": "angry", "post_id": POST}
    assert told("facebook", feed(value)) == [Noted("facebook", "kota", "reaction")]


def test_a_mention_elsewhere_may_have_no_author(told):
    value = {"item": "post", "verb": "add", "post_id": "88_1", "message": "Kota, tolong"}
    [posted] = told("facebook", feed(value, field="mention"))
    assert posted.said.author == Author()
    assert posted.said.external_id == "88_1"


def test_a_mention_without_words_is_pointed_to(told, account):
    value = {"item": "post", "verb": "add", "post_id": "88_1"}
    [pointed] = told("facebook", feed(value, field="mention"))
    assert pointed == Pointed("facebook", "kota", "88_1", (("page_id", PAGE),))
    question = account("facebook").question(pointed)
    assert question.url.startswith("https://graph.facebook.com/v25.0/88_1?fields=message%2Cfrom")
    assert question.headers == {"Authorization": "Bearer token-0123456789-abcdefghij"}
    assert "0123456789" not in repr(question) + question.url


def test_what_was_pointed_to_is_heard_from_the_answer(account):
    pointed = Pointed("facebook", "kota", "88_1", (("page_id", PAGE),))
    [posted] = account("facebook").answer(
        pointed,
        b'{"id":"88_1","message":"Banjir","created_time":"2026-09-21T14:13:20+0000",'
        b'"from":{"id":"901","name":"Sari W"},'
        b'"attachments":{"data":[{"media":{"image":{"src":"https://a/1.jpg"}}}]}}',
    )
    said = posted.said
    assert (said.text, said.posted_at, said.external_id) == ("Banjir", AT, "88_1")
    assert said.media == (Attachment("https://a/1.jpg"),)


def test_without_a_token_there_is_nothing_to_ask_with(account):
    pointed = Pointed("facebook", "kota", "88_1", (("page_id", PAGE),))
    assert account("facebook", access_token_file=None).question(pointed) is None


def test_a_message_is_private_and_may_be_answered_for_a_day(told):
    [posted] = told("facebook", chat(message(reply_to={"mid": "m_0"})))
    said = posted.said
    assert (said.external_id, said.text, said.in_reply_to) == ("m_1", "Halo", "m_0")
    assert (said.public, said.conversation) == (False, "77")
    day = AT + timedelta(hours=24)
    ways = ((PrivateWay.FREE, day),)
    assert said.reply == Reply(in_public=False, until=day, in_private=ways)


@pytest.mark.parametrize("days", [0, 7])
def test_the_windows_are_settings(told, days):
    settings = {"message_window_hours": 12, "human_agent_days": days}
    [posted] = told("facebook", chat(message()), **settings)
    until = AT + timedelta(hours=12)
    agent = ((PrivateWay.HUMAN_AGENT, AT + timedelta(days=days)),) if days else ()
    assert posted.said.reply == Reply(
        in_public=False, until=until, in_private=((PrivateWay.FREE, until), *agent)
    )


def test_a_message_may_hold_files_and_a_place(told):
    attachments = [
        {"type": "image", "payload": {"url": "https://cdn/1"}},
        {"type": "location", "payload": {"coordinates": {"lat": -6.59, "long": 106.79}}},
        {"type": "fallback", "payload": None},
    ]
    [posted] = told("facebook", chat(message(text=None, attachments=attachments)))
    assert posted.said.text == ""
    assert posted.said.media == (Attachment("https://cdn/1"),)
    assert posted.said.place == Place(lat=-6.59, lon=106.79)


def test_our_own_echo_is_marked_and_tells_what_we_gave_along(told):
    echo = {
        "sender": {"id": PAGE},
        "recipient": {"id": "77"},
        "timestamp": SECONDS * 1000,
        "message": {"mid": "m_9", "text": "Diterima", "is_echo": True, "metadata": "attempt-1"},
    }
    [posted, reported] = told("facebook", chat(echo))
    assert (posted.said.own, posted.said.conversation, posted.said.reply) == (True, "77", None)
    assert reported == Reported("facebook", "kota", "m_9", "sent", AT, reference="attempt-1")


def test_a_message_is_edited_and_unsent(told):
    edit = message() | {"message_edit": {"mid": "m_1", "text": "Halo lagi", "num_edit": 2}}
    del edit["message"]
    [edited] = told("facebook", chat(edit))
    assert isinstance(edited, Edited)
    assert (edited.said.external_id, edited.said.revision) == ("m_1", "2")
    assert edited.said.text == "Halo lagi"
    [withdrawn] = told("facebook", chat(message(is_deleted=True, text=None)))
    assert withdrawn == Withdrawn("facebook", "kota", "m_1", AT)


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        ({"delivery": {"mids": ["a", "b"], "watermark": 1}}, ["delivered", "delivered"]),
        ({"read": {"mid": "a"}}, ["read"]),
        ({"read": {"watermark": 1}}, ["receipt"]),
        ({"delivery": {"watermark": 1}}, ["receipt"]),
        ({"reaction": {"mid": "a", "action": "react"}}, ["reaction"]),
        ({"postback": {"title": "Mulai", "payload": "x"}}, ["notice"]),
        ({"referral": {"ref": "x"}}, ["notice"]),
        ({"teleport": {}}, ["unknown"]),
    ],
)
def test_what_else_happens_in_a_conversation_is_counted(told, part, expected):
    item = message() | part
    del item["message"]
    heard = told("facebook", chat(item))
    assert [
        one.state if isinstance(one, Reported) else getattr(one, "kind", None) or one.reason
        for one in heard
    ] == expected


@pytest.mark.parametrize(
    "body",
    [
        {"object": "instagram", "entry": []},
        {"object": "page", "entry": []},
        {"object": "page"},
        {},
        feed(COMMENTED, field="ratings"),
        feed(COMMENTED | {"item": "hologram"}),
        feed(COMMENTED | {"verb": "juggle"}),
    ],
)
def test_what_we_do_not_know_is_set_aside_as_unknown(told, body):
    [unread] = told("facebook", body)
    assert unread.reason == "unknown"


@pytest.mark.parametrize(
    "value",
    [
        COMMENTED | {"comment_id": None, "post_id": None},
        COMMENTED | {"message": 7},
        COMMENTED | {"from": "Sari"},
        COMMENTED | {"created_time": "yesterday"},
        COMMENTED | {"comment_id": {"$ne": 1}},
        COMMENTED | {"comment_id": "a\u0000b"},
        COMMENTED | {"comment_id": "x" * 300},
        COMMENTED | {"created_time": 10**30},
        COMMENTED | {"comment_id": True},
    ],
)
def test_a_bad_change_is_set_aside_and_spoils_no_other(told, value):
    heard = told("facebook", feed(COMMENTED, value, COMMENTED | {"comment_id": "7_71"}))
    assert [type(one) for one in heard] == [Posted, Unread, Posted]
    assert heard[1].reason == "unreadable"


def test_a_page_this_address_is_not_for_is_set_aside(told):
    body = feed(COMMENTED)
    body["entry"].append({"id": "600", "time": 1, "changes": body["entry"][0]["changes"]})
    heard = told("facebook", body, ids=[500])
    assert [type(one) for one in heard] == [Posted, Unread]
    assert heard[1].reason == "other_account"


def test_a_thousand_changes_with_one_bad_one_are_999_mentions(told):
    values = [COMMENTED | {"comment_id": f"7_{number}"} for number in range(1000)]
    values[500] = COMMENTED | {"comment_id": []}
    heard = told("facebook", feed(*values))
    assert len([one for one in heard if isinstance(one, Posted)]) == 999
    assert [one.reason for one in heard if isinstance(one, Unread)] == ["unreadable"]
