"""Can every rule match, and does it say what it means?"""

import re
from collections.abc import Iterator, Sequence

from lintas_local.pack.models.pack import Pack
from lintas_local.pack.models.rules import ClassRule, Condition, Near, Predicate, RoutingRule
from lintas_local.pack.problems import Finding, ValuePath

_PLACEHOLDER = re.compile(r"\{[^{}]*\}")
_ALLOWED = {"{ticket}", "{link}"}


def word_findings(pack: Pack) -> Iterator[Finding]:
    """Unknown word lists, terms given twice, and rules that exclude themselves."""
    rules = pack.rules
    for name, phrases in rules.lists.items():
        yield from _repeats(("lists", name), phrases)
    for section, predicates in (("rules", rules.rules), ("classes", rules.classes)):
        for position, rule in enumerate(predicates):
            yield from _predicate(pack, (section, position), rule)
    for position, subject in enumerate(rules.subjects):
        path: ValuePath = ("subjects", position)
        yield from _lists(pack, (*path, "any"), subject.any)
        both = set(subject.pro) & set(subject.contra)
        if both:
            yield Finding("rules.yaml", (*path, "contra"), "expected no term that is also pro")
    yield from _templates(pack)
    language_names = set(type(pack.city.name).model_fields)
    if pack.city.language not in language_names:
        expected = f"expected one of {', '.join(sorted(language_names))}"
        yield Finding("city.yaml", ("language",), expected)


def _templates(pack: Pack) -> Iterator[Finding]:
    for name, template in pack.templates:
        for language, text in template:
            found = set(_PLACEHOLDER.findall(text))
            if "{ticket}" not in found or not found <= _ALLOWED:
                expected = "expected the placeholder {ticket}, and none but {ticket} and {link}"
                yield Finding("templates.yaml", (name, language), expected)


def _predicate(
    pack: Pack, path: ValuePath, rule: Predicate | RoutingRule | ClassRule
) -> Iterator[Finding]:
    for name, conditions in (("any", rule.any), ("all", rule.all), ("none", rule.none)):
        yield from _lists(pack, (*path, name), conditions)
    yield from _repeats((*path, "any"), rule.any)
    yield from _repeats((*path, "none"), rule.none)
    if any(term in rule.any for term in rule.all):
        yield Finding("rules.yaml", (*path, "all"), "expected no term that is also in `any`")
    if any(term in (*rule.any, *rule.all) for term in rule.none):
        yield Finding("rules.yaml", (*path, "none"), "expected no term that the rule looks for")
    if isinstance(rule, ClassRule) and (rule.mention_class == "other") != (rule.kind is not None):
        yield Finding("rules.yaml", path, "expected a `kind` for class other, and only there")


def _lists(pack: Pack, path: ValuePath, terms: Sequence[Condition]) -> Iterator[Finding]:
    for position, term in enumerate(terms):
        if isinstance(term, Near):
            for number, side in enumerate(term.near):
                here = (*path, position, "near", number)
                yield from _lists(pack, here, (side,) if isinstance(side, str) else side)
        elif isinstance(term, str) and term.startswith("@") and term[1:] not in pack.rules.lists:
            known = ", ".join(f"@{name}" for name in sorted(pack.rules.lists)) or "none yet"
            expected = f"expected a word list of this file ({known})"
            yield Finding("rules.yaml", (*path, position), expected)


def _repeats(path: ValuePath, terms: Sequence[Condition]) -> Iterator[Finding]:
    for position, term in enumerate(terms):
        if term in terms[:position]:
            yield Finding("rules.yaml", (*path, position), "expected each term only once")
