from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.domain.identity import Identities, secret_hash
from ingest.domain.mentions import Arrival, Author, Guard, Said
from lintas.testing.builders import complaint_id

NOW = datetime(2026, 3, 17, tzinfo=UTC)
SAID = Said("x", "kotabogor", "Jalan rusak", external_id="1")
ARRIVAL = Arrival(SAID, "door", NOW, "00-" + "a" * 32 + "-" + "b" * 16 + "-01")
GUARD = Guard("single", "k", b"f")
IDENTITIES = Identities(b"k" * 32)
words = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=8)
posts = st.tuples(words, words, words)


def without_post(**changes) -> Arrival:
    return replace(ARRIVAL, said=replace(SAID, external_id=None), guard=GUARD, **changes)


@given(posts, posts)
def test_posts_are_the_same_complaint_only_if_channel_account_and_id_are(first, second):
    ids = [
        IDENTITIES.complaint(replace(ARRIVAL, said=Said(channel, account, "x", external_id=post)))
        for channel, account, post in (first, second)
    ]
    assert (ids[0] == ids[1]) is (first == second)


def test_a_post_is_the_same_complaint_whoever_brings_it_and_whatever_it_says():
    other = replace(ARRIVAL, client="other", guard=GUARD, said=replace(SAID, text="lain"))
    assert IDENTITIES.complaint(other) == IDENTITIES.complaint(ARRIVAL)


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(replace(without_post(), client="other"), id="client"),
        pytest.param(replace(without_post(), line=2), id="line"),
        pytest.param(replace(without_post(), guard=replace(GUARD, key="l")), id="key"),
        pytest.param(replace(without_post(), guard=replace(GUARD, operation="batch")), id="use"),
    ],
)
def test_without_a_post_id_the_request_decides(other):
    assert IDENTITIES.complaint(other) != IDENTITIES.complaint(without_post())
    same = replace(without_post(), said=replace(SAID, external_id=None, text="lain"))
    assert IDENTITIES.complaint(same) == IDENTITIES.complaint(without_post())


@pytest.mark.parametrize(
    ("one", "two", "same"),
    [
        pytest.param(Author(handle="@Budi_1"), Author(handle="budi_1"), True, id="handle"),
        pytest.param(Author(phone="+62 812-1"), Author(phone="628121"), True, id="phone"),
        pytest.param(Author(email="A@B.id"), Author(email="a@b.id"), True, id="email"),
        pytest.param(Author(handle="a1"), Author(handle="a2"), False, id="two people"),
        pytest.param(Author(handle="62812"), Author(phone="62812"), False, id="two kinds"),
        pytest.param(
            Author(name="Budi"), Author(name="Budi"), False, id="a name identifies nobody"
        ),
    ],
)
def test_who_is_the_same_reporter(one, two, same):
    keys = [
        IDENTITIES.reporter(replace(SAID, author=author), complaint_id(number))
        for number, author in enumerate((one, two))
    ]
    assert (keys[0] == keys[1]) is same


def test_another_key_gives_other_identities():
    other = Identities(b"o" * 32)
    assert other.complaint(ARRIVAL) != IDENTITIES.complaint(ARRIVAL)
    assert other.secret(complaint_id()) != IDENTITIES.secret(complaint_id())
    assert other.request("door", GUARD) != IDENTITIES.request("door", GUARD)


def test_a_secret_is_the_same_on_every_retry_and_no_other_complaints():
    secret = IDENTITIES.secret(complaint_id(1))
    assert secret == Identities(b"k" * 32).secret(complaint_id(1))
    assert len(secret) == 22
    assert secret != IDENTITIES.secret(complaint_id(2))
    assert len(secret_hash(secret)) == 32
