"""A rule set made ready: one automaton for all its terms, and an index from terms to rules."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import Any, NamedTuple

from ahocorasick_rs import AhoCorasick

from lintas.vocabulary.terms import Urgency
from router.domain.advising import Advisor
from router.domain.rulesets import Predicate, RuleSet, RuleSetUnusable
from router.domain.suggesting import Suggester
from router.domain.words import Language


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


@dataclass(frozen=True, slots=True)
class Compiled:
    """A rule set against which mentions are decided.

    What a decision costs hangs on the words found, not on how many rules there are. Not to be
    used by two threads at once.
    """

    ruleset: RuleSet
    language: Language
    #: patterns are stemmed words between single spaces; None if there are no terms at all
    automaton: AhoCorasick | None
    #: routing rules, then class rules
    predicates: tuple[Predicate, ...]
    #: by predicate: how many different patterns its `all` has
    needed: tuple[int, ...]
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
    """`ruleset`, ready; RuleSetUnusable if one of its terms holds no word."""
    index = _Index(Language())
    predicates: tuple[Predicate, ...] = (*ruleset.rules, *ruleset.classes)
    needed = tuple(index.add_predicate(number, rule) for number, rule in enumerate(predicates))
    index.add_urgency(Urgency.EMERGENCY, ruleset.emergency)
    index.add_urgency(Urgency.HIGH, ruleset.high)
    for number, subject in enumerate(ruleset.subjects):
        index.add_opinions(number, Side.ABOUT, subject.any)
        index.add_opinions(number, Side.PRO, subject.pro)
        index.add_opinions(number, Side.CONTRA, subject.contra)
    for number, place in enumerate(ruleset.places):
        if place.kind != "city":
            index.add_place(number, place.names)
    return Compiled(
        ruleset=ruleset,
        language=index.language,
        automaton=AhoCorasick(list(index.patterns), store_patterns=False)
        if index.patterns
        else None,
        predicates=predicates,
        needed=needed,
        postings=tuple(tuple(index.postings.get(n, ())) for n in range(len(index.patterns))),
        urgencies=index.urgencies,
        opinions={pattern: tuple(found) for pattern, found in index.opinions.items()},
        places={pattern: tuple(found) for pattern, found in index.places.items()},
    )


@dataclass(slots=True)
class _Index:
    language: Language
    patterns: dict[str, int] = field(default_factory=dict)
    postings: dict[int, list[Posting]] = field(default_factory=dict)
    urgencies: dict[int, tuple[Urgency, str]] = field(default_factory=dict)
    opinions: dict[int, list[Opinion]] = field(default_factory=dict)
    places: dict[int, list[PlaceName]] = field(default_factory=dict)
    _known: dict[str, int] = field(default_factory=dict)

    def add_predicate(self, number: int, predicate: Predicate) -> int:
        """Index its terms and say how many patterns `all` needs."""
        self._add_part(number, Part.ANY, predicate.any)
        needed = self._add_part(number, Part.ALL, predicate.all)
        self._add_part(number, Part.NONE, predicate.none)
        return needed

    def _add_part(self, number: int, part: Part, terms: Sequence[str]) -> int:
        first: dict[int, str] = {}
        times: dict[int, int] = {}
        for term in terms:
            pattern = self._pattern(term)
            first.setdefault(pattern, term)
            times[pattern] = times.get(pattern, 0) + 1
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

    def _pattern(self, term: str) -> int:
        known = self._known.get(term)
        if known is None:
            stems = self.language.stems(self.language.words(term))
            if not stems:
                raise RuleSetUnusable("a term without a letter or digit")
            known = self.patterns.setdefault(f" {' '.join(stems)} ", len(self.patterns))
            self._known[term] = known
        return known
