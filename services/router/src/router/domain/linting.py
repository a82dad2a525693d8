"""What is wrong with a rule set, beyond the shape of its document?"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from router.domain.conditions import Circumstance, Condition
from router.domain.rulesets import ClassRule, Predicate, RoutingRule, RuleSet

#: circumstances that few mentions share: a rule may hang on one alone
_NARROW = frozenset({"category", "area"})
#: rules that share a condition: more are not compared with each other
_MOST_COMPARED = 50
#: words in so many texts that one alone says nothing
COMMON = frozenset(
    {
        "ada", "air", "anak", "bapak", "belum", "bisa", "dan", "dengan", "di", "ini", "itu", "jalan",
        "kami", "kota", "lagi", "mohon", "orang", "pak", "rumah", "saya", "sudah", "tidak", "tolong",
        "untuk", "warga", "yang",
    }
)  # fmt: skip


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
    #: advice keeps nothing from being published
    advice: bool = False


def lint(ruleset: RuleSet) -> tuple[Finding, ...]:
    """Everything that keeps `ruleset` from being published, in the order of the document."""
    return (
        *_repeated("rules", (rule.id for rule in ruleset.rules)),
        *_repeated("classes", (rule.id for rule in ruleset.classes)),
        *_repeated("subjects", (subject.code for subject in ruleset.subjects)),
        *_repeated("places", (place.code for place in ruleset.places)),
        *_rules(ruleset),
        *_circumstances(ruleset),
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


def _circumstances(ruleset: RuleSet) -> Iterator[Finding]:
    """Circumstances that name nothing the rule set knows, or that no word narrows down."""
    known = {
        "category": ruleset.categories,
        "area": {place.code for place in ruleset.places},
    }
    for section, rules in (("rules", ruleset.rules), ("classes", ruleset.classes)):
        for number, rule in enumerate(rules):
            for part in ("any", "all", "none"):
                for place, one in enumerate(getattr(rule, part)):
                    if not isinstance(one, Circumstance):
                        continue
                    path = (section, number, part, place, one.kind)
                    for at, value in enumerate(one.values):
                        if value not in known.get(one.kind, {value}):
                            expected = f"a known {one.kind}"
                            yield Finding((*path, at), f"unknown_{one.kind}", expected, rule.id)
                    if section == "classes" and one.kind == "class":
                        expected = "another condition, as this rule finds the class"
                        yield Finding(path, "class_of_itself", expected, rule.id)
            if _too_broad(rule):
                expected = "a word, an expression, a category or an area in it"
                yield Finding((section, number, "any"), "too_broad", expected, rule.id)


def _too_broad(rule: Predicate) -> bool:
    """Whether circumstances alone bring it up: then every such mention would pay for it."""
    leading = [one for one in rule.any if isinstance(one, Circumstance)]
    if not rule.any and not any(not isinstance(one, Circumstance) for one in rule.all):
        narrow = any(isinstance(one, Circumstance) and one.kind in _NARROW for one in rule.all)
        return bool(rule.all) and not narrow
    return any(one.kind not in _NARROW for one in leading)


def advise(ruleset: RuleSet) -> tuple[Finding, ...]:
    """Rules that nothing is wrong with and that still do not do what was meant, as far as it shows.

    A rule is told as shadowed where another holds whenever it does and always beats it.
    """
    return (
        *_shadowed("rules", ruleset.rules, by_order=ruleset.by_order),
        *_shadowed("classes", ruleset.classes, by_order=ruleset.by_order),
        *_common(ruleset),
    )


def _common(ruleset: RuleSet) -> Iterator[Finding]:
    for section, rules in (("rules", ruleset.rules), ("classes", ruleset.classes)):
        for number, rule in enumerate(rules):
            for place, term in enumerate(rule.any):
                if isinstance(term, str) and term in COMMON and not rule.all:
                    path = (section, number, "any", place)
                    expected = "a less common word, or another beside it"
                    yield Finding(path, "too_broad", expected, rule.id, advice=True)


def _shadowed(section: str, rules: Sequence[Predicate], *, by_order: bool) -> Iterator[Finding]:
    by_condition: dict[Condition, list[int]] = {}
    for number, rule in enumerate(rules):
        for one in set(rule.sought()):
            by_condition.setdefault(one, []).append(number)
    for number, rule in enumerate(rules):
        # what beats it has every condition of its `any`, or no `any` and only some of its `all`
        shared = (
            min((by_condition[one] for one in rule.any), key=len)
            if rule.any
            else list(dict.fromkeys(other for one in rule.all for other in by_condition[one]))
        )
        for other in shared[:_MOST_COMPARED]:
            if other != number and _beats(rules, other, number, by_order=by_order):
                expected = f"that not always `{rules[other].id}` decides instead"
                yield Finding((section, number), "shadowed", expected, rule.id, advice=True)
                break


def _beats(rules: Sequence[Predicate], one: int, other: int, *, by_order: bool) -> bool:
    """Whether rule `one` holds whenever `other` does and is always preferred."""
    better, worse = rules[one], rules[other]
    if not (
        set(better.all) <= set(worse.all)
        and set(worse.any) <= set(better.any)
        and bool(worse.any) >= bool(better.any)
        and set(better.none) <= set(worse.none)
        and (better.effective_from or date.min) <= (worse.effective_from or date.min)
        and (better.effective_until or date.max) >= (worse.effective_until or date.max)
    ):
        return False
    if by_order:
        return one < other
    # every condition that the other scores by, it scores by too
    scores = set(worse.sought()) <= set(better.sought())
    return scores and (better.weight, -one) > (worse.weight, -other)


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
