"""Which of a rule set's terms are in a text, and where."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from ahocorasick_rs import AhoCorasick

from router.domain.compiling import Compiled, Pair
from router.domain.decisions import Evidence, Span, Why
from router.domain.denying import deny
from router.domain.words import Language, Reading

#: more repetitions of a term add nothing to an explanation
MOST_SPANS_OF_A_TERM = 2
#: of one piece of evidence
MOST_SPANS = 8
#: of the words of one span: ten thousand dots may stand between the two words of a term
MOST_CHARACTERS = 200

#: a text is looked at until so many rules and other uses of its words are met ...
MOST_USES = 500
#: ... or so many terms, repetitions counted
MOST_HITS = 1_200
#: places that are looked at to find what is near
_MOST_LOOKS = 2_000
#: stems that are searched at once
_AT_ONCE = 200

#: of one span, when what they were taken for is told
_MOST_WORDS = 12

#: words `[first, last)` of a text, by number
Range = tuple[int, int]


@dataclass(slots=True)
class Found:
    """What was found in one text."""

    text: str
    words: list[str]
    readings: list[Reading]
    #: pattern → where, in order
    ranges: dict[int, list[Range]]
    #: the same of what the text denies
    denied: dict[int, list[Range]] = field(default_factory=dict)
    #: words before which something is said not to be there
    absent: frozenset[int] = frozenset()
    #: the word behind which none was looked at, as the text holds too much
    read_up_to: int | None = None
    #: what may still be met
    uses: int = MOST_USES
    #: whether expressions or what is near were left out, for the same reason
    untried: bool = False
    _positions: list[tuple[int, int]] = field(default_factory=list)

    def spans(self, terms: Iterable[tuple[int, str]]) -> tuple[Span, ...]:
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
                self._read(first, last),
            )
            for start, end, term, first, last in sorted(found)[:MOST_SPANS]
        )

    def positions(self) -> list[tuple[int, int]]:
        """Where each word stands: code points `[start, end)`."""
        if not self._positions:
            self._positions = Language.positions(self.text)
        return self._positions

    def limits(self) -> tuple[Evidence, ...]:
        """What was left out because the text holds too much."""
        limits = []
        if self.read_up_to is not None:
            start, end = self.positions()[self.read_up_to]
            word = self.text[start : min(end, start + MOST_CHARACTERS)]
            span = Span(start, end, word, self.words[self.read_up_to][:MOST_CHARACTERS])
            limits.append(Evidence("text:words", Why.READ_UP_TO, spans=(span,)))
        if self.untried:
            limits.append(Evidence("text:rest", Why.NOT_ALL_TRIED))
        return tuple(limits)

    def _read(self, first: int, last: int) -> str | None:
        last = min(last, first + _MOST_WORDS)
        read = [reading.taken for reading in self.readings[first:last]]
        return None if read == self.words[first:last] else " ".join(read)[:MOST_CHARACTERS]


def find(compiled: Compiled, text: str) -> Found:
    """What the rule set looks for and is in `text`, words as whole words.

    All of it, unless that is so much that a text would be dear; then `limits` tells.
    """
    words = compiled.language.words(text)
    found = Found(text, words, compiled.language.readings(words), {})
    if not words:
        return found
    if compiled.automaton is not None:
        units = [unit for _, unit in found.readings]
        _find_terms(compiled, compiled.automaton, found, units)
        if compiled.denying.negations:
            deny(compiled.denying, found, units)
    if compiled.expressions:
        _find_expressions(compiled, found)
    _find_near(compiled, found)
    return found


def _find_terms(compiled: Compiled, automaton: AhoCorasick, found: Found, units: list[str]) -> None:
    hits = 0
    for start, begin, end in _parts(units, compiled.longest):
        some = units[start:end]
        # the space before and behind each word makes every match a match of whole words
        matches = automaton.find_matches_as_indexes(f" {' '.join(some)} ", overlapping=True)
        number_at = _numbers(some, start) if matches else {}
        for match, left, right in matches:
            hits += 1
            first, last = number_at.get(left), number_at.get(right - 1)
            # a part of what one word is spelled out to is not what was written
            if first is None or last is None or last <= begin:
                continue
            pattern = compiled.stemmed[match]
            _meet(compiled, found, pattern, (first, last))
            if pattern in compiled.exact:
                spelled = " ".join(map(compiled.language.spell, found.words[first:last]))
                exact = compiled.exact[pattern].get(spelled)
                if exact is not None:
                    _meet(compiled, found, exact, (first, last))
            if found.uses < 0 or hits > MOST_HITS:
                found.read_up_to = last - 1
                return


def _parts(units: list[str], longest: int) -> Iterator[tuple[int, int, int]]:
    """Parts `[begin, end)` of a text, and from where to search each so that no term is cut."""
    begin = 0
    while begin < len(units):
        end, stems = begin, 0
        while end < len(units) and stems < _AT_ONCE:
            stems += units[end].count(" ") + 1
            end += 1
        start, stems = begin, 1
        while start and stems < longest:
            start -= 1
            stems += units[start].count(" ") + 1
        yield start, begin, end
        begin = end


def _meet(compiled: Compiled, found: Found, pattern: int, where: Range) -> None:
    ranges = found.ranges.get(pattern)
    if ranges is None:
        found.ranges[pattern] = [where]
        found.uses -= compiled.prices[pattern]
    else:
        ranges.append(where)


def _find_expressions(compiled: Compiled, found: Found) -> None:
    found.untried = not compiled.expressions.looks_through(found.text)
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
        if not ranges:
            continue
        if found.uses < 0:
            found.untried = True
            return
        found.ranges[pattern] = ranges
        found.uses -= compiled.prices[pattern]


def _find_near(compiled: Compiled, found: Found) -> None:
    """Find the pairs of which one term is in the text."""
    if not compiled.near:
        return
    pairs = {
        pair.pattern: pair for pattern in found.ranges for pair in compiled.near.get(pattern, ())
    }
    looks = 0
    for pair in pairs.values():
        if found.uses < 0 or looks > _MOST_LOOKS:
            found.untried = True
            return
        ranges, more = _together(found, pair)
        looks += more
        if ranges:
            found.ranges[pair.pattern] = ranges
            found.uses -= compiled.prices[pair.pattern]


def _together(found: Found, pair: Pair) -> tuple[list[Range], int]:
    """Where the sides of `pair` stand near each other, from the one to the other; and the looks."""
    one, other = _places(found, pair.one), _places(found, pair.other)
    if not one or not other:
        return [], len(one) + len(other)
    together: list[Range] = []
    looks = len(one) * (len(pair.one) > 1) + len(other) * (len(pair.other) > 1)
    for first, last in one:
        looks += 1
        place = bisect_left(other, (first, first))
        # the nearest on either side; what overlaps stands for the same words
        for begin, end in other[max(place - 1, 0) : place + 2]:
            between = begin - last if begin >= last else first - end
            if 0 <= between <= pair.within and (begin >= last or end <= first):
                together.append((min(first, begin), max(last, end)))
                break
        if len(together) == MOST_SPANS_OF_A_TERM:
            break
    return together, looks


def _places(found: Found, terms: tuple[int, ...]) -> list[Range]:
    """Where the terms of one side are, in order."""
    if len(terms) == 1:
        return found.ranges.get(terms[0], [])
    return sorted(where for term in terms for where in found.ranges.get(term, ()))


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


def _numbers(units: list[str], start: int) -> dict[int, int]:
    """The number of the word behind each space of the stream, by the space's position."""
    numbers: dict[int, int] = {}
    position = 0
    for number, unit in enumerate(units, start):
        numbers[position] = number
        position += len(unit) + 1
    numbers[position] = start + len(units)
    return numbers
