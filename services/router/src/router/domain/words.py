"""Texts as words, read as people write them: the same for rules and mentions."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from types import MappingProxyType
from typing import NamedTuple

import Stemmer

#: letters and digits, with the marks that belong to them
_WORD = re.compile(r"[^\W_]+(?:[\u0300-\u036f]+[^\W_]*)*")
#: "bangettt", "tolooong"; not the three letters within "pppk"
_DRAWN_OUT = re.compile(r"([aiueo])\1{2,}|([^\W\d_])\2{2,}$")
#: without it nothing is drawn out; few words have it, and looking for it is cheaper
_THREE_ALIKE = re.compile(r"(.)\1\1")
#: "lampu2", "lampu2nya"
_TWICE = re.compile(r"([^\W\d_]{3,})2(nya)?")
#: shorter words differ from too many others in one letter
_SHORTEST_SLIP = 6
#: longer words are rare, and each letter is one more place to look
_LONGEST_SLIP = 20
#: words whose reading is kept: most texts use the same few thousand
_MOST_KEPT = 20_000
#: words of a text in which a slip is looked for: it is the dearest step, and most texts are shorter
_MOST_FORGIVEN = 120
#: words that one word is held against; who could have meant more of them meant none for certain
_MOST_MEANT = 8
_NO_WORDS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Speech:
    """How people write and what they deny, as a rule set says; by default nothing is known of it."""

    #: a word as written → the words it stands for
    spellings: Mapping[str, str] = field(default_factory=lambda: _NO_WORDS)
    #: a word → its stem, where the stemmer is wrong
    stems: Mapping[str, str] = field(default_factory=lambda: _NO_WORDS)
    negations: frozenset[str] = frozenset()
    #: may stand between a negation and what it denies
    bridges: frozenset[str] = frozenset()
    #: the same, but only before urgent words
    absences: frozenset[str] = frozenset()
    #: behind what is denied they lift the negation: "not only"
    only: frozenset[str] = frozenset()
    #: whether a slip of the finger in a term's word is forgiven
    typos: bool = False
    #: everyday words that are no slips
    known: tuple[str, ...] = ()


class Reading(NamedTuple):
    """How one word of a text is read."""

    #: itself, or what it stands for or is a slip of
    taken: str
    #: the stem of that, or several between spaces
    unit: str


class Language:
    """Splits, spells out and stems Indonesian. Not to be used by two threads at once."""

    def __init__(self, speech: Speech | None = None) -> None:
        self._speech = speech or Speech()
        # what it makes of a word is kept here, and its own memory is dearer than stemming
        self._stemmer = Stemmer.Stemmer("indonesian", 0)
        #: word → what it is taken for, and what that is found by
        self._readings: dict[str, Reading] = {}
        #: the same of words behind those in which a slip is looked for
        self._plain: dict[str, Reading] = {}
        #: a term's word with one letter left out, or itself → such words
        self._slips: dict[str, tuple[str, ...]] = {}
        self._no_slips: frozenset[str] = frozenset()

    def words(self, text: str) -> list[str]:
        """The words of `text`, lower case and in NFC; one for each of `positions(text)`."""
        joined = " ".join(_WORD.findall(text)).lower()
        if not joined.isascii():
            joined = unicodedata.normalize("NFC", joined)
        return joined.split(" ") if joined else []

    def readings(self, words: list[str]) -> list[Reading]:
        """What each word is taken for, and what that is found by.

        Equal words have equal stems, so a search by stem also finds every word as it is written.
        """
        if not self._slips or len(words) <= _MOST_FORGIVEN:
            return self._kept(self._readings, words, self.read)
        return [
            *self._kept(self._readings, words[:_MOST_FORGIVEN], self.read),
            *self._kept(self._plain, words[_MOST_FORGIVEN:], self.spell),
        ]

    def units(self, words: list[str]) -> list[str]:
        """What each word is found by: the stem of what it stands for, or several between spaces."""
        return [unit for _, unit in self.readings(words)]

    def _kept(
        self, kept: dict[str, Reading], words: list[str], read: Callable[[str], str]
    ) -> list[Reading]:
        if len(kept) > _MOST_KEPT:
            kept.clear()
        for word in words:
            if word not in kept:
                taken = read(word)
                unit = (
                    " ".join(map(self._stem, taken.split(" ")))
                    if " " in taken
                    else self._stem(taken)
                )
                kept[word] = Reading(taken, unit)
        return [kept[word] for word in words]

    def read(self, word: str) -> str:
        """What `word` is taken for: what it stands for, or what it is a slip of, or itself."""
        spelled = self.spell(word)
        if self._slips and spelled == word:
            return self._slip(word) or word
        return spelled

    def spell(self, word: str) -> str:
        """What `word` stands for, or itself; no slip is forgiven."""
        spellings = self._speech.spellings
        if not spellings:
            return word
        known = spellings.get(word)
        if known is None:
            plain = _DRAWN_OUT.sub(r"\1\2", word) if _THREE_ALIKE.search(word) else word
            if "2" in plain and (twice := _TWICE.fullmatch(plain)):
                plain = twice[1] + (twice[2] or "")
            # with its ending a word is found by the same stem as without
            known = spellings.get(plain) or spellings.get(plain.removesuffix("nya")) or plain
        return known

    def forgive_slips(self, words: Iterable[str]) -> None:
        """From now on take a slip of one of `words` for that word, where the rule set allows it."""
        if not self._speech.typos:
            return
        meant = {part for word in words for part in self.spell(word).split(" ")}
        known = {part for word in self._speech.known for part in self.spell(word).split(" ")}
        slips: dict[str, list[str]] = {}
        for word in sorted(meant):
            if word.isalpha() and _SHORTEST_SLIP <= len(word) <= _LONGEST_SLIP:
                for key in _shorter(word):
                    slips.setdefault(key, []).append(word)
        self._no_slips = frozenset(map(self._stem, (*meant, *known)))
        self._slips = {key: tuple(found) for key, found in slips.items()}
        self._readings.clear()

    @staticmethod
    def positions(text: str) -> list[tuple[int, int]]:
        """Where each word stands in `text`: code points `[start, end)`."""
        return [match.span() for match in _WORD.finditer(text)]

    def _stem(self, word: str) -> str:
        return self._speech.stems.get(word) or str(self._stemmer.stemWord(word))

    def _slip(self, word: str) -> str | None:
        """The one word that `word` is a slip of; None where it is no slip, or of several."""
        if not (_SHORTEST_SLIP <= len(word) <= _LONGEST_SLIP and word.isalpha()):
            return None
        if self._stem(word) in self._no_slips:
            return None
        meant = (one for key in _shorter(word) for one in self._slips.get(key, ()))
        tried = list(islice(meant, _MOST_MEANT + 1))
        if not 0 < len(tried) <= _MOST_MEANT:
            return None
        near = {one for one in tried if _one_apart(word, one)}
        return min(near) if len({self._stem(one) for one in near}) == 1 else None


def _shorter(word: str) -> Iterator[str]:
    """`word`, and it without each of its letters but the first, which people get right."""
    yield word
    for place in range(1, len(word)):
        yield word[:place] + word[place + 1 :]


def _one_apart(one: str, other: str) -> bool:
    """Whether a letter more, less or other, or two neighbours changed over, make them equal."""
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    end, rest = one[start:], other[start:]
    return (
        end[1:] == rest[1:]
        or end[1:] == rest
        or end == rest[1:]
        or (len(end) > 1 and end[:2] == rest[1::-1] and end[2:] == rest[2:])
    )
