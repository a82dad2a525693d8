"""What is wrong with a rule set, beyond the shape of its document?"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from router.domain.rulesets import ClassRule, Predicate, RoutingRule, RuleSet


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault: where it is, and what was expected there."""

    #: place in the document
    path: tuple[str | int, ...]
    #: stable, snake_case
    code: str
    expected: str
    #: id of the rule, subject or place it is in
    rule: str


def lint(ruleset: RuleSet) -> tuple[Finding, ...]:
    """Everything that keeps `ruleset` from being published, in the order of the document."""
    return (
        *_repeated("rules", (rule.id for rule in ruleset.rules)),
        *_repeated("classes", (rule.id for rule in ruleset.classes)),
        *_repeated("subjects", (subject.code for subject in ruleset.subjects)),
        *_repeated("places", (place.code for place in ruleset.places)),
        *_rules(ruleset),
        *_classes(ruleset.classes),
        *_places(ruleset),
    )


def _repeated(section: str, names: Iterable[str]) -> Iterator[Finding]:
    seen: set[str] = set()
    for number, name in enumerate(names):
        if name in seen:
            field = "id" if section in {"rules", "classes"} else "code"
            yield Finding((section, number, field), "repeated", "a name of its own", name)
        seen.add(name)


def _rules(ruleset: RuleSet) -> Iterator[Finding]:
    for number, rule in enumerate(ruleset.rules):
        path = ("rules", number)
        if rule.category not in ruleset.categories:
            yield Finding((*path, "category"), "unknown_category", "a known category", rule.id)
        if rule.lead not in ruleset.agencies:
            yield Finding((*path, "lead"), "unknown_agency", "a known agency", rule.id)
        yield from _contributors(ruleset, path, rule)
        yield from _predicate(path, rule)


def _contributors(
    ruleset: RuleSet, path: tuple[str | int, ...], rule: RoutingRule
) -> Iterator[Finding]:
    taken = {rule.lead}
    for number, helper in enumerate(rule.contributors):
        here = (*path, "contributors", number, "agency")
        if helper.agency not in ruleset.agencies:
            yield Finding(here, "unknown_agency", "a known agency", rule.id)
        elif helper.agency in taken:
            yield Finding(here, "repeated", "an agency that is not yet in this rule", rule.id)
        taken.add(helper.agency)


def _classes(rules: Iterable[ClassRule]) -> Iterator[Finding]:
    for number, rule in enumerate(rules):
        yield from _predicate(("classes", number), rule)


def _predicate(path: tuple[str | int, ...], rule: Predicate) -> Iterator[Finding]:
    if not rule.any and not rule.all:
        yield Finding((*path, "any"), "empty_condition", "at least one term", rule.id)
    if set(rule.none) & {*rule.any, *rule.all}:
        expected = "no term that the rule looks for"
        yield Finding((*path, "none"), "contradiction", expected, rule.id)
    first, last = rule.effective_from, rule.effective_until
    if first is not None and last is not None and last < first:
        expected = "no day before `effective_from`"
        yield Finding((*path, "effective_until"), "never_in_effect", expected, rule.id)


def _places(ruleset: RuleSet) -> Iterator[Finding]:
    codes = {place.code for place in ruleset.places}
    for number, place in enumerate(ruleset.places):
        if place.kind != "city" and place.parent not in codes:
            path = ("places", number, "parent")
            yield Finding(path, "unknown_place", "the code of the area around it", place.code)
