from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from router.domain import Edition, Rulebook, effective_moment

NOW = datetime(2026, 3, 17, 5, 0, tzinfo=UTC)
NOTICE = timedelta(seconds=5)


def test_a_version_applies_from_its_moment_until_the_next(rule, compiled):
    editions = [
        Edition(compiled(rule("r", "x"), version=version), effective_ms, offset)
        for version, effective_ms, offset in [("a", 100, 0), ("c", 300, 1), ("b", 200, 2)]
    ]
    for order in permutations(editions):
        book = Rulebook()
        for edition in order:
            book.add(edition)
        found = [book.at(moment).version for moment in (99, 100, 199, 200, 299, 300, 10**13)]
        assert found == ["none", "a", "a", "b", "b", "c", "c"]


def test_of_two_versions_from_one_moment_on_the_later_published_applies(rule, compiled):
    book = Rulebook()
    book.add(Edition(compiled(rule("r", "x"), version="late"), 100, 7))
    book.add(Edition(compiled(rule("r", "x"), version="early"), 100, 3))
    assert book.at(100).version == "late"


@pytest.mark.parametrize(
    ("asked", "first", "expected"),
    [
        pytest.param(None, True, NOW, id="the very first at once"),
        pytest.param(None, False, NOW + NOTICE, id="a later one when all can know it"),
        pytest.param(NOW, False, NOW + NOTICE, id="never sooner than that"),
        pytest.param(NOW - NOTICE, True, NOW, id="never in the past"),
        pytest.param(NOW + 2 * NOTICE, False, NOW + 2 * NOTICE, id="as announced"),
    ],
)
def test_a_version_is_announced_before_it_applies(asked, first, expected):
    assert effective_moment(asked, NOW, notice=NOTICE, first=first) == expected
