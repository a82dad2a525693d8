"""Which of a rule set's terms are in a text, and where."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from router.domain.compiling import Compiled
from router.domain.decisions import Span

#: more repetitions of a term add nothing to an explanation
MOST_SPANS_OF_A_TERM = 2
#: of one piece of evidence
MOST_SPANS = 8
#: of the words of one span: ten thousand dots may stand between the two words of a term
MOST_CHARACTERS = 200

#: words `[first, last)` of a text, by number
Range = tuple[int, int]


@dataclass(slots=True)
class Found:
    """What was found in one text."""

    text: str
    words: list[str]
    #: pattern → where, in order
    ranges: dict[int, list[Range]]
    _positions: list[tuple[int, int]] = field(default_factory=list)

    def spans(self, compiled: Compiled, terms: Iterable[tuple[int, str]]) -> tuple[Span, ...]:
        """The places of `(pattern, term)` pairs in the text: the first few, in order."""
        if not self._positions:
            self._positions = compiled.language.positions(self.text)
        found = {
            (self._positions[first][0], self._positions[last - 1][1], term)
            for pattern, term in terms
            for first, last in self.ranges[pattern][:MOST_SPANS_OF_A_TERM]
        }
        return tuple(
            Span(start, end, self.text[start : min(end, start + MOST_CHARACTERS)], term)
            for start, end, term in sorted(found)[:MOST_SPANS]
        )


def find(compiled: Compiled, text: str) -> Found:
    """Every term of the rule set that stands in `text` as whole words, by stem."""
    words = compiled.language.words(text)
    if not words or compiled.automaton is None:
        return Found(text, words, {})
    stems = compiled.language.stems(words)
    # the space before and behind each word makes every match a match of whole words
    hits = compiled.automaton.find_matches_as_indexes(f" {' '.join(stems)} ", overlapping=True)
    ranges: dict[int, list[Range]] = {}
    if hits:
        number_at = _numbers(stems)
        for pattern, start, end in hits:
            ranges.setdefault(pattern, []).append((number_at[start], number_at[end - 1]))
    return Found(text, words, ranges)


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


def _numbers(stems: list[str]) -> dict[int, int]:
    """The number of the word behind each space of the stream, by the space's position."""
    numbers: dict[int, int] = {}
    position = 0
    for number, stem in enumerate(stems):
        numbers[position] = number
        position += len(stem) + 1
    numbers[position] = len(stems)
    return numbers
