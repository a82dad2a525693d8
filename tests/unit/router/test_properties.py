"""What holds of every rule set and every text."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from router.domain import Decision, Mention, compile_document, decide
from router.domain.words import Language

NOON = datetime(2026, 3, 17, 5, 0, tzinfo=UTC)
AGENCIES = ["dishub", "dlh", "dpupr", "pln"]
WORDS = ["lampu", "lampunya", "mati", "jalan", "rusak", "kerusakan", "sampah", "pohon", "got"]

terms = st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map(" ".join)
texts = st.lists(st.sampled_from([*WORDS, "dan", "🙏🏽", "!"]), max_size=12).map(" ".join)
rules = st.lists(
    st.fixed_dictionaries(
        {
            "category": st.just("other"),
            "lead": st.sampled_from(AGENCIES),
            "any": st.lists(terms, min_size=1, max_size=3),
            "all": st.lists(terms, max_size=2),
            "none": st.lists(terms, max_size=1),
            "weight": st.sampled_from([0.5, 1.0, 2.0]),
        }
    ),
    max_size=6,
).map(lambda found: [{"id": f"r{number}", **rule} for number, rule in enumerate(found)])


def document(found: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    return {
        "version": "v",
        "zone": "Asia/Jakarta",
        "agencies": AGENCIES,
        "categories": ["other"],
        "rules": found,
    } | more


def loop_over_rules(text: str, found: list[dict[str, Any]]) -> dict[str, Any] | None:
    """The promise of a rule set, written as plainly as can be."""
    language = Language()

    def stemmed(words: str) -> str:
        return f" {' '.join(language.units(language.words(words)))} "

    best: tuple[float, dict[str, Any]] | None = None
    stream = stemmed(text)
    for rule in found:
        any_found = [term for term in rule["any"] if stemmed(term) in stream]
        all_found = [term for term in rule["all"] if stemmed(term) in stream]
        none_found = [term for term in rule["none"] if stemmed(term) in stream]
        score = rule["weight"] * (len(any_found) + len(all_found))
        holds = any_found and len(all_found) == len(rule["all"]) and not none_found
        if holds and (best is None or score > best[0]):
            best = (score, rule)
    return best[1] if best else None


@given(texts, rules)
def test_the_automaton_decides_as_a_loop_over_the_rules_would(text, found):
    decision = decide(Mention(text, NOON), compile_document(document(found)))
    expected = loop_over_rules(text, found)
    assert decision.lead == (expected["lead"] if expected else None)
    winners = [one.rule for one in decision.explanation.decided_by]
    assert winners == ([expected["id"]] if expected else [])


@given(texts, rules, st.integers(0, 6))
def test_rules_about_other_things_change_nothing(text, found, place):
    unrelated = [
        {"id": f"u{n}", "category": "other", "lead": "pln", "any": [f"lain {n}", f"kata{n}"]}
        for n in range(20)
    ]
    mixed = [*found[:place], *unrelated, *found[place:]]
    alone = decide(Mention(text, NOON), compile_document(document(found)))
    among = decide(Mention(text, NOON), compile_document(document(mixed)))
    assert among == alone


@given(texts, rules)
def test_terms_in_another_order_change_nothing_but_the_term_shown(text, found):
    turned = [{**rule, "any": rule["any"][::-1], "all": rule["all"][::-1]} for rule in found]
    one = decide(Mention(text, NOON), compile_document(document(found)))
    other = decide(Mention(text, NOON), compile_document(document(turned)))
    assert _without_terms(one) == _without_terms(other)


@settings(max_examples=25)
@given(texts, rules)
def test_replaying_gives_the_same_decision(text, found):
    mention = Mention(text, NOON)
    first, again = compile_document(document(found)), compile_document(document(found))
    assert decide(mention, first) == decide(mention, again) == decide(mention, first)


#: decides and prints the bytes of the event
_PROGRAM = """
import sys, json
from lintas.testing.builders import mention
from router.domain import compile_document, decide
from router.usecases.deciding import to_domain, to_event
document, texts = json.load(sys.stdin)
compiled = compile_document(document)
for text in texts:
    print(to_event(decide(to_domain(mention(text=text)), compiled)).model_dump_json())
"""


def test_every_process_decides_in_the_same_bytes():
    found = [
        {"id": f"r{n}", "category": "other", "lead": AGENCIES[n % 4], "any": WORDS[n:] + WORDS[:n],
         "none": ["hujan"], "contributors": [{"agency": AGENCIES[(n + 1) % 4], "reason": "helps"}]}
        for n in range(8)
    ]  # fmt: skip
    more = {
        "subjects": [{"code": "s", "any": ["jalan"], "pro": ["rusak"], "contra": ["mati"]}],
        "classes": [{"id": "c", "class": "aspiration", "any": ["pohon", "got"]}],
        "urgency": {"emergency": ["mati"], "high": ["rusak"]},
    }
    said = ["🙏🏽 lampu mati di jalan rusak", "pohon dan got, kerusakan", "hujan sampah", "halo"]
    asked = json.dumps([document(found, **more), said])
    outputs = {
        subprocess.run(
            [sys.executable, "-c", _PROGRAM],
            input=asked,
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "4242")
    }
    assert len(outputs) == 1
    assert outputs.pop().count("\n") == len(said)


def _without_terms(decision: Decision) -> object:
    return replace(
        decision,
        explanation=[
            (one.rule, one.why, one.weight, {(span.start, span.end) for span in one.spans})
            for one in (*decision.explanation.decided_by, *decision.explanation.runners_up)
        ],
    )
