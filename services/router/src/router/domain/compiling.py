"""A rule set made ready: one automaton for all its terms, and an index from terms to rules.

What can be found in a text has a number, its *pattern*: a term's stems, an exact term, two terms
near each other, an expression. The automaton finds the first kind, the others follow from it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import Any, NamedTuple

from ahocorasick_rs import AhoCorasick

from lintas.vocabulary.terms import Urgency
from router.domain.advising import Advisor
from router.domain.borders import Borders
from router.domain.conditions import EXACT, Circumstance, Condition, Expression, Near, Textual
from router.domain.expressions import Expressions
from router.domain.rulesets import Predicate, RuleSet, RuleSetUnusable
from router.domain.suggesting import Suggester
from router.domain.words import Language

#: circumstances that few rules share, the better ones to find a rule without words by
_RARE = ("area", "category")
#: a term of more rules leads to none of them that another term or circumstance leads to
MANY = 100
#: what one term or circumstance may lead to: of more rules that hold at once one alone would win
MOST_LED_TO = 300
#: conditions of a rule that cost as much, when it is met, as meeting it
_AS_DEAR = 10
#: words that one word may stand for
MOST_SPELLED = 6


class Part(IntEnum):
    """Where in a predicate a term stands."""

    ANY = 0
    ALL = 1
    NONE = 2


class Side(IntEnum):
    """What a term says about a subject."""

    ABOUT = 0
    PRO = 1
    CONTRA = 2


class Posting(NamedTuple):
    """A pattern's use in one predicate."""

    predicate: int
    part: Part
    #: how many of the predicate's terms are this pattern: terms with equal stems count each
    times: int
    #: the first of them, as written
    term: str


class Opinion(NamedTuple):
    """A pattern's use in one subject."""

    subject: int
    side: Side
    term: str


class PlaceName(NamedTuple):
    """A pattern's use as the name of a place."""

    place: int
    #: names are found as written only: their stems are other words
    words: str


class Pair(NamedTuple):
    """Two sides of terms that shall stand near each other."""

    pattern: int
    one: tuple[int, ...]
    other: tuple[int, ...]
    within: int


class Denying(NamedTuple):
    """Words that deny, by what they are found by."""

    negations: frozenset[str]
    bridges: frozenset[str]
    absences: frozenset[str]
    only: frozenset[str]


#: the circumstances in `any`, `all` and `none` of a predicate
Asked = tuple[tuple[Circumstance, ...], tuple[Circumstance, ...], tuple[Circumstance, ...]]


@dataclass(frozen=True, slots=True)
class Compiled:
    """A rule set against which mentions are decided.

    What a decision costs hangs on the words found, not on how many rules there are. Not to be
    used by two threads at once.
    """

    ruleset: RuleSet
    language: Language
    denying: Denying
    #: finds stemmed words between single spaces; None if there are no terms at all
    automaton: AhoCorasick | None
    #: the pattern of each of the automaton's
    stemmed: tuple[int, ...]
    #: how many words the longest of them has
    longest: int
    #: by pattern of its stems: the words as they must be spelled → pattern
    exact: Mapping[int, Mapping[str, int]]
    #: by pattern of a term of either side
    near: Mapping[int, tuple[Pair, ...]]
    expressions: Expressions
    borders: Borders
    #: routing rules, then class rules
    predicates: tuple[Predicate, ...]
    #: by predicate: how many different patterns its `all` has
    needed: tuple[int, ...]
    #: by predicate, only those that ask for circumstances
    asked: Mapping[int, Asked]
    #: (kind, value) → the predicates that no word need lead to
    by_fact: Mapping[tuple[str, str], tuple[int, ...]]
    #: by pattern: the predicates that it leads to
    postings: tuple[tuple[Posting, ...], ...]
    #: by predicate that another pattern leads to: (pattern, its use)
    beside: Mapping[int, tuple[tuple[int, Posting], ...]]
    #: by pattern: what finding it costs, a predicate that it leads to being one
    prices: tuple[int, ...]
    #: by pattern, only those that have some
    urgencies: Mapping[int, tuple[Urgency, str]]
    opinions: Mapping[int, tuple[Opinion, ...]]
    places: Mapping[int, tuple[PlaceName, ...]]
    #: asked where rules are silent or disagree
    advisor: Advisor | None = None

    @property
    def version(self) -> str:
        """The rule set's version."""
        return self.ruleset.version

    def advised(self, suggester: Suggester, threshold: float) -> "Compiled":
        """The same rules with a model that is asked where they are silent or disagree."""
        rules = {rule.id: rule for rule in self.ruleset.rules}
        return replace(self, advisor=Advisor(suggester, threshold, rules))


def compile_document(document: Mapping[str, Any]) -> Compiled:
    """A published document, ready; RuleSetUnusable if it cannot be."""
    return compile_ruleset(RuleSet.from_document(document))


def compile_ruleset(ruleset: RuleSet) -> Compiled:
    """`ruleset`, ready.

    Raises:
        RuleSetUnusable: a term holds no word, an expression is none of RE2's, or a text could cost
            more than a text may.
    """
    if any(words.count(" ") >= MOST_SPELLED for words in ruleset.speech.spellings.values()):
        raise RuleSetUnusable(f"a word that stands for more than {MOST_SPELLED} words")
    language = Language(ruleset.speech)
    index = _Index(language, spelled=bool(ruleset.speech.spellings))
    predicates: tuple[Predicate, ...] = (*ruleset.rules, *ruleset.classes)
    needed = tuple(index.add_predicate(number, rule) for number, rule in enumerate(predicates))
    index.add_urgency(Urgency.EMERGENCY, ruleset.emergency)
    index.add_urgency(Urgency.HIGH, ruleset.high)
    for number, subject in enumerate(ruleset.subjects):
        index.add_opinions(number, Side.ABOUT, subject.any)
        index.add_opinions(number, Side.PRO, subject.pro)
        index.add_opinions(number, Side.CONTRA, subject.contra)
    # of what is written so far a slip is forgiven; names of places are taken as they are written
    meant = index.words()
    for number, place in enumerate(ruleset.places):
        if place.kind != "city":
            index.add_place(number, place.names)
    speech = ruleset.speech
    denying = Denying(
        *(
            frozenset(language.units(sorted(words)))
            for words in (speech.negations, speech.bridges, speech.absences, speech.only)
        )
    )
    language.forgive_slips(meant)
    postings, beside = index.led()
    near = _by_term(index.pairs)
    prices = index.prices(postings, beside, near)
    for pattern, price in enumerate(prices):
        if price > MOST_LED_TO:
            raise _leads_to_too_many(predicates, [one.predicate for one in postings[pattern]])
    for led_to in index.by_fact.values():
        if len(led_to) > MOST_LED_TO:
            raise _leads_to_too_many(predicates, led_to)
    return Compiled(
        ruleset=ruleset,
        language=language,
        denying=denying,
        automaton=AhoCorasick(list(index.patterns), store_patterns=False)
        if index.patterns
        else None,
        stemmed=tuple(index.patterns.values()),
        longest=max((stems.count(" ") - 1 for stems in index.patterns), default=1),
        exact=index.exact,
        near=near,
        expressions=_expressions(index, predicates),
        borders=Borders(ruleset.places),
        predicates=predicates,
        needed=needed,
        asked=index.asked,
        by_fact={fact: tuple(found) for fact, found in index.by_fact.items()},
        postings=postings,
        beside=beside,
        prices=prices,
        urgencies=index.urgencies,
        opinions={pattern: tuple(found) for pattern, found in index.opinions.items()},
        places={pattern: tuple(found) for pattern, found in index.places.items()},
    )


def _expressions(index: "_Index", predicates: Sequence[Predicate]) -> Expressions:
    try:
        return Expressions(index.expressions)
    except RuleSetUnusable as error:
        last = max(index.expressions.values())
        number = index.postings[last][0].predicate
        raise RuleSetUnusable(str(error), predicates[number].id) from error


def _leads_to_too_many(predicates: Sequence[Predicate], led_to: Sequence[int]) -> RuleSetUnusable:
    reason = f"a term, place name or circumstance that alone leads to more than {MOST_LED_TO} rules"
    return RuleSetUnusable(reason, predicates[led_to[-1]].id if led_to else None)


def _by_term(pairs: Sequence[Pair]) -> dict[int, tuple[Pair, ...]]:
    """Each pair under the terms of one side: of the side whose terms are in fewer pairs."""
    used: dict[int, int] = {}
    for pair in pairs:
        for term in (*pair.one, *pair.other):
            used[term] = used.get(term, 0) + 1
    found: dict[int, list[Pair]] = {}
    for pair in pairs:
        for term in min(pair.one, pair.other, key=lambda side: max(map(used.__getitem__, side))):
            found.setdefault(term, []).append(pair)
    return {term: tuple(listed) for term, listed in found.items()}


@dataclass(slots=True)
class _Index:
    language: Language
    #: whether the rule set knows spellings
    spelled: bool = False
    #: how many patterns there are, of every kind
    count: int = 0
    #: stems between spaces → pattern
    patterns: dict[str, int] = field(default_factory=dict)
    exact: dict[int, dict[str, int]] = field(default_factory=dict)
    pairs: list[Pair] = field(default_factory=list)
    #: expression → pattern
    expressions: dict[str, int] = field(default_factory=dict)
    asked: dict[int, Asked] = field(default_factory=dict)
    by_fact: dict[tuple[str, str], list[int]] = field(default_factory=dict)
    #: predicates that need one of several conditions
    by_any: set[int] = field(default_factory=set)
    postings: dict[int, list[Posting]] = field(default_factory=dict)
    urgencies: dict[int, tuple[Urgency, str]] = field(default_factory=dict)
    opinions: dict[int, list[Opinion]] = field(default_factory=dict)
    places: dict[int, list[PlaceName]] = field(default_factory=dict)
    _known: dict[Textual, int] = field(default_factory=dict)
    _words: dict[str, None] = field(default_factory=dict)

    def words(self) -> list[str]:
        """Every word of the terms so far."""
        return list(self._words)

    def add_predicate(self, number: int, predicate: Predicate) -> int:
        """Index its conditions and say how many patterns `all` needs."""
        parts = predicate.any, predicate.all, predicate.none
        counts = [self._add_part(number, part, of) for part, of in zip(Part, parts, strict=True)]
        if predicate.any:
            self.by_any.add(number)
        asked = tuple(tuple(one for one in of if isinstance(one, Circumstance)) for of in parts)
        if any(asked):
            of_any, of_all, of_none = asked
            self.asked[number] = of_any, of_all, of_none
            leading = list(of_any)
            if not (counts[Part.ANY] or counts[Part.ALL] or of_any):
                leading = sorted(of_all, key=lambda one: one.kind not in _RARE)[:1]
            for one in leading:
                for value in ("",) if one.kind == "hours" else one.values:
                    self.by_fact.setdefault((one.kind, value), []).append(number)
        return counts[Part.ALL]

    def led(
        self,
    ) -> tuple[tuple[tuple[Posting, ...], ...], dict[int, tuple[tuple[int, Posting], ...]]]:
        """By pattern the predicates it leads to; by predicate what it needs beside what leads to it.

        What many predicates share leads to one only where nothing else does.
        """
        leading: list[tuple[Posting, ...]] = [()] * self.count
        shared: dict[int, list[tuple[int, Posting]]] = {}
        for pattern, found in self.postings.items():
            leading[pattern] = tuple(found)
            for posting in found if len(found) > MANY else ():
                shared.setdefault(posting.predicate, []).append((pattern, posting))
        if not shared:
            return tuple(leading), {}
        rare = {
            posting.predicate
            for found in self.postings.values()
            for posting in found
            if posting.part is Part.ALL and len(found) <= MANY
        }
        beside = {}
        for number, uses in shared.items():
            leads: list[tuple[int, Posting]] = []
            if number not in rare and number in self.by_any:
                leads = [one for one in uses if one[1].part is Part.ANY]
            elif number not in rare:
                needed = [one for one in uses if one[1].part is Part.ALL]
                leads = sorted(needed, key=lambda one: len(self.postings[one[0]]))[:1]
            beside[number] = tuple(one for one in uses if one not in leads)
        apart = {(pattern, posting) for uses in beside.values() for pattern, posting in uses}
        for pattern, found in self.postings.items():
            if len(found) > MANY:
                leading[pattern] = tuple(one for one in found if (pattern, one) not in apart)
        return tuple(leading), beside

    def prices(
        self,
        postings: Sequence[Sequence[Posting]],
        beside: Mapping[int, Sequence[object]],
        near: Mapping[int, Sequence[object]],
    ) -> tuple[int, ...]:
        """By pattern what finding it costs, a predicate that it leads to being one."""
        dear = {number: sum(map(len, asked)) for number, asked in self.asked.items()}
        for number, uses in beside.items():
            dear[number] = dear.get(number, 0) + len(uses)
        return tuple(
            sum(1 + dear.get(posting.predicate, 0) // _AS_DEAR for posting in postings[pattern])
            + sum(len(of.get(pattern, ())) for of in (self.opinions, self.places, near))
            for pattern in range(self.count)
        )

    def _add_part(self, number: int, part: Part, conditions: Sequence[Condition]) -> int:
        first: dict[int, str] = {}
        times: dict[int, int] = {}
        for one in conditions:
            if isinstance(one, Circumstance):
                continue
            pattern = self._pattern(one)
            first.setdefault(pattern, str(one))
            # who lists a word in both its spellings means it once
            times[pattern] = 1 if self.spelled else times.get(pattern, 0) + 1
        for pattern, term in first.items():
            posting = Posting(number, part, times[pattern], term)
            self.postings.setdefault(pattern, []).append(posting)
        return len(first)

    def add_urgency(self, urgency: Urgency, terms: Iterable[str]) -> None:
        """Index urgent words; the more urgent use of a word is added first and stays."""
        for term in terms:
            self.urgencies.setdefault(self._pattern(term), (urgency, term))

    def add_opinions(self, subject: int, side: Side, terms: Iterable[str]) -> None:
        """Index the words for one side of a subject."""
        for term in terms:
            found = self.opinions.setdefault(self._pattern(term), [])
            found.append(Opinion(subject, side, term))

    def add_place(self, place: int, names: Iterable[str]) -> None:
        """Index the names of a place."""
        for name in names:
            words = " ".join(self.language.words(name))
            found = self.places.setdefault(self._pattern(name), [])
            if PlaceName(place, words) not in found:
                found.append(PlaceName(place, words))

    def _pattern(self, one: Textual) -> int:
        known = self._known.get(one)
        if known is None:
            known = self._known[one] = self._add(one)
        return known

    def _add(self, one: Textual) -> int:
        if isinstance(one, Expression):
            return self.expressions.setdefault(one.pattern, self._next())
        if isinstance(one, Near):
            one_side = tuple(dict.fromkeys(map(self._pattern, one.one)))
            other_side = tuple(dict.fromkeys(map(self._pattern, one.other)))
            pattern = self._next()
            self.pairs.append(Pair(pattern, one_side, other_side, one.within))
            return pattern
        words = self.language.words(one)
        if not words:
            raise RuleSetUnusable("a term without a letter or digit")
        self._words.update(dict.fromkeys(words))
        stems = f" {' '.join(self.language.units(words))} "
        found = self.patterns.get(stems)
        if found is None:
            found = self.patterns[stems] = self._next()
        if not one.startswith(EXACT):
            return found
        spelled = " ".join(map(self.language.spell, words))
        same = self.exact.setdefault(found, {})
        return same[spelled] if spelled in same else same.setdefault(spelled, self._next())

    def _next(self) -> int:
        self.count += 1
        return self.count - 1
