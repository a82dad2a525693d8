from datetime import UTC, datetime, timedelta

import pytest

from ingest.channels.accounts import Unread
from ingest.domain.heard import Edited, Noted, Posted, Renamed, Reported, Withdrawn
from ingest.domain.mentions import Attachment, Author, Place, Reply
from lintas.vocabulary.terms import PrivateWay

AT = datetime(2026, 9, 21, 14, 13, 20, tzinfo=UTC)
SECONDS = str(int(AT.timestamp()))
NUMBER, USER = "6281234500001", "ID.139"
CONTACT = {
    "profile": {"name": "Sari W", "username": "@sariw"},
    "wa_id": NUMBER,
    "user_id": USER,
}


def delivery(field="messages", **value):
    whole = {"metadata": {"display_phone_number": "62251", "phone_number_id": "33"}} | value
    changes = [{"field": field, "value": whole}]
    return {"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": changes}]}


def message(kind="text", **more):
    given = {"from": NUMBER, "from_user_id": USER, "id": "wamid.1", "timestamp": SECONDS}
    return given | {"type": kind} | more


def heard(told, *messages, contacts=(CONTACT,)):
    return told("whatsapp", delivery(contacts=list(contacts), messages=list(messages)))


def test_a_text_is_heard_under_the_business_scoped_id(told):
    [posted] = heard(told, message(text={"body": "Air mati"}, context={"id": "wamid.0"}))
    said = posted.said
    assert (said.text, said.external_id, said.posted_at) == ("Air mati", "wamid.1", AT)
    assert said.author == Author(handle="@sariw", name="Sari W", phone=NUMBER, platform_id=USER)
    assert (said.in_reply_to, said.conversation, said.public) == ("wamid.0", USER, False)
    day = AT + timedelta(hours=24)
    # after a day only what was approved before
    ways = ((PrivateWay.FREE, day), (PrivateWay.TEMPLATE, None))
    assert said.reply == Reply(in_public=False, until=day, in_private=ways)


def test_a_person_without_a_number_is_known_by_the_id_alone(told):
    hidden = {"profile": {"name": "Sari W"}, "user_id": USER}
    given = message(text={"body": "Air mati"})
    del given["from"]
    [posted] = heard(told, given, contacts=[hidden])
    assert posted.said.author == Author(name="Sari W", platform_id=USER)


def test_a_person_without_an_id_is_known_by_the_number(told):
    given = message(text={"body": "Air mati"})
    del given["from_user_id"]
    [posted] = heard(told, given, contacts=[])
    assert posted.said.author == Author(phone=NUMBER, platform_id=NUMBER)


def test_a_group_is_the_conversation_of_its_messages(told):
    [posted] = heard(told, message(text={"body": "Air mati"}, group_id="120@g.us"))
    assert posted.said.conversation == "120@g.us"
    assert not posted.said.public


@pytest.mark.parametrize(
    ("kind", "part", "text"),
    [
        ("button", {"text": "Belum selesai", "payload": "x"}, "Belum selesai"),
        ("interactive", {"type": "button_reply", "button_reply": {"title": "Ya"}}, "Ya"),
        ("interactive", {"type": "list_reply", "list_reply": {"title": "Air"}}, "Air"),
        ("order", {"text": "pesan"}, "pesan"),
    ],
)
def test_words_are_found_in_every_kind_of_message(told, kind, part, text):
    [posted] = heard(told, message(kind, **{kind: part}))
    assert posted.said.text == text


@pytest.mark.parametrize("kind", ["image", "video", "audio", "document", "sticker"])
def test_a_file_is_remembered_by_its_id(told, kind):
    part = {"id": 4001, "mime_type": "a/b; codecs=opus", "sha256": "x=", "caption": "Lubang"}
    [posted] = heard(told, message(kind, **{kind: part}))
    assert posted.said.media == (Attachment("whatsapp:4001", "a/b"),)
    assert posted.said.text == "Lubang"


def test_a_place_is_heard(told):
    part = {"latitude": -6.5971, "longitude": 106.806, "name": "Pasar", "address": "Jl. Baru"}
    [posted] = heard(told, message("location", location=part))
    assert posted.said.place == Place(lat=-6.5971, lon=106.806, address="Pasar, Jl. Baru")


def test_a_shared_contact_is_its_words(told):
    card = {"name": {"formatted_name": "Pak RT"}, "phones": [{"phone": "+62 811"}]}
    [posted] = heard(told, message("contacts", contacts=[card]))
    assert posted.said.text == "Pak RT +62 811"


def test_an_edit_is_a_later_revision_of_the_original(told):
    edit = {"original_message_id": "wamid.0", "message": {"type": "text", "text": {"body": "Baru"}}}
    [edited] = heard(told, message("edit", edit=edit))
    assert isinstance(edited, Edited)
    said = edited.said
    assert (said.external_id, said.revision, said.text) == ("wamid.0", SECONDS, "Baru")
    assert said.author.platform_id == USER


def test_a_revoke_withdraws_the_original(told):
    given = message("revoke", revoke={"original_message_id": "wamid.0"})
    assert heard(told, given) == [Withdrawn("whatsapp", "kota", "wamid.0", AT)]


@pytest.mark.parametrize("emoji", ["👍", ""])
def test_reactions_are_counted(told, emoji):
    given = message("reaction", reaction={"message_id": "wamid.0", "emoji": emoji})
    assert heard(told, given) == [Noted("whatsapp", "kota", "reaction")]


@pytest.mark.parametrize(
    ("system", "expected"),
    [
        (
            {"type": "user_changed_number", "wa_id": "6281234500002"},
            [Renamed("whatsapp", "kota", NUMBER, "6281234500002")],
        ),
        (
            {"type": "user_changed_number", "wa_id": "6281234500002", "user_id": "ID.140"},
            [
                Renamed("whatsapp", "kota", USER, "ID.140"),
                Renamed("whatsapp", "kota", NUMBER, "6281234500002"),
            ],
        ),
        (
            {"type": "user_changed_user_id", "user_id": "ID.140"},
            [Renamed("whatsapp", "kota", USER, "ID.140")],
        ),
        ({"type": "customer_identity_changed"}, [Noted("whatsapp", "kota", "notice")]),
    ],
)
def test_a_person_who_is_known_by_another_id_stays_the_same(told, system, expected):
    assert heard(told, message("system", system=system)) == expected


@pytest.mark.parametrize("wrap", [lambda ids: ids, lambda ids: {"user_id_update": [ids]}])
def test_an_update_of_ids_renames(told, wrap):
    ids = {
        "user_id": {"previous": "ID.1", "current": "ID.2"},
        "parent_user_id": {"previous": "ID.ENT.1", "current": "ID.ENT.2"},
    }
    assert told("whatsapp", delivery("user_id_update", **wrap(ids))) == [
        Renamed("whatsapp", "kota", "ID.1", "ID.2")
    ]


@pytest.mark.parametrize("state", ["sent", "delivered", "read", "played"])
def test_what_became_of_a_message_of_ours_is_reported(told, state):
    status = {"id": "wamid.9", "status": state, "timestamp": SECONDS, "recipient_id": NUMBER}
    assert told("whatsapp", delivery(statuses=[status])) == [
        Reported("whatsapp", "kota", "wamid.9", state, AT)
    ]


def test_a_failure_says_why_and_what_we_gave_along(told):
    failed = {
        "id": "wamid.9",
        "status": "failed",
        "timestamp": SECONDS,
        "errors": [{"code": 131047, "title": "Re-engagement message"}],
        "biz_opaque_callback_data": "attempt-1",
    }
    assert told("whatsapp", delivery(statuses=[failed])) == [
        Reported("whatsapp", "kota", "wamid.9", "failed", AT, "131047", "attempt-1")
    ]


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (message("unsupported", errors=[{"code": 131051}]), "unsupported"),
        (message("hologram", hologram={}), "unknown"),
        (message("text", text="plain"), "unreadable"),
        (message("image", image={"caption": "no id"}), "unreadable"),
        (message("edit", edit={"original_message_id": "wamid.0"}), "unknown"),
        ("a text", "unreadable"),
    ],
)
def test_a_message_that_cannot_be_read_spoils_no_other(told, given, reason):
    good = message(text={"body": "Air mati"})
    before, unread, after = heard(told, good, given, good | {"id": "wamid.2"})
    assert (type(before), type(after)) == (Posted, Posted)
    assert isinstance(unread, Unread)
    assert unread.reason == reason


def test_a_callback_with_a_bad_status_keeps_the_good_ones(told):
    statuses = [{"status": "sent"}, {"id": "wamid.9", "status": "sent"}, {"id": "a", "status": "x"}]
    assert [
        one.reason if isinstance(one, Unread) else one.state
        for one in told("whatsapp", delivery(statuses=statuses))
    ] == ["unreadable", "sent", "unknown"]


@pytest.mark.parametrize("field", ["message_template_status_update", "account_update"])
def test_news_of_our_own_account_are_counted(told, field):
    body = delivery(field, event="APPROVED")
    assert told("whatsapp", body) == [Noted("whatsapp", "kota", "notice")]


def test_another_number_is_not_ours(told):
    body = delivery(messages=[message(text={"body": "Air mati"})])
    [unread] = told("whatsapp", body, ids=[34])
    assert unread.reason == "other_account"
    [posted] = told("whatsapp", body, ids=[33])
    assert isinstance(posted, Posted)
