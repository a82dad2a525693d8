"""Which of a rule set's terms are in a text, and where."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field

from ahocorasick_rs import AhoCorasick

from router.domain.compiling import Compiled, Pair
from router.domain.decisions import Span
from router.domain.denying import deny
from router.domain.words import Language

#: more repetitions of a term add nothing to an explanation
MOST_SPANS_OF_A_TERM = 2
#: of one piece of evidence
MOST_SPANS = 8
#: of the words of one span: ten thousand dots may stand between the two words of a term
MOST_CHARACTERS = 200

#: of one span, when what they were taken for is told
_MOST_WORDS = 12

#: words `[first, last)` of a text, by number
Range = tuple[int, int]


@dataclass(slots=True)
class Found:
    """What was found in one text."""

    text: str
    words: list[str]
    #: pattern → where, in order
    ranges: dict[int, list[Range]]
    #: the same of what the text denies
    denied: dict[int, list[Range]] = field(default_factory=dict)
    #: words before which something is said not to be there
    absent: frozenset[int] = frozenset()
    _positions: list[tuple[int, int]] = field(default_factory=list)

    def spans(self, compiled: Compiled, terms: Iterable[tuple[int, str]]) -> tuple[Span, ...]:
        """The places of `(pattern, term)` pairs in the text: the first few, in order."""
        positions = self.positions()
        found = {
            (positions[first][0], positions[last - 1][1], term, first, last)
            for pattern, term in terms
            for first, last in (self.ranges.get(pattern) or self.denied[pattern])[
                :MOST_SPANS_OF_A_TERM
            ]
        }
        return tuple(
            Span(
                start,
                end,
                self.text[start : min(end, start + MOST_CHARACTERS)],
                term,
                self._read(compiled, first, last),
            )
            for start, end, term, first, last in sorted(found)[:MOST_SPANS]
        )

    def positions(self) -> list[tuple[int, int]]:
        """Where each word stands: code points `[start, end)`."""
        if not self._positions:
            self._positions = Language.positions(self.text)
        return self._positions

    def _read(self, compiled: Compiled, first: int, last: int) -> str | None:
        words = self.words[first : min(last, first + _MOST_WORDS)]
        read = list(map(compiled.language.read, words))
        return None if read == words else " ".join(read)[:MOST_CHARACTERS]


def find(compiled: Compiled, text: str) -> Found:
    """Everything that the rule set looks for and that is in `text`, words as whole words."""
    words = compiled.language.words(text)
    found = Found(text, words, {})
    if not words:
        return found
    if compiled.automaton is not None:
        units = compiled.language.units(words)
        _find_terms(compiled, compiled.automaton, found, units)
        if compiled.denying.negations:
            deny(compiled.denying, found, units)
    if compiled.expressions:
        _find_expressions(compiled, found)
    for pair in _pairs(compiled, found):
        ranges = _together(found, pair)
        if ranges:
            found.ranges[pair.pattern] = ranges
    return found


def _find_terms(compiled: Compiled, automaton: AhoCorasick, found: Found, units: list[str]) -> None:
    # the space before and behind each word makes every match a match of whole words
    stream = f" {' '.join(units)} "
    hits = automaton.find_matches_as_indexes(stream, overlapping=True)
    if not hits:
        return
    ranges = found.ranges
    number_at = _numbers(units)
    for hit, start, end in hits:
        first, last = number_at.get(start), number_at.get(end - 1)
        # a part of what one word is spelled out to is not what was written
        if first is not None and last is not None:
            ranges.setdefault(compiled.stemmed[hit], []).append((first, last))
    for pattern in [one for one in ranges if one in compiled.exact]:
        for exact in compiled.exact[pattern]:
            same = [
                (first, last)
                for first, last in ranges[pattern]
                if " ".join(map(compiled.language.spell, found.words[first:last])) == exact.words
            ]
            if same:
                ranges[exact.pattern] = same


def _find_expressions(compiled: Compiled, found: Found) -> None:
    by_number = compiled.expressions.find(found.text, MOST_SPANS_OF_A_TERM)
    if not by_number:
        return
    positions = found.positions()
    for pattern, spans in by_number.items():
        ranges = []
        for start, end in spans:
            first = bisect_right(positions, start, key=lambda one: one[1])
            last = bisect_left(positions, end, key=lambda one: one[0])
            # an expression may also find what is no word
            if first < last:
                ranges.append((first, last))
        if ranges:
            found.ranges[pattern] = ranges


def _pairs(compiled: Compiled, found: Found) -> Iterable[Pair]:
    """The pairs of which one term is in the text."""
    if not compiled.near:
        return ()
    return {
        pair.pattern: pair for pattern in found.ranges for pair in compiled.near.get(pattern, ())
    }.values()


def _together(found: Found, pair: Pair) -> list[Range]:
    """Where the sides of `pair` stand near each other: from the one to the other."""
    one = sorted(where for term in pair.one for where in found.ranges.get(term, ()))
    other = sorted(where for term in pair.other for where in found.ranges.get(term, ()))
    together: list[Range] = []
    for first, last in one if other else ():
        place = bisect_left(other, (first, first))
        # the nearest on either side; what overlaps stands for the same words
        for begin, end in other[max(place - 1, 0) : place + 2]:
            between = begin - last if begin >= last else first - end
            if 0 <= between <= pair.within and (begin >= last or end <= first):
                together.append((min(first, begin), max(last, end)))
                break
        if len(together) == MOST_SPANS_OF_A_TERM:
            break
    return together


def outermost(ranges: Iterable[Range]) -> set[Range]:
    """Those of `ranges` that are no part of a longer one."""
    kept: set[Range] = set()
    furthest = -1
    # the longer of two that begin together comes first, so each is inside one before it or in none
    for first, last in sorted(set(ranges), key=lambda one: (one[0], -one[1])):
        if last > furthest:
            kept.add((first, last))
            furthest = last
    return kept


def _numbers(units: list[str]) -> dict[int, int]:
    """The number of the word behind each space of the stream, by the space's position."""
    numbers: dict[int, int] = {}
    position = 0
    for number, unit in enumerate(units):
        numbers[position] = number
        position += len(unit) + 1
    numbers[position] = len(units)
    return numbers
