"""What is wrong with a rule set, beyond the shape of its document?"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from lintas.vocabulary.terms import MentionClass
from router.domain.conditions import EXACT, Circumstance, Condition, Near
from router.domain.rulesets import Predicate, RoutingRule, RuleSet, RuleSetUnusable
from router.domain.words import Language

#: circumstances that few mentions share: a rule may hang on one alone
_NARROW = frozenset({"category", "area"})
#: circumstances of which a mention may have more than one value, or that are a span
_SEVERAL = frozenset({"area", "hours"})
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
        *_predicates(ruleset),
        *_places(ruleset),
    )


def unusable(ruleset: RuleSet, error: RuleSetUnusable) -> Finding:
    """Why `ruleset` cannot be compiled, as a fault of the rule in which it shows."""
    for section, rules in (("rules", ruleset.rules), ("classes", ruleset.classes)):
        for number, rule in enumerate(rules):
            if rule.id == error.rule:
                return Finding((section, number), "unusable", f"not {error}", rule.id)
    return Finding((), "unusable", f"not {error}", ruleset.version)


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
    meant = _Meaning(ruleset)
    rules, classes = meant.of(ruleset.rules), meant.of(ruleset.classes)
    return (
        *_shadowed("rules", rules, by_order=ruleset.by_order),
        *_shadowed("classes", classes, by_order=ruleset.by_order),
        *_without_action(ruleset.rules),
        *_partly_excluded(meant, ruleset),
        *_common(meant, ruleset),
    )


class _Meaning:
    """What conditions come to: terms of one meaning are equal, however they are written."""

    def __init__(self, ruleset: RuleSet) -> None:
        self._language = Language(ruleset.speech)
        self._negations = frozenset(self._language.units(sorted(ruleset.speech.negations)))
        #: by what it is found by
        self.common = frozenset(self._language.units(sorted(COMMON)))

    def of(self, rules: Sequence[Predicate]) -> list[Predicate]:
        """`rules` with their terms as what they are found by."""
        return [
            replace(
                rule, any=self._each(rule.any), all=self._each(rule.all), none=self._each(rule.none)
            )
            for rule in rules
        ]

    def term(self, term: str) -> str:
        """What a term is found by; an exact one is only itself."""
        words = self._language.words(term)
        if term.startswith(EXACT):
            return EXACT + " ".join(map(self._language.spell, words))
        return " ".join(self._language.units(words))

    def excluded(self, one: Condition, none: Iterable[Condition]) -> bool:
        """Whether a condition of `none` holds wherever `one` does."""
        if isinstance(one, Circumstance):
            return any(
                isinstance(other, Circumstance)
                and other.kind == one.kind
                and (other == one or (one.kind != "hours" and {*one.values} <= {*other.values}))
                for other in none
            )
        if not isinstance(one, str):
            return one in none
        sought = self.term(one)
        if not self._negations.isdisjoint(sought.split(" ")):
            # what a term denies by itself is not there for others
            return sought in {self.term(other) for other in none if isinstance(other, str)}
        found = f" {sought.removeprefix(EXACT)} "
        stems = f" {self.term(one.removeprefix(EXACT))} "
        for other in (self.term(other) for other in none if isinstance(other, str)):
            exact = other.startswith(EXACT)
            # a term that may be found in other words is not always there in these
            if f" {other.removeprefix(EXACT)} " in (found if exact else stems) and (
                not exact or sought.startswith(EXACT)
            ):
                return True
        return False

    def _each(self, conditions: Sequence[Condition]) -> tuple[Condition, ...]:
        return tuple(
            Near(self._side(one.one), self._side(one.other), one.within)
            if isinstance(one, Near)
            else self.term(one)
            if isinstance(one, str)
            else one
            for one in conditions
        )

    def _side(self, terms: Iterable[str]) -> tuple[str, ...]:
        return tuple(sorted(map(self.term, terms)))


def _each_rule(ruleset: RuleSet) -> Iterator[tuple[str, int, Predicate]]:
    for section, rules in (("rules", ruleset.rules), ("classes", ruleset.classes)):
        for number, rule in enumerate(rules):
            yield section, number, rule


def _common(meant: _Meaning, ruleset: RuleSet) -> Iterator[Finding]:
    for section, number, rule in _each_rule(ruleset):
        for place, term in enumerate(rule.any) if not rule.all else ():
            if isinstance(term, str) and (
                meant.term(term) in meant.common or len(term.removeprefix(EXACT)) == 1
            ):
                path = (section, number, "any", place)
                expected = "a less common word, or another beside it"
                yield Finding(path, "too_broad", expected, rule.id, advice=True)


def _without_action(rules: Sequence[RoutingRule]) -> Iterator[Finding]:
    """Rules for classes that no agency is asked about."""
    for number, rule in enumerate(rules):
        for place, one in enumerate(rule.all):
            classes = one.values if isinstance(one, Circumstance) and one.kind == "class" else ()
            if classes and not any(MentionClass(value).needs_action for value in classes):
                path = ("rules", number, "all", place)
                expected = "a class that an agency answers"
                yield Finding(path, "unreachable", expected, rule.id, advice=True)


def _partly_excluded(meant: _Meaning, ruleset: RuleSet) -> Iterator[Finding]:
    for section, number, rule in _each_rule(ruleset):
        for place, one in enumerate(rule.any) if rule.none else ():
            if meant.excluded(one, rule.none):
                path = (section, number, "any", place)
                expected = "no condition that another of `none` always excludes"
                yield Finding(path, "contradiction", expected, rule.id, advice=True)


def _shadowed(section: str, rules: Sequence[Predicate], *, by_order: bool) -> Iterator[Finding]:
    by_condition: dict[Condition, list[int]] = {}
    for number, rule in enumerate(rules):
        for one in dict.fromkeys(rule.sought()):
            by_condition.setdefault(one, []).append(number)
    for number, rule in enumerate(rules):
        # what beats it has every condition of its `any`, or no `any` and only some of its `all`
        shared = (
            min((by_condition[one] for one in rule.any), key=len)
            if rule.any
            else list(dict.fromkeys(other for one in rule.all for other in by_condition[one]))
        )
        better = next(
            (
                other
                for other in shared[:_MOST_COMPARED]
                if _beats(rules, other, number, by_order=by_order)
            ),
            None,
        )
        if better is not None:
            expected = f"that not always `{rules[better].id}` decides instead"
            yield Finding((section, number), "shadowed", expected, rule.id, advice=True)
        elif by_order and len(rule.any) > 1 and _cut_off(rules, number, by_condition):
            expected = "a condition upon which no rule before it decides"
            yield Finding((section, number), "unreachable", expected, rule.id, advice=True)


def _beats(rules: Sequence[Predicate], one: int, other: int, *, by_order: bool) -> bool:
    """Whether rule `one` holds whenever `other` does and is always preferred."""
    better, worse = rules[one], rules[other]
    if one == other or not _holds_with(better, worse):
        return False
    if by_order:
        return one < other
    # every condition that the other scores by, it scores by too
    scores = set(worse.sought()) <= set(better.sought())
    return scores and (better.weight, -one) > (worse.weight, -other)


def _cut_off(
    rules: Sequence[Predicate], number: int, by_condition: Mapping[Condition, Sequence[int]]
) -> bool:
    """Whether upon each condition of its `any` some rule before it holds."""
    return all(
        any(
            other < number and _holds_with(rules[other], replace(rules[number], any=(one,)))
            for other in by_condition[one][:_MOST_COMPARED]
        )
        for one in rules[number].any
    )


def _holds_with(better: Predicate, worse: Predicate) -> bool:
    return (
        set(better.all) <= {*worse.all, *(worse.any if len(worse.any) == 1 else ())}
        and set(worse.any) <= set(better.any or worse.any)
        and bool(worse.any) >= bool(better.any)
        and set(better.none) <= set(worse.none)
        and (better.effective_from or date.min) <= (worse.effective_from or date.min)
        and (better.effective_until or date.max) >= (worse.effective_until or date.max)
    )


def _predicates(ruleset: RuleSet) -> Iterator[Finding]:
    """Rules that never hold."""
    meant = _Meaning(ruleset)
    for section, number, rule in _each_rule(ruleset):
        path = (section, number)
        if not rule.any and not rule.all:
            yield Finding((*path, "any"), "empty_condition", "at least one term", rule.id)
        elif _excludes_itself(meant, rule):
            expected = "no term that the rule looks for"
            yield Finding((*path, "none"), "contradiction", expected, rule.id)
        if _at_odds(rule):
            expected = "circumstances that can be so together"
            yield Finding((*path, "all"), "contradiction", expected, rule.id)
        for part in ("any", "all"):
            for place, one in enumerate(getattr(rule, part)):
                hours = isinstance(one, Circumstance) and one.kind == "hours"
                if hours and one.values[0] == one.values[1]:
                    expected = "an hour between from and until"
                    yield Finding((*path, part, place), "never_matches", expected, rule.id)
        first, last = rule.effective_from, rule.effective_until
        if first is not None and last is not None and last < first:
            expected = "no day before `effective_from`"
            yield Finding((*path, "effective_until"), "never_in_effect", expected, rule.id)


def _excludes_itself(meant: _Meaning, rule: Predicate) -> bool:
    if not rule.none:
        return False
    if {*rule.none} & {*rule.any, *rule.all}:
        return True
    needed = any(meant.excluded(one, rule.none) for one in rule.all)
    return needed or (bool(rule.any) and all(meant.excluded(one, rule.none) for one in rule.any))


def _at_odds(rule: Predicate) -> bool:
    """Whether `all` asks for two values of what a mention has one of."""
    possible: dict[str, set[str]] = {}
    for one in rule.all:
        if isinstance(one, Circumstance) and one.kind not in _SEVERAL:
            values = possible.setdefault(one.kind, {*one.values})
            values &= {*one.values}
    return not all(possible.values())


def _places(ruleset: RuleSet) -> Iterator[Finding]:
    codes = {place.code for place in ruleset.places}
    for number, place in enumerate(ruleset.places):
        if place.kind != "city" and place.parent not in codes:
            path = ("places", number, "parent")
            yield Finding(path, "unknown_place", "the code of the area around it", place.code)
