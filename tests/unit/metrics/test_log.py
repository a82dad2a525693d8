from datetime import UTC, datetime, timedelta

import pytest

from metrics.domain.log import Position, known_to

NOON = datetime(2026, 3, 17, 5, 0, 0, 700_000, tzinfo=UTC)
SECOND = NOON.replace(microsecond=0)


@pytest.mark.parametrize(
    ("read_to", "expected"),
    [
        pytest.param([], None, id="nothing is read"),
        pytest.param([NOON], SECOND, id="whole seconds"),
        pytest.param([NOON, NOON - timedelta(hours=1)], SECOND - timedelta(hours=1), id="earliest"),
        pytest.param([NOON, None], None, id="one is not known"),
    ],
)
def test_known_to(read_to: list[datetime | None], expected: datetime | None):
    positions = [Position("a", number, 5, at) for number, at in enumerate(read_to)]
    elsewhere = Position("directory", 0, 1, None)
    assert known_to([*positions, elsewhere], ["a"]) == expected
