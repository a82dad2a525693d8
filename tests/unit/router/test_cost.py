"""Ratios and counts of one run; absolute rates belong to `make bench`."""

from collections.abc import Callable
from datetime import UTC, datetime
from time import process_time

import pytest
from tests.bench.adversarial import CASES, LONGEST, document, rule, short, word

from router.domain import Compiled, Mention, RuleSetUnusable, Why, compile_document, decide
from router.domain.compiling import MANY, MOST_LED_TO
from router.domain.expressions import compile_expression
from router.domain.matching import MOST_HITS, MOST_USES, find

NOON = datetime(2026, 3, 17, 5, 0, tzinfo=UTC)


def many_rules(number: int) -> Compiled:
    return compile_document(
        document(
            (
                rule(n, f"{word(n)} {word(n + 1)}", f"{word(n)} x", none=[f"{word(n)} z"])
                for n in range(number)
            ),
            places=[{"code": "1", "kind": "kecamatan", "name": word(1), "parent": "0"}],
            subjects=[{"code": "s", "any": [word(1)], "pro": [word(2)], "contra": [word(3)]}],
        )
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


@pytest.fixture(scope="module")
def ordinary() -> float:
    """What ten thousand letters cost of which every word is new and none means anything."""
    return _dearest("ordinary")


@pytest.mark.parametrize("name", [case.name for case in CASES if case.name != "ordinary"])
def test_no_rule_and_no_text_costs_much_more_than_an_ordinary_text_as_long(name, ordinary):
    assert _dearest(name) < 4 * ordinary


def _dearest(name: str) -> float:
    case = next(case for case in CASES if case.name == name)
    compiled = compile_document(case.document())

    def mention(number: int) -> Mention:
        text = case.text(number)
        assert len(text) <= LONGEST
        return Mention(text, NOON, "web", stated_category="c")

    texts = [mention(number) for number in range(4)]
    return min(seconds(lambda one=one: decide(one, compiled), runs=1) for one in texts)


@pytest.mark.parametrize("name", [case.name for case in CASES])
def test_what_a_text_meets_is_bounded_and_what_was_left_out_is_told(name):
    case = next(case for case in CASES if case.name == name)
    compiled = compile_document(case.document())
    mention = Mention(case.text(0), NOON, "web", stated_category="c")
    found = find(compiled, mention.text)
    met = sum(compiled.prices[pattern] for pattern in (*found.ranges, *found.denied))
    places = sum(len(ranges) for ranges in found.ranges.values())
    assert met <= MOST_USES + 2 * MOST_LED_TO
    assert places <= 2 * MOST_HITS
    told = [one.why for one in decide(mention, compiled).explanation.runners_up]
    assert (Why.READ_UP_TO in told) == (found.read_up_to is not None)
    assert (Why.NOT_ALL_TRIED in told) == found.untried


def test_a_text_is_read_until_it_has_met_enough():
    compiled = compile_document(document(rule(n, word(n)) for n in range(2 * MOST_USES)))
    text = " ".join(word(n) for n in range(2 * MOST_USES))
    decision = decide(Mention(text, NOON), compiled)
    (limit,) = [one for one in decision.explanation.runners_up if one.rule == "text:words"]
    (span,) = limit.spans
    assert span.words == text[span.start : span.end] == word(MOST_USES)
    assert decide(Mention(text[: span.start], NOON), compiled).explanation.runners_up[-1].rule != (
        "text:words"
    )


@pytest.mark.parametrize(
    "made",
    [
        pytest.param(
            lambda: document(rule(n, "aa") for n in range(MOST_LED_TO + 1)), id="a term of any"
        ),
        pytest.param(
            lambda: document(rule(n, all=["aa"]) for n in range(MOST_LED_TO + 1)), id="of all"
        ),
        pytest.param(
            lambda: document(rule(n, {"near": ["aa", "bb"], "within": n}) for n in range(301)),
            id="near terms",
        ),
        pytest.param(
            lambda: document(rule(n, all=[{"category": ["c"]}]) for n in range(MOST_LED_TO + 1)),
            id="a category",
        ),
        pytest.param(
            lambda: document(
                [rule(0, "x")],
                places=[
                    {"code": f"1.{n}", "kind": "kecamatan", "name": "aa", "parent": "1"}
                    for n in range(MOST_LED_TO + 1)
                ],
            ),
            id="a name of places",
        ),
        pytest.param(
            lambda: document([rule(0, *({"regex": f"a{word(n)}"} for n in range(101)))]),
            id="expressions",
        ),
        pytest.param(
            lambda: document(rule(n, {"regex": f"{short(n)}[ab]{{60}}c"}) for n in range(2)),
            id="expressions with many choices",
        ),
        pytest.param(
            lambda: document([rule(0, "x")], language={"spellings": {"b": "a a a a a a a"}}),
            id="a word for many words",
        ),
    ],
)  # fmt: skip
def test_a_rule_set_by_which_a_short_text_could_be_dear_is_refused(made):
    with pytest.raises(RuleSetUnusable):
        compile_document(made())


def test_an_expression_of_many_choices_is_looked_for_as_far_as_that_is_cheap_and_told():
    compiled = compile_document(document([rule(0, {"regex": "x[ab]{90}c"})]))
    said = "x" + "ab" * 45 + "c"
    near = decide(Mention(f"{said} {'kata ' * 1_800}", NOON), compiled)
    far = decide(Mention(f"{'kata ' * 1_800} {said}", NOON), compiled)
    short = decide(Mention(said, NOON), compiled)
    assert [one.lead for one in (near, far, short)] == ["a", None, "a"]
    told = [[one.why for one in each.explanation.runners_up] for each in (near, far, short)]
    assert told == [[Why.NOT_ALL_TRIED], [Why.NOT_ALL_TRIED], []]


@pytest.mark.parametrize("part", ["all", "none"])
def test_what_many_rules_share_leads_to_those_whose_other_words_are_there(part):
    """So that thousands may ask for one word beside a word of their own."""
    compiled = compile_document(
        document(rule(n, word(n), **{part: ["rusak"]}) for n in range(2 * MANY))
    )
    with_both = decide(Mention(f"{word(7)} rusak", NOON), compiled)
    alone = decide(Mention(word(7), NOON), compiled)
    held, lost = (with_both, alone) if part == "all" else (alone, with_both)
    assert [one.rule for one in held.explanation.decided_by] == ["r7"]
    (loser,) = lost.explanation.runners_up
    assert (loser.rule, loser.why) == (
        "r7", Why.INCOMPLETE if part == "all" else Why.EXCLUDED
    )  # fmt: skip
    assert decide(Mention("rusak", NOON), compiled).explanation.runners_up == ()


def test_a_rule_of_shared_words_alone_is_led_to_by_the_rarest():
    rules = [rule(n, word(n), all=["rusak"]) for n in range(2 * MANY)]
    rules += [rule(900 + n, word(n), none=["parah"]) for n in range(MANY + 10)]
    rules += [rule(5_000, all=["parah", "rusak"]), rule(5_001, "rusak", all=["parah"])]
    compiled = compile_document(document(rules))
    decision = decide(Mention("rusak parah", NOON), compiled)
    assert [one.rule for one in decision.explanation.decided_by] == ["r5000"]
    assert [one.rule for one in decision.explanation.runners_up] == ["r5001"]


@pytest.mark.parametrize(
    ("pattern", "taken"),
    [
        (r"rt\s*\d+", True),
        (r"\b(jl|jalan)\.? [a-z]+", True),
        ("a[ab]{60}c", True),
        ("a.{60}c", False),
        ("(ab|c){60}", False),
        ("a" + "[ab]" * 45 + "c", True),
        ("a" + "." * 45 + "c", False),
    ],
)
def test_an_expression_may_go_on_in_so_many_ways(pattern, taken):
    if taken:
        assert not compile_expression(pattern).search("")
    else:
        with pytest.raises(RuleSetUnusable):
            compile_expression(pattern)
