import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.domain import Change, Difference, differences
from router.domain.differences import Kind


@pytest.fixture
def before(rule, document):
    return document(rule("a", "lampu"), rule("b", "sampah"), rule("c", "jalan", "lubang"))


def test_equal_rules_have_no_differences(before):
    found = differences(before, {**before, "version": "v2", "places": [], "language": None})
    assert (found.entries, found.document) == ((), ())


def test_a_field_tells_what_it_lost_and_gained(before, rule):
    after = {**before, "rules": [*before["rules"][:2], rule("c", "jalan", "aspal", weight=2.0)]}
    assert differences(before, after).entries == (
        Difference(
            "rules",
            "c",
            Kind.CHANGED,
            (Change("any", ("lubang",), ("aspal",)), Change("weight", (), (2.0,))),
        ),
    )


def test_rules_are_added_and_removed_with_their_fields(before, rule):
    after = {**before, "rules": [*before["rules"][1:], rule("d", "pohon")]}
    added, removed = differences(before, after).entries
    assert (added.name, added.kind, removed.name, removed.kind) == (
        *("d", Kind.ADDED),
        *("a", Kind.REMOVED),
    )
    assert Change("any", (), ("pohon",)) in added.changes
    assert Change("any", ("lampu",), ()) in removed.changes


def test_a_rule_that_stands_elsewhere_was_moved(before):
    first, *others = before["rules"]
    found = differences(before, {**before, "rules": [*others, first]})
    assert [(one.name, one.kind) for one in found.entries] == [("a", Kind.MOVED)]


def test_terms_in_another_order_are_shown_whole(before):
    turned = {**before["rules"][2], "any": ["lubang", "jalan"]}
    (found,) = differences(before, {**before, "rules": [*before["rules"][:2], turned]}).entries
    assert found.changes == (Change("any", ("jalan", "lubang"), ("lubang", "jalan")),)


def test_the_rest_of_the_document_is_told_by_field(before):
    after = before | {
        "language": {"spellings": {"jln": "jalan"}, "typos": True},
        "model": {"version": "0" * 16, "sha256": "0" * 64, "threshold": 0.9},
        "agencies": before["agencies"][1:],
    }
    assert {change.field: (change.removed, change.added) for change in
            differences(before, after).document} == {
        "agencies": (("dishub",), ()),
        "language.spellings.jln": ((), ("jalan",)),
        "language.typos": ((), (True,)),
        "model.sha256": ((), ("0" * 64,)),
        "model.threshold": ((), (0.9,)),
        "model.version": ((), ("0" * 16,)),
    }  # fmt: skip


@given(st.permutations("abcdefgh"), st.permutations("abcdefgh"))
def test_rules_that_were_not_moved_keep_their_order(one, other):
    before, after = ({"rules": [{"id": name} for name in names]} for names in (one, other))
    moved = {found.name for found in differences(before, after).entries}
    assert [name for name in one if name not in moved] == [
        name for name in other if name not in moved
    ]
    assert (one == other) == (not moved)
