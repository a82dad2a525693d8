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


class Spelled(NamedTuple):
    """An exact term: found where its stems are and the words are these."""

    pattern: int
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
    #: by pattern of its stems
    exact: Mapping[int, tuple[Spelled, ...]]
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
    #: by pattern
    postings: tuple[tuple[Posting, ...], ...]
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
    """`ruleset`, ready; RuleSetUnusable if a term holds no word or an expression is none of RE2's."""
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
    return Compiled(
        ruleset=ruleset,
        language=language,
        denying=denying,
        automaton=AhoCorasick(list(index.patterns), store_patterns=False)
        if index.patterns
        else None,
        stemmed=tuple(index.patterns.values()),
        exact={pattern: tuple(found) for pattern, found in index.exact.items()},
        near=_by_term(index.pairs),
        expressions=Expressions(index.expressions),
        borders=Borders(ruleset.places),
        predicates=predicates,
        needed=needed,
        asked=index.asked,
        by_fact={fact: tuple(found) for fact, found in index.by_fact.items()},
        postings=tuple(tuple(index.postings.get(n, ())) for n in range(index.count)),
        urgencies=index.urgencies,
        opinions={pattern: tuple(found) for pattern, found in index.opinions.items()},
        places={pattern: tuple(found) for pattern, found in index.places.items()},
    )


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
    exact: dict[int, list[Spelled]] = field(default_factory=dict)
    pairs: list[Pair] = field(default_factory=list)
    #: expression → pattern
    expressions: dict[str, int] = field(default_factory=dict)
    asked: dict[int, Asked] = field(default_factory=dict)
    by_fact: dict[tuple[str, str], list[int]] = field(default_factory=dict)
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
        spelled = Spelled(self._next(), " ".join(map(self.language.spell, words)))
        self.exact.setdefault(found, []).append(spelled)
        return spelled.pattern

    def _next(self) -> int:
        self.count += 1
        return self.count - 1
