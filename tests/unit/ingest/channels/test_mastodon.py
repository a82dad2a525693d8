import json
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import SecretStr
from tests.beside import needs_payloads, payload

from ingest.channels.accounts import Unread
from ingest.channels.mastodon import MastodonAccount
from ingest.channels.reading import Node
from ingest.domain.heard import Edited, Noted, Posted, Withdrawn

US, SITI, BUDI = "100", "200", "300"
ACCOUNT = MastodonAccount.model_construct(
    channel="mastodon",
    name="kota",
    server="https://sosial.example",
    token_file=SecretStr("token-0123456789"),
    id=US,
)


def status(identity: str = "1", author: str = SITI, **more: Any) -> dict[str, Any]:
    return {
        "id": identity,
        "created_at": "2026-11-24T06:00:00.000Z",
        "edited_at": None,
        "in_reply_to_id": None,
        "in_reply_to_account_id": None,
        "visibility": "public",
        "language": "id",
        "spoiler_text": "",
        "content": '<p><span class="h-card"><a href="x">@<span>kota</span></a></span> Lampu<br />mati</p>',
        "account": {
            "id": author,
            "acct": "siti@lain.example",
            "display_name": "Siti",
            "bot": False,
        },
        "media_attachments": [],
    } | more


def told(kind: str, content: Any, known: dict[str, Node] | None = None):
    data = content if isinstance(content, str) else json.dumps(content)
    [part] = ACCOUNT.event(kind, data, known)
    return part


def said(found: dict[str, Any], known: dict[str, Node] | None = None):
    part = told("notification", {"id": "9", "type": "mention", "status": found}, known)
    assert isinstance(part, Posted), part
    return part.said


def test_a_mention_is_read_without_its_markup():
    found = said(status())
    assert found.text == "@kota Lampu\nmati"
    assert (found.external_id, found.revision, found.conversation) == ("1", "0", "1")
    assert found.posted_at == datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
    assert (found.author.platform_id, found.author.handle) == (SITI, "siti@lain.example")
    assert (found.language, found.own) == ("id", False)


@pytest.mark.parametrize(
    ("visibility", "public"),
    [("public", True), ("unlisted", True), ("private", False), ("direct", False), ("new", False)],
)
def test_an_answer_goes_to_no_more_people_than_the_question(visibility, public):
    found = said(status(visibility=visibility))
    assert found.public is public
    assert found.reply is not None
    assert found.reply.in_public is public


@pytest.mark.parametrize(
    ("above", "known", "conversation"),
    [
        pytest.param((None, None), {}, "5", id="answers nothing"),
        pytest.param(("4", SITI), {}, "4", id="their own status"),
        pytest.param(("4", BUDI), {}, "5", id="a stranger's status"),
        pytest.param(("4", US), {}, "5", id="ours, of which nothing is known"),
        pytest.param(
            ("4", US),
            {"4": status("4", US, in_reply_to_id="3", in_reply_to_account_id=SITI)},
            "3",
            id="ours, which answered theirs",
        ),
        pytest.param(
            ("4", US),
            {
                "4": status("4", US, in_reply_to_id="3", in_reply_to_account_id=SITI),
                "3": status("3", SITI, in_reply_to_id="2", in_reply_to_account_id=US),
                "2": status("2", US, in_reply_to_id="1", in_reply_to_account_id=SITI),
            },
            "1",
            id="a long talk",
        ),
        pytest.param(
            ("4", US), {"4": status("4", US)}, "5", id="a post of ours, where strangers answer"
        ),
        pytest.param(
            ("4", US),
            {"4": status("4", US, in_reply_to_id="3", in_reply_to_account_id=BUDI)},
            "5",
            id="our answer to another",
        ),
        pytest.param(
            ("4", SITI),
            {"4": status("4", SITI, in_reply_to_id="5", in_reply_to_account_id=SITI)},
            "4",
            id="a circle",
        ),
    ],
)
def test_a_conversation_is_one_persons(above, known, conversation):
    found = status("5", in_reply_to_id=above[0], in_reply_to_account_id=above[1])
    nodes = {identity: Node(one) for identity, one in known.items()}
    assert said(found, nodes).conversation == conversation


def test_edits_are_ordered_and_a_vote_is_none():
    first = told("status.update", status(edited_at="2026-11-24T06:05:00.100Z"))
    later = told("status.update", status(edited_at="2026-11-24T09:05:00+02:00"))
    assert isinstance(first, Edited)
    assert isinstance(later, Edited)
    assert first.said.revision < later.said.revision
    assert len(first.said.revision) == len(later.said.revision)
    assert told("status.update", status()) == Noted("mastodon", "kota", "notice")
    notified = told(
        "notification",
        {"id": "9", "type": "update", "status": status(edited_at="2026-11-24T06:05:00.100Z")},
    )
    assert notified == first


@pytest.mark.parametrize(
    ("kind", "content", "expected"),
    [
        ("delete", "117020577157693549", Withdrawn("mastodon", "kota", "117020577157693549")),
        ("conversation", {"id": "7", "last_status": None}, Noted("mastodon", "kota", "notice")),
        ("announcement", {}, Noted("mastodon", "kota", "notice")),
        ("notification", {"id": "1", "type": "favourite"}, Noted("mastodon", "kota", "reaction")),
        ("notification", {"id": "1", "type": "follow"}, Noted("mastodon", "kota", "follow")),
        ("notification", {"id": "1", "type": "poll"}, Noted("mastodon", "kota", "notice")),
        ("notification", '{"type":"new"}', Unread("unknown", b'{"type":"new"}')),
        ("notification", "no json", Unread("unreadable", b"no json")),
        ("notification", '{"type":"mention"}', Unread("unreadable", b'{"type":"mention"}')),
        ("something.new", "{}", Unread("unknown", b"something.new\n{}")),
    ],
)
def test_what_else_a_stream_tells(kind, content, expected):
    assert told(kind, content) == expected


def test_a_warning_media_and_our_own_posts_are_told():
    found = said(
        status(
            author=US,
            spoiler_text="Peringatan",
            media_attachments=[
                {"type": "image", "url": "https://berkas.example/a.png"},
                {"type": "unknown", "url": None, "remote_url": "https://jauh.example/b.png"},
                {"type": "image", "url": "file:///etc/passwd"},
            ],
        )
    )
    assert found.own
    assert found.text.startswith("Peringatan\n\n@kota")
    assert [file.url for file in found.media] == [
        "https://berkas.example/a.png",
        "https://jauh.example/b.png",
    ]


@needs_payloads
def test_notifications_of_other_projects_become_their_mentions():
    listed = json.loads(payload("mastodon/notifications_mentions.json").decode())
    [found] = [part for one in listed for part in ACCOUNT.notification(Node(one), {})]
    assert isinstance(found, Posted)
    assert found.said.text == "@mastodonpy_test hello!"
    assert (found.said.external_id, found.said.author.handle) == ("117020577157693549", "admin")


@needs_payloads
def test_a_stream_of_other_projects_tells_what_others_said_to_us():
    lines = payload("mastodon/streaming_direct.sse.txt").decode().splitlines()
    data = [line.removeprefix("data: ") for line in lines if line.startswith("data: ")]
    account = ACCOUNT.model_copy(update={"id": "117020617404561855"})
    [[ours], [theirs], *_] = [account.event("conversation", one) for one in data]
    assert ours == Noted("mastodon", "kota", "own")
    assert isinstance(theirs, Posted)
    assert theirs.said.text == "@mastodonpy_test pssssst!"
    assert (theirs.said.external_id, theirs.said.public) == ("117024236635443611", False)
