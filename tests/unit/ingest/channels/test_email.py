"""What letters tell: those people write, those machines write, and those meant to harm."""

import json
from base64 import b64encode
from datetime import UTC, datetime
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.beside import needs_payloads, payload

from ingest.channels.accounts import Unread
from ingest.channels.email import EmailAccount
from ingest.channels.letters import Letter
from ingest.domain.heard import Noted, Posted, Reported

NOW = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
ACCOUNT = EmailAccount(
    channel="email",
    name="lapor",
    addresses=("lapor@kota.example",),
    message_domains=("lapor.kota.example",),
)


def letter(body: str | bytes = "Lampu jalan mati.", *, sender="siti@surat.example", **headers):
    """A letter; header names have _ for -, and None leaves one out."""
    fields = {
        "From": "Siti Rahma <siti@surat.example>",
        "To": "lapor@kota.example",
        "Subject": "Lampu jalan",
        "Date": "Tue, 24 Nov 2026 13:00:00 +0700",
        "Message-ID": "<satu@surat.example>",
    } | {name.replace("_", "-"): value for name, value in headers.items()}
    lines = [
        f"{name}: {one}\r\n"
        for name, value in fields.items()
        for one in (value if isinstance(value, list) else [value])
        if one is not None
    ]
    head = "".join(lines)
    content = body.encode() if isinstance(body, str) else body
    return Letter(head.encode() + b"\r\n" + content, sender, ("lapor@kota.example",))


def told(one: Letter, account: EmailAccount = ACCOUNT):
    [part] = account.read(one, NOW)
    return part


def said(one: Letter, account: EmailAccount = ACCOUNT):
    part = told(one, account)
    assert isinstance(part, Posted), part
    return part.said


def multipart(*parts: str, kind: str = "mixed") -> dict[str, str]:
    body = "".join(f"--b\r\n{part}\r\n" for part in parts) + "--b--\r\n"
    return {"body": body, "Content_Type": f"multipart/{kind}; boundary=b"}


def test_a_letter_becomes_a_mention_with_subject_author_and_time():
    found = said(letter())
    assert found.text == "Lampu jalan\n\nLampu jalan mati."
    assert (found.channel, found.account, found.public) == ("email", "lapor", False)
    assert (found.author.name, found.author.email) == ("Siti Rahma", "siti@surat.example")
    assert found.posted_at == datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
    assert found.external_id == found.conversation == "satu@surat.example"
    assert found.in_reply_to is None
    assert found.reply is not None
    assert (found.reply.in_public, found.reply.until) == (False, None)
    assert found.unabridged is None


@pytest.mark.parametrize(
    "identity", [None, "", "no brackets", "<no-at-sign>", "<a b@c>", f"<{'a' * 600}@b>"]
)
def test_without_a_usable_message_id_the_bytes_are_its_identity(identity):
    first, again = letter(Message_ID=identity), letter(Message_ID=identity)
    other = letter("Lain.", Message_ID=identity)
    assert said(first).external_id == said(again).external_id != said(other).external_id
    assert str(said(first).external_id).startswith("sha256:")


@pytest.mark.parametrize(
    ("headers", "parent", "conversation"),
    [
        pytest.param(
            {"References": "<a@x.example> <b@x.example>", "In_Reply_To": "<b@x.example>"},
            "b@x.example",
            "a@x.example",
            id="references",
        ),
        pytest.param({"In_Reply_To": "<a@x.example>"}, "a@x.example", "a@x.example", id="parent"),
        pytest.param(
            {"References": "<a@x.example>\r\n <kami@lapor.kota.example>"},
            "a@x.example",
            "a@x.example",
            id="the parent is ours",
        ),
        pytest.param(
            {"In_Reply_To": "<kami@lapor.kota.example>"},
            "kami@lapor.kota.example",
            "kami@lapor.kota.example",
            id="ours alone",
        ),
        pytest.param({"References": "rubbish"}, None, "satu@surat.example", id="rubbish"),
    ],
)
def test_the_letters_it_answers_are_its_conversation(headers, parent, conversation):
    found = said(letter(**headers))
    assert (found.in_reply_to, found.conversation) == (parent, conversation)


def test_what_stands_behind_the_plus_names_the_conversation():
    one = Letter(
        letter(References="<a@x.example>").raw, "siti@surat.example", ("Lapor+BGR7@Kota.example",)
    )
    assert said(one).conversation == "BGR7"
    assert said(letter(To="Lapor <lapor+BGR7@kota.example>")).conversation == "BGR7"
    assert said(letter(To="lain+BGR7@kota.example")).conversation == "satu@surat.example"
    assert ACCOUNT.takes("Lapor+BGR7@kota.example")
    assert not ACCOUNT.takes("lain@kota.example")


@pytest.mark.parametrize(
    ("date", "posted"),
    [
        pytest.param(None, None, id="missing"),
        pytest.param("kemarin", None, id="no date"),
        pytest.param("Thu, 01 Jan 1970 00:00:00 +0000", None, id="dead battery"),
        pytest.param("Tue, 24 Nov 2099 13:00:00 +0700", None, id="future"),
        pytest.param("Tue, 99 Nov 2026 99:00:00 +9900", None, id="impossible"),
        pytest.param("Tue, 24 Nov 2026 13:00:00", "2026-11-24T13:00:00+00:00", id="no zone"),
        pytest.param("24 Nov 2026 13:00 +0700", "2026-11-24T06:00:00+00:00", id="short"),
    ],
)
def test_a_date_counts_where_it_can_be_believed(date, posted):
    found = said(letter(Date=date)).posted_at
    assert (found.isoformat() if found else None) == posted


@pytest.mark.parametrize(
    ("sender", "server", "results", "joins"),
    [
        ("siti@surat.example", None, None, True),
        ("bounces@mail.surat.example", None, None, True),
        ("lain@jahat.example", None, None, False),
        (None, None, None, True),
        ("lain@jahat.example", "mx.kota.example", "mx.kota.example; dmarc=pass", True),
        ("siti@surat.example", "mx.kota.example", "mx.kota.example; dmarc=fail", False),
        ("siti@surat.example", "mx.kota.example", "jahat.example; dmarc=pass", False),
        ("siti@surat.example", "mx.kota.example", None, False),
    ],
)
def test_who_may_write_under_anothers_name_joins_no_complaint(sender, server, results, joins):
    account = ACCOUNT.model_copy(update={"authenticated_by": server})
    one = letter(sender=sender, References="<a@x.example>", Authentication_Results=results)
    found = said(one, account)
    assert (found.conversation == "a@x.example") is joins
    assert (found.in_reply_to is not None) is joins


def test_a_quoted_mail_is_left_out_and_kept_for_the_vault():
    body = "Masih mati.\n\nPada Sel, 24 Nov 2026 pukul 09.00 Lapor <lapor@kota.example>\nmenulis:\n\n> Terima kasih.\n"
    found = said(letter(body, Subject="Re: Lampu jalan", References="<a@x.example>"))
    assert found.text == "Masih mati."
    assert found.unabridged is not None
    assert "> Terima kasih." in found.unabridged


@pytest.mark.parametrize(
    ("headers", "body", "text"),
    [
        pytest.param({"Subject": None}, "Isi.", "Isi.", id="no subject"),
        pytest.param({"Subject": "BLS: Lampu"}, "Isi.", "Isi.", id="an answer's subject"),
        pytest.param(
            {"Subject": "Re: Lampu"}, "", "Re: Lampu", id="nothing but an answer's subject"
        ),
        pytest.param(
            {"Subject": "=?utf-8?q?Jalan_rusak_=F0=9F=9A=A7?="}, "", "Jalan rusak 🚧", id="encoded"
        ),
        pytest.param(
            {"Subject": "=?utf-8?q?Judul=0D=0ABcc:_x@y.example?="},
            "Isi.",
            "Judul Bcc: x@y.example\n\nIsi.",
            id="line breaks in an encoded word",
        ),
        pytest.param(
            {"Subject": "=?charset-of-nobody?q?a?="}, "Isi.", None, id="unknown charset in a header"
        ),
    ],
)
def test_subject_and_body_are_one_text(headers, body, text):
    found = said(letter(body, **headers))
    assert text is None or found.text == text
    assert "\r" not in found.text


HTML = "<html><style>p{}</style><p>Jalan <b>rusak</b><br>parah &amp; lama</p><script>x()</script></html>"


def test_html_is_read_where_there_is_no_text():
    html = "Content-Type: text/html\r\n\r\n" + HTML
    assert said(letter(**multipart(html, kind="alternative"))).text.endswith(
        "Jalan rusak\nparah & lama"
    )
    plain = "Content-Type: text/plain\r\n\r\nTeks biasa."
    both = said(letter(**multipart(plain, html, kind="alternative")))
    assert both.text == "Lampu jalan\n\nTeks biasa."
    blank = said(
        letter(**multipart("Content-Type: text/plain\r\n\r\n  ", html, kind="alternative"))
    )
    assert "rusak" in blank.text


def test_a_quote_in_html_is_left_out():
    html = "Content-Type: text/html\r\n\r\nMasih mati.<blockquote>Terima kasih</blockquote>"
    found = said(letter(**multipart(html), Subject="Re: x"))
    assert found.text == "Masih mati."


@pytest.mark.parametrize(
    ("content", "charset", "text"),
    [
        ("Jalan “rusak” – é".encode(), "utf-8", "Jalan “rusak” – é"),
        ("Jalan “rusak” – é".encode(), "iso-8859-1", "Jalan “rusak” – é"),
        ("Jalan “rusak” – é".encode(), None, "Jalan “rusak” – é"),
        ("Jalan “rusak” – é".encode(), "us-ascii", "Jalan “rusak” – é"),
        ("Jalan “rusak” – é".encode("cp1252"), "windows-1252", "Jalan “rusak” – é"),
        ("Jalan “rusak” – é".encode("cp1252"), "no-such-charset", None),
        ("Jalan “rusak” – é".encode("cp1252"), "utf-8", None),
        ("日本語の道路".encode("iso-2022-jp"), "iso-2022-jp", "日本語の道路"),
        ("Jalan rusak".encode("utf-16"), "utf-16", "Jalan rusak"),
        (b"Jalan rusak", "zlib", "Jalan rusak"),
        (b"Jalan rusak \xff\xfe", "base64", None),
        (b"Jalan rusak \xff", "punycode", None),
        (b"Jalan rusak \x00\x07 parah", "utf-8", "Jalan rusak  parah"),
    ],
)
def test_a_text_is_read_whatever_its_charset_claims(content, charset, text):
    kind = "text/plain" + (f"; charset={charset}" if charset else "")
    encoded = b64encode(content).decode()
    found = said(
        letter(encoded, Subject=None, Content_Type=kind, Content_Transfer_Encoding="base64")
    )
    assert found.text.startswith("Jalan" if text is None else text)


def test_files_come_along_unopened():
    zipped = b64encode(b"PK\x03\x04" + b"\0" * 20).decode()
    found = said(
        letter(
            **multipart(
                "Content-Type: text/plain\r\n\r\nLihat foto.",
                "Content-Type: image/jpeg\r\nContent-Transfer-Encoding: base64\r\n"
                f'Content-Disposition: attachment; filename="../../etc/\r\n foto.jpg"\r\n\r\n{b64encode(b"gambar").decode()}',
                f"Content-Type: application/zip\r\nContent-Transfer-Encoding: base64\r\n\r\n{zipped}",
                'Content-Type: text/plain; name="catatan.txt"\r\n\r\ncatatan',
                "Content-Type: message/rfc822\r\n\r\nFrom: x@y.example\r\nSubject: lama\r\n\r\nisi lama",
            )
        )
    )
    assert found.text == "Lampu jalan\n\nLihat foto."
    assert [(file.media_type, file.content[:6]) for file in found.enclosures] == [
        ("image/jpeg", b"gambar"),
        ("application/zip", b"PK\x03\x04\0\0"),
        ("text/plain", b"catata"),
        ("message/rfc822", b"From: "),
    ]
    assert found.enclosures[2].name == "catatan.txt"
    assert "\n" not in (found.enclosures[0].name or "")


def test_a_photo_alone_is_a_mention_and_nothing_at_all_is_none():
    photo = "Content-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\nAAAA"
    found = said(letter(**multipart(photo), Subject=None))
    assert (found.text, len(found.enclosures)) == ("", 1)
    assert told(letter("", Subject=None)) == Noted("email", "lapor", "empty")


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Auto_Submitted": "Auto-Generated; by=x"},
        {"Precedence": "bulk"},
        {"Precedence": "JUNK"},
        {"Precedence": "list"},
        {"List_Id": "Warga <warga.list.example>"},
        {"X_Autoreply": "yes"},
        {"X_Autorespond": "cuti"},
        {"sender": ""},
        {"sender": None, "Return_Path": "<>"},
        {"sender": "<>"},
    ],
)
def test_a_machines_letter_is_no_complaint(headers):
    assert told(letter(**headers)) == Noted("email", "lapor", "automatic")


@pytest.mark.parametrize(
    "headers",
    [{"Auto_Submitted": "no"}, {"Precedence": "first-class"}, {"List_Unsubscribe": "<x>"}],
)
def test_a_persons_letter_is_no_machines(headers):
    assert isinstance(told(letter(**headers)), Posted)


BOUNCE = (
    "Content-Type: text/plain\r\n\r\nNobody here.",
    (
        "Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.surat.example\r\n\r\n"
        "Final-Recipient: rfc822; siti@surat.example\r\nAction: failed\r\nStatus: 5.1.1\r\n"
    ),
    "Content-Type: {}\r\n\r\nFrom: lapor@kota.example\r\nMessage-ID: <{}>\r\n\r\n",
)


def bounce(kind: str, identity: str, action: str = "failed") -> Letter:
    first, status, original = BOUNCE
    parts = multipart(first, status.replace("failed", action), original.format(kind, identity))
    parts["Content_Type"] = "multipart/report; report-type=delivery-status; boundary=b"
    return letter(**parts, sender="", From="MAILER-DAEMON@surat.example")


@pytest.mark.parametrize(
    "kind", ["message/rfc822", "text/rfc822-headers", "message/rfc822-headers"]
)
def test_a_bounce_says_which_letter_of_ours_failed(kind):
    found = told(bounce(kind, "jawab-1@lapor.kota.example"))
    assert isinstance(found, Reported)
    assert (found.external_id, found.state, found.reason) == (
        "jawab-1@lapor.kota.example",
        "failed",
        "5.1.1",
    )


def test_a_report_of_delivery_is_no_failure_and_a_delay_is_neither():
    found = told(bounce("message/rfc822", "j@lapor.kota.example", "delivered"))
    assert isinstance(found, Reported)
    assert (found.state, found.reason) == ("delivered", None)
    delayed = told(bounce("message/rfc822", "j@lapor.kota.example", "delayed"))
    assert delayed == Noted("email", "lapor", "automatic")


def test_a_bounce_of_a_letter_that_is_not_ours_fails_nothing():
    assert told(bounce("message/rfc822", "x@jahat.example")) == Noted("email", "lapor", "bounce")


LOOPS = {
    "our own Message-ID": {"Message_ID": "<jawab@Lapor.Kota.example>"},
    "from ourselves": {"From": "lapor+x@kota.example"},
    "round and round": {
        "Received": [f"from {one}.example by {two}.example; x" for one, two in ["ab", "ba"] * 6]
    },
}


@pytest.mark.parametrize("headers", LOOPS.values(), ids=LOOPS)
def test_what_runs_in_a_circle_is_set_aside(headers):
    one = letter(**headers)
    assert told(one) == Unread("loop", one.raw)


def test_a_long_way_through_many_hosts_is_no_circle():
    way = [f"from h{n}.example by h{n + 1}.example; x" for n in range(20)]
    assert isinstance(told(letter(Received=way)), Posted)


def nested(depth: int) -> bytes:
    return b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n)
        for n in range(depth)
    )


HOSTILE = {
    "nested deeper than the parser goes": nested(5_000),
    "nested": nested(29) + b"a\r\n" * 100_000,
    "letters in letters": b"Content-Type: message/rfc822\r\n\r\n" * 3_000,
    "a header of a megabyte": b"Subject: " + b"a" * 1_000_000 + b"\r\n\r\nisi",
    "headers without end": b"X-A: b\r\n" * 100_000,
    "many parts": b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
    + b"--b\r\nContent-Type: text/plain\r\n\r\na\r\n" * 5_000,
    "parameters without end": b"Content-Type: text/plain; "
    + b"; ".join(b"a%d=b" % n for n in range(15_000))
    + b"\r\n\r\nisi",
    "continued parameters": b"Content-Type: text/plain; "
    + b"; ".join(b"name*%d*=%%41" % n for n in range(10_000))
    + b"\r\n\r\nisi",
    "brackets": b"Content-Type: text/plain " + b"(" * 100_000 + b"\r\n\r\nisi",
    "brackets in addresses": b"From: " + b"(" * 100_000 + b"\r\n\r\nisi",
    "addresses without end": b"From: " + b"a@b.example, " * 10_000 + b"\r\n\r\nisi",
    "encoded words without end": b"Subject: " + b"=?utf-8?q?a?= " * 10_000 + b"\r\n\r\nisi",
    "quotes without end": b"From: a@b.example\r\n\r\n" + b">" * 1_000_000,
    "line breaks": b"From: a@b.example\r\n\r\n" + b"\n" * 400_000,
    "headings": b"From: a@b.example\r\n\r\n" + (b"On " + b"a " * 140 + b"\n") * 3_000,
    "tags": b"From: a@b.example\r\nContent-Type: text/html\r\n\r\n" + b"<div>" * 200_000,
    "open tags": b"From: a@b.example\r\nContent-Type: text/html\r\n\r\n" + b"<" * 1_000_000,
    "nothing": b"",
    "no header": b"\r\n\r\nisi",
    "zero bytes": b"\0" * 10_000,
    "broken base64": b"Content-Transfer-Encoding: base64\r\n\r\n!!!!=",
    "broken boundary": b'Content-Type: multipart/mixed; boundary="\r\n\r\nisi',
    "no boundary": b"Content-Type: multipart/mixed\r\n\r\nisi",
    "a surrogate in a charset": b'Content-Type: text/plain; charset="\xff\xfe"\r\n\r\nis\xff',
}


@pytest.mark.parametrize("raw", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_letter_is_read_or_set_aside_and_keeps_nobody_waiting(raw):
    started = process_time()
    told(Letter(raw, "x@y.example", ("lapor@kota.example",)))
    assert process_time() - started < 5


@given(st.binary(max_size=2_000))
@settings(max_examples=300, deadline=None)
def test_any_bytes_tell_one_thing_and_what_they_say_can_be_written_down(raw):
    part = told(Letter(raw))
    if isinstance(part, Posted):
        json.dumps(part.said.text).encode()
        part.said.text.encode("utf-8")
        assert part.said.external_id


@given(
    st.lists(
        st.tuples(
            st.sampled_from(
                ["From", "Subject", "Date", "Message-ID", "References", "Content-Type", "Received"]
            ),
            st.text(max_size=80),
        ),
        max_size=8,
    ),
    st.text(max_size=200),
)
@settings(max_examples=300, deadline=None)
def test_no_header_brings_another(headers, body):
    raw = "".join(f"{name}: {value}\n" for name, value in headers) + "\n" + body
    part = told(Letter(raw.encode("utf-8", "replace"), "x@y.example"))
    if isinstance(part, Posted):
        found = part.said
        for value in (found.author.name, found.author.email, found.external_id, found.in_reply_to):
            assert value is None or value.isprintable() or not set(value) & set("\r\n\0")


@needs_payloads
@pytest.mark.parametrize(
    ("name", "text", "author"),
    [
        (
            "anymail.sample_email.eml",
            "Test email\n\nHi Bob, This is a message. Thanks!",
            "someone@example.com",
        ),
        ("talon.reply.gmail.eml", "Hello", "xxx@gmail.com"),
    ],
)
def test_a_letter_of_other_projects_becomes_its_mention(name, text, author):
    found = said(Letter(payload(f"email/{name}")))
    assert (found.text, found.author.email) == (text, author)
