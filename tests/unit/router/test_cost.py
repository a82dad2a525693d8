"""Ratios of one run; absolute rates belong to `make bench`."""

from collections.abc import Callable
from datetime import UTC, datetime
from time import process_time

import pytest

from router.domain import Compiled, Mention, compile_document, decide

NOON = datetime(2026, 3, 17, 5, 0, tzinfo=UTC)
SYLLABLES = ["ba", "ci", "du", "go", "ka", "lu", "mi", "no", "pe", "ra", "so", "ti"]


def word(number: int) -> str:
    """One of 20,736 made-up words."""
    return "".join(SYLLABLES[number // 12**place % 12] for place in range(4))


def many_rules(number: int) -> Compiled:
    return compile_document(
        {
            "version": "v",
            "zone": "Asia/Jakarta",
            "agencies": ["a"],
            "categories": ["c"],
            "rules": [
                {
                    "id": f"r{n}",
                    "category": "c",
                    "lead": "a",
                    "any": [f"{word(n)} {word(n + 1)}", f"{word(n)} x"],
                    "none": [f"{word(n)} z"],
                    "weight": 1.0 + n % 7,
                }
                for n in range(number)
            ],
            "places": [{"code": "1", "kind": "kecamatan", "name": word(1), "parent": "0"}],
            "subjects": [{"code": "s", "any": [word(1)], "pro": [word(2)], "contra": [word(3)]}],
        }
    )


def seconds(work: Callable[[], object], runs: int = 3) -> float:
    """The best of a few runs: what else the machine does only ever adds."""

    def once() -> float:
        started = process_time()
        work()
        return process_time() - started

    return min(once() for _ in range(runs))


@pytest.fixture(scope="module")
def large() -> Compiled:
    return many_rules(20_000)


def test_a_hundred_times_the_rules_cost_less_than_twice_the_time(large):
    small = many_rules(200)
    mentions = [
        Mention(f"{'kata biasa ' * 12} {word(n)} {word(n + 1)} di sini {word(n + 5)} x", NOON)
        for n in range(0, 190, 2)
    ]
    few = seconds(lambda: [decide(mention, small) for mention in mentions])
    many = seconds(lambda: [decide(mention, large) for mention in mentions])
    assert few / many >= 0.5


def test_a_loop_over_the_rules_costs_fifty_times_as_much(large):
    texts = [f"{'kata biasa ' * 12} {word(n)} {word(n + 1)}" for n in range(0, 15_000, 5_000)]
    rules = [
        [f" {' '.join(large.language.units(large.language.words(term)))} " for term in rule.any]
        for rule in large.ruleset.rules
    ]

    def loop() -> None:
        for text in texts:
            stream = f" {' '.join(large.language.units(large.language.words(text)))} "
            [sum(term in stream for term in terms) for terms in rules]

    def ours() -> None:
        for text in texts:
            decide(Mention(text, NOON), large)

    assert seconds(loop) / seconds(ours) >= 50


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(" ".join(f"{word(n)} {word(n + 1)}" for n in range(0, 2_000, 2)), id="rules"),
        pytest.param(f"{word(1)} {word(2)} {word(3)} " * 500, id="places and opinions"),
        pytest.param("1 " * 5_000, id="short words"),
        pytest.param("🙏🏽" * 5_000, id="no words"),
    ],
)
def test_no_text_costs_more_than_its_length(text, large):
    """10 kB in about 5 ms; the bound leaves room for a busy machine."""
    text = text[:10_000]
    assert seconds(lambda: decide(Mention(text, NOON), large), runs=5) < 0.025
