from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from lintas.vocabulary.ids import (
    ComplaintId,
    derived_id,
    first_mention_complaint_id,
    mention_event_id,
    request_complaint_id,
)

KEY = b"k" * 32
CAUSE = UUID("0d7b2a0e-7d52-5a0e-8f0a-1c4f5c1f7a11")
names = st.text(max_size=20).filter(lambda text: text.isprintable())


def test_ids_never_change():
    """Written down once: a log of years hangs on these."""
    post = first_mention_complaint_id(KEY, "instagram", "pemkotbogor", "17900")
    request = request_complaint_id(KEY, "sibadra", "8e03978e-40d5")
    assert str(post) == "a96aab04-fde8-5c43-8149-12892b0b2d59"
    assert str(request) == "5a759e17-5e77-54ff-b9d8-1614b355f50b"
    assert str(mention_event_id(post, "0")) == "8fb41a49-6531-53a4-a6c3-a45f73bda35b"
    assert str(derived_id(CAUSE, "assigned", 1)) == "f438d09c-1f1b-5e76-aaed-1c68c9649479"


def test_a_redelivery_is_the_same_complaint():
    first = first_mention_complaint_id(KEY, "instagram", "pemkotbogor", "17900")
    assert first == first_mention_complaint_id(KEY, "instagram", "pemkotbogor", "17900")


def test_without_the_key_an_id_cannot_be_recomputed():
    known = first_mention_complaint_id(KEY, "instagram", "pemkotbogor", "17900")
    assert known != first_mention_complaint_id(b"x" * 32, "instagram", "pemkotbogor", "17900")


@given(st.lists(names, min_size=3, max_size=3), st.lists(names, min_size=3, max_size=3))
def test_two_posts_are_two_complaints_however_their_names_join(one, other):
    same = first_mention_complaint_id(KEY, *one) == first_mention_complaint_id(KEY, *other)
    assert same == (one == other)


def test_no_separator_of_a_platform_joins_two_posts():
    one = first_mention_complaint_id(KEY, "a", "b\x1fc", "d")
    assert one != first_mention_complaint_id(KEY, "a", "b", "c\x1fd")
    assert request_complaint_id(KEY, "1:a", "") != request_complaint_id(KEY, "", "1:a")


def test_a_post_and_a_request_of_the_same_words_differ():
    assert first_mention_complaint_id(KEY, "", "a", "b") != request_complaint_id(KEY, "a", "b")


def test_each_thing_a_cause_brings_about_has_its_own_id():
    ids = {derived_id(CAUSE, kind, n) for kind in ("assigned", "registered") for n in range(5)}
    assert len(ids) == 10
    assert derived_id(CAUSE, "assigned") == derived_id(CAUSE, "assigned", 0)


def test_each_revision_of_a_mention_has_its_own_event():
    complaint = ComplaintId(CAUSE)
    assert mention_event_id(complaint, "1") != mention_event_id(complaint, "2")
