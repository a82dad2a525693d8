import json
from base64 import b64encode

import pytest
from pydantic import SecretStr
from tests.beside import needs_payloads, payload

from ingest.channels.accounts import Unread
from ingest.channels.email import EmailAccount
from ingest.domain.heard import Noted, Posted, Reported

ACCOUNT = EmailAccount.model_construct(
    channel="email",
    name="lapor",
    addresses=(),
    message_domains=(),
    authenticated_by=None,
    postmark_user="postmark",
    postmark_password_files=(SecretStr("the-new-one-0123"), SecretStr("the-old-one-0123")),
)
POST = {
    "FromFull": {"Email": "siti@surat.example", "Name": 'Siti "R" Ü', "MailboxHash": ""},
    "To": "lapor+BGR7@masuk.example",
    "OriginalRecipient": "lapor+BGR7@masuk.example",
    "Subject": "Lampu jalan – mati",
    "MessageID": "00000000-1111-2222-3333-444444444444",
    "Date": "Tue, 24 Nov 2026 13:00:00 +0700",
    "TextBody": "Masih mati 🚧",
    "HtmlBody": "<p>Masih mati</p>",
    "StrippedTextReply": "",
    "Headers": [
        {"Name": "Message-ID", "Value": "<satu@surat.example>"},
        {"Name": "References", "Value": "<nol@surat.example>"},
        {"Name": "Content-Type", "Value": "text/x-evil"},
        {"Name": "X-Jahat\r\nAuto-Submitted", "Value": "auto-replied"},
    ],
    "Attachments": [
        {"Name": "foto\r\n.jpg", "ContentType": "image/jpeg", "Content": b64encode(b"g").decode()}
    ],
}


def told(post: object):
    body = post if isinstance(post, bytes) else json.dumps(post).encode()
    [part] = ACCOUNT.translate(body)
    return part


def test_without_the_raw_letter_it_is_put_together_again():
    part = told(POST)
    assert isinstance(part, Posted)
    found = part.said
    assert found.text == "Lampu jalan – mati\n\nMasih mati 🚧"
    assert found.author.email == "siti@surat.example"
    assert found.author.name == 'Siti "R" Ü'
    # Postmark's own number is not the letter's
    assert found.external_id == "satu@surat.example"
    assert found.conversation == "BGR7"
    assert found.in_reply_to == "nol@surat.example"
    assert [(file.media_type, file.content, file.name) for file in found.enclosures] == [
        ("image/jpeg", b"g", "foto .jpg")
    ]


def test_a_letter_without_an_id_is_the_same_letter_when_it_comes_again():
    first, again = (told(POST | {"Headers": []}) for _ in range(2))
    assert first.said.external_id == again.said.external_id
    assert first.said.external_id.startswith("sha256:")


@pytest.mark.parametrize("kind", ["message/rfc822", "multipart/mixed", "odd", "a/b\r\nX: y", ""])
def test_a_file_is_a_file_whatever_it_says_to_be(kind):
    content = b"Subject: lain\r\n\r\nisi"
    file = {"Name": 'a; b="c"\r\nX: y', "ContentType": kind} | {
        "Content": b64encode(content).decode()
    }
    [found] = told(POST | {"Attachments": [file]}).said.enclosures
    assert (found.content, found.media_type) == (content, "application/octet-stream")
    assert found.name == 'a; b="c" X: y'


def test_a_value_brings_no_header_of_its_own():
    evil = POST | {
        "Subject": "Judul\r\nAuto-Submitted: auto-replied\r\n\r\nisi",
        "FromFull": {"Email": "a@b.example\r\nPrecedence: bulk", "Name": "N\r\nList-Id: x"},
    }
    part = told(evil)
    assert isinstance(part, Posted)
    assert part.said.text.startswith("Judul Auto-Submitted")


@pytest.mark.parametrize(
    ("post", "expected"),
    [
        pytest.param(
            {"RecordType": "Bounce", "MessageID": "m1", "Type": "HardBounce"},
            Reported("email", "lapor", "m1", "failed", reason="HardBounce"),
            id="bounce",
        ),
        pytest.param(
            {"RecordType": "Delivery", "MessageID": "m1"},
            Reported("email", "lapor", "m1", "delivered"),
            id="delivery",
        ),
        pytest.param({"RecordType": "Open"}, Noted("email", "lapor", "receipt"), id="opened"),
        pytest.param(b"no json", Unread("unreadable", b"no json"), id="no JSON"),
        pytest.param(b"[]", Unread("unreadable", b"[]"), id="a list"),
        pytest.param(b'{"RawEmail": 7}', Unread("unreadable", b'{"RawEmail": 7}'), id="odd type"),
        pytest.param(b"[" * 50_000, Unread("unreadable", b"[" * 50_000), id="deep"),
        pytest.param(
            POST | {"Headers": [{"Name": "Auto-Submitted", "Value": "auto-replied"}]},
            Noted("email", "lapor", "automatic"),
            id="automatic",
        ),
    ],
)
def test_what_else_it_posts(post, expected):
    assert told(post) == expected


def test_halves_of_characters_do_no_harm():
    part = told(b'{"RawEmail": "From: a@b.example\\r\\n\\r\\nJalan \\ud83d rusak"}')
    assert isinstance(part, Posted)
    assert part.said.text.encode()


@pytest.mark.parametrize(
    ("given", "genuine"),
    [
        ("postmark:the-new-one-0123", True),
        ("postmark:the-old-one-0123", True),
        ("postmark:the-new-one-0124", False),
        ("other:the-new-one-0123", False),
        ("postmark:", False),
        ("", False),
    ],
)
def test_only_the_name_and_password_of_the_address_are_genuine(given, genuine):
    header = {"authorization": "Basic " + b64encode(given.encode()).decode()}
    assert ACCOUNT.is_genuine(header, b"") is genuine


@pytest.mark.parametrize(
    "header",
    [
        {},
        {"authorization": "postmark:the-new-one-0123"},
        {"authorization": "Bearer x"},
        {"authorization": "Basic"},
        {"authorization": "Basic é"},
    ],
)
def test_without_them_it_is_not(header):
    assert not ACCOUNT.is_genuine(header, b"")


def test_an_account_without_a_webhook_is_never_genuine():
    account = EmailAccount(channel="email", name="lapor")
    header = {"authorization": "Basic " + b64encode(b"None:None").decode()}
    assert not account.is_genuine(header, b"")
    assert not account.is_genuine({"authorization": "Basic "}, b"")


@needs_payloads
def test_a_delivery_of_other_projects_becomes_its_mention():
    part = told(payload("email/postmark-inbound-with-raw.json"))
    assert isinstance(part, Posted)
    found = part.said
    assert found.text == "Test subject\n\nThis is a test text body."
    assert found.author.email == "support@postmarkapp.com"
    assert found.conversation == "SampleHash"
    assert str(found.external_id).startswith("sha256:")
