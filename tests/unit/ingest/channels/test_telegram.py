from datetime import UTC, datetime

import pytest

from ingest.channels.accounts import Unread
from ingest.domain.heard import Edited, Noted, Posted
from ingest.domain.mentions import Attachment, Author, Place, Reply

AT = datetime(2026, 9, 21, 14, 13, 20, tzinfo=UTC)
SECONDS = int(AT.timestamp())
SARI = {
    "id": 5_000_000_077,
    "is_bot": False,
    "first_name": "Sari",
    "last_name": "W",
    "username": "sariw",
    "language_code": "id-ID",
}
CHAT = {"id": 5_000_000_077, "type": "private"}


def update(name="message", **more):
    message = {"message_id": 4, "from": SARI, "chat": CHAT, "date": SECONDS} | more
    return {"update_id": 9_000_000_001, name: message}


def test_a_text_is_heard(told):
    [posted] = told("telegram", update(text="Lampu mati", reply_to_message={"message_id": 3}))
    said = posted.said
    assert (said.text, said.posted_at, said.language) == ("Lampu mati", AT, "id")
    assert (said.external_id, said.in_reply_to) == ("5000000077/4", "5000000077/3")
    assert said.conversation == "5000000077"
    assert said.author == Author(handle="sariw", name="Sari W", platform_id="5000000077")
    assert (said.public, said.own, said.reply) == (False, False, Reply(in_public=False))


def test_an_edit_is_a_later_revision_of_the_same_message(told):
    [edited] = told("telegram", update("edited_message", text="Nyala", edit_date=SECONDS + 60))
    assert isinstance(edited, Edited)
    assert (edited.said.external_id, edited.said.revision) == ("5000000077/4", str(SECONDS + 60))


def test_of_a_photo_the_largest_size_counts(told):
    sizes = [
        {"file_id": "small", "width": 90},
        {"file_id": "large", "width": 1280},
        {"file_id": "middle", "width": 320},
    ]
    [posted] = told("telegram", update(photo=sizes, caption="Lubang"))
    assert posted.said.media == (Attachment("telegram:large", "image/jpeg"),)
    assert posted.said.text == "Lubang"


@pytest.mark.parametrize("kind", ["voice", "video", "document", "audio", "video_note", "sticker"])
def test_a_file_is_remembered_by_its_id(told, kind):
    [posted] = told("telegram", update(**{kind: {"file_id": "f1", "mime_type": "a/b"}}))
    assert posted.said.media == (Attachment("telegram:f1", "a/b"),)


def test_a_place_is_heard(told):
    spot = {"latitude": -6.6, "longitude": 106.8}
    [posted] = told("telegram", update(location=spot))
    assert posted.said.place == Place(lat=-6.6, lon=106.8)
    venue = {"location": spot, "title": "Pasar", "address": "Jl. Baru"}
    [posted] = told("telegram", update(venue=venue, location=spot))
    assert posted.said.place == Place(lat=-6.6, lon=106.8, address="Pasar, Jl. Baru")


def test_a_shared_contact_is_its_words(told):
    [posted] = told("telegram", update(contact={"first_name": "RT", "phone_number": "+62811"}))
    assert posted.said.text == "RT +62811"


@pytest.mark.parametrize("kind", ["group", "supergroup", "channel"])
def test_a_group_counts_only_where_an_operator_wants_it(told, kind):
    body = update(text="Lampu mati", chat={"id": -100123, "type": kind, "username": "warga"})
    assert told("telegram", body) == [Noted("telegram", "kota", "group")]
    [posted] = told("telegram", body, groups=True)
    assert isinstance(posted, Posted)
    assert (posted.said.external_id, posted.said.public) == ("-100123/4", True)
    assert posted.said.reply == Reply(in_public=True)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({"my_chat_member": {"new_chat_member": {"status": "kicked"}}}, "blocked"),
        ({"my_chat_member": {"new_chat_member": {"status": "member"}}}, "notice"),
        ({"callback_query": {"id": "1"}}, "notice"),
        ({"message_reaction": {"chat": CHAT}}, "reaction"),
        ({"poll": {"id": "1"}}, "notice"),
    ],
)
def test_what_else_happens_is_counted(told, body, kind):
    assert told("telegram", {"update_id": 1} | body) == [Noted("telegram", "kota", kind)]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"update_id": 1, "hologram": {}}, "unknown"),
        ({"update_id": 1}, "unknown"),
        ({"message": {}}, "unreadable"),
        (update(), "unknown"),
        (update(text=["x"]), "unreadable"),
        ([], "unreadable"),
    ],
)
def test_what_we_do_not_know_is_set_aside(told, body, reason):
    [unread] = told("telegram", body)
    assert isinstance(unread, Unread)
    assert unread.reason == reason
