import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.channels.accounts import Unread, WebhookAccount
from ingest.channels.reading import Node, Unreadable, each, whole, written_at
from lintas.vocabulary.errors import Invalid
from lintas.web import parse_tree

_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("value", "text"), [(7, "7"), ("7", "7"), (-77, "-77"), (2**63, str(2**63)), ("a_b", "a_b")]
)
def test_an_id_is_text_whether_it_comes_as_text_or_as_a_number(value, text):
    assert Node({"id": value}).id("id") == text


@pytest.mark.parametrize(
    "value", [True, 1.5, [], {}, "a\u0000", "a\nb", "x" * 257, "\ud800", float("1e30")]
)
def test_what_cannot_be_an_id_is_unreadable(value):
    with pytest.raises(Unreadable):
        Node({"id": value}).id("id")


@pytest.mark.parametrize("value", [1_790_000_000, "1790000000", 1_790_000_000_000, "1790000000000"])
def test_a_moment_is_seconds_or_milliseconds_number_or_text(value):
    assert Node({"at": value}).at("at") == datetime(2026, 9, 21, 14, 13, 20, tzinfo=UTC)


@pytest.mark.parametrize("value", ["", "-1", "soon", [], True, 1e300, "9" * 400, "١٢٣"])
def test_what_is_no_moment_is_unreadable(value):
    with pytest.raises(Unreadable):
        Node({"at": value}).at("at")


def test_a_written_moment_needs_its_zone():
    assert written_at("2026-09-21T21:13:20+07:00") == datetime(2026, 9, 21, 14, 13, 20, tzinfo=UTC)
    assert written_at("") is None
    for text in ("2026-09-21T21:13:20", "yesterday"):
        with pytest.raises(Unreadable):
            written_at(text)


def test_what_nobody_foresaw_costs_its_own_part_only():
    def read(part: Node) -> list[Unread]:
        if part.has("bug"):
            raise ZeroDivisionError
        return []

    [unread] = each([{}, {"bug": "ü"}, {}], read)
    assert unread == Unread("unforeseen", b'{"bug": "\\u00fc"}')


def test_a_part_is_told_as_a_whole_or_not_at_all():
    def read(_part: Node):
        yield Unread("unknown", b"first")
        raise Unreadable

    assert [*each([{}], read)] == [Unread("unreadable", b"{}")]


def test_a_body_that_tells_nothing_is_kept_as_it_came():
    assert whole(b'{ "a" : 1 }', lambda _: []) == [Unread("unknown", b'{ "a" : 1 }')]
    assert whole(b"\xff", lambda _: []) == [Unread("unreadable", b"\xff")]


@given(_JSON)
def test_every_plain_value_comes_through_as_it_is(value):
    assert parse_tree(json.dumps(value).encode()) == value


@pytest.mark.parametrize("number", [2**64, -(2**63) - 1])
def test_an_id_of_more_than_64_bits_is_set_aside_and_never_rounded(number):
    node = Node(parse_tree(json.dumps({"id": number}).encode()))
    with pytest.raises(Unreadable):
        node.need_id("id")


def test_halves_of_characters_become_marks_and_repeated_keys_are_refused():
    assert parse_tree(b'{"a\\ud800":["\\udc00"]}') == {"a\ufffd": ["\ufffd"]}
    with pytest.raises(Invalid):
        parse_tree(b'{"a":1,"a":2}')


_NAMES = st.sampled_from(
    """object entry changes messaging field value id from message mid text verb item post_id
    comment_id messages statuses type timestamp update_id chat data event_type payload users
    tweet_create_events direct_message_events message_create errors contacts metadata time
    """.split()  # noqa: SIM905  # as a reader sees them
)
_ODD = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 2**70)
    | st.sampled_from(["page", "instagram", "whatsapp_business_account", "feed", "comments"])
    | st.sampled_from(["messages", "add", "comment", "text", "1", "post.mention.create"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_NAMES, inner, max_size=6),
    max_leaves=15,
)


@pytest.mark.parametrize("channel", ["facebook", "instagram", "telegram", "whatsapp", "x"])
def test_whatever_a_platform_sends_is_told_or_set_aside_and_nothing_breaks(account, channel):
    ours = account(channel)
    assert isinstance(ours, WebhookAccount)

    @settings(max_examples=60, deadline=None)
    @given(st.dictionaries(_NAMES, _ODD, max_size=8))
    def check(body):
        told = ours.translate(json.dumps(body).encode())
        assert told
        assert not any(isinstance(one, Unread) and one.reason == "unforeseen" for one in told)

    check()
