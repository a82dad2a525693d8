from datetime import timedelta
from itertools import count, takewhile

from ingest.domain.pointed import wait


def waits(spread: float) -> list[timedelta]:
    answers = (wait(tries, spread) for tries in count(1))
    return [pause for pause in takewhile(lambda pause: pause is not None, answers) if pause]


def test_the_first_waits_are_seconds_and_none_is_shorter_than_the_one_before():
    pauses = waits(0)
    assert pauses[0] == timedelta(seconds=2)
    assert pauses == sorted(pauses)


def test_a_platform_is_asked_for_about_a_week_as_long_as_its_ids_live():
    assert timedelta(days=6) < sum(waits(0), timedelta()) < timedelta(days=8)


def test_attempts_that_failed_together_move_apart_by_at_most_half():
    for bare, spread in zip(waits(0), waits(1), strict=True):
        assert spread == bare * 1.5
