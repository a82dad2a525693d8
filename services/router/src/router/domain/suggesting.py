"""The learned suggester: a linear model over words and parts of words, without a library.

A text is read as units (words, stems, neighbours, first words) and each word as its parts
(three to five letters in a row). A label's score is the sum of the weights of what is there, each
kind brought to length one; so every word's share in a score can be told.
"""

import hashlib
import json
import math
import re
import struct
import sys
import zlib
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, NamedTuple, Self

import Stemmer

from router.domain.decisions import Span

#: of a text longer than this the rest tells nothing new, and a text of any length has its price
MOST_LETTERS = 1_200
MOST_STRONGEST = 5
#: of an address in the web, in an explanation
MOST_CHARACTERS = 200
_MAGIC = b"lintas-suggester-1\n"
_LARGEST = 256 * 2**20
_LARGEST_HEADER = 32 * 2**20
_MOST_REMEMBERED = 20_000
_SHORTEST_PART, _LONGEST_PART = 3, 5
_FIRST_WORDS = 3
_LONGEST_NUMBER = 6
_TOKEN = re.compile(r"https?://\S+|[@#]?[^\W_]{1,40}|[?!]+")


class ModelUnusable(Exception):
    """These bytes are no model that this code understands; the one in use stays."""


class Reading(NamedTuple):
    """What a model sees of a text."""

    #: word → how often it is there, damped
    words: Mapping[str, float]
    #: the same for everything that is looked up whole: words, stems, neighbours, first words
    units: Mapping[str, float]


class Suggestion(NamedTuple):
    """What a model thinks."""

    #: None where it knows none of the words
    label: str | None
    #: from 0 to 1: how often such answers are right
    confidence: float


@dataclass(frozen=True, slots=True)
class Strong:
    """A word that spoke for the suggestion, and how much."""

    word: str
    weight: float
    spans: tuple[Span, ...]


class Reader:
    """Reads texts for training and for suggesting alike. Not to be used by two threads at once."""

    def __init__(self) -> None:
        # what it remembers by itself is dearer than stemming
        self._stemmer = Stemmer.Stemmer("indonesian", 0)

    def read(self, text: str) -> Reading:
        """What a model sees of `text`: of its first letters, as many as count."""
        words = [_token(match) for match in _TOKEN.finditer(text, 0, MOST_LETTERS)]
        stems = self._stemmer.stemWords(words)
        units: dict[str, int] = {}
        for word in words:
            units[word] = units.get(word, 0) + 1
        plain = list(units)
        for stem in stems:
            units["~" + stem] = units.get("~" + stem, 0) + 1
        for first, second in pairwise(stems):
            pair = f"{first} {second}"
            units[pair] = units.get(pair, 0) + 1
        for word in words[:_FIRST_WORDS]:
            units["^" + word] = 1
        damped = {unit: 1.0 + math.log(times) for unit, times in units.items()}
        return Reading({word: damped[word] for word in plain}, damped)

    def term(self, term: str) -> str | None:
        """The unit that a term of one word or two is seen as; None of any other."""
        stems = self._stemmer.stemWords([_token(match) for match in _TOKEN.finditer(term)])
        if len(stems) > 2:  # noqa: PLR2004  # no unit holds three
            return None
        return " ".join(stems) if len(stems) > 1 else "~" + stems[0] if stems else None

    def stem(self, word: str) -> str:
        """The stem of one word, as it is read in a text."""
        return str(self._stemmer.stemWord(word))


def parts(word: str) -> list[str]:
    """Three to five letters in a row of `word`, its ends marked; none of a very short word."""
    if len(word) < _SHORTEST_PART:
        return []
    marked = f"<{word}>"
    return [
        marked[start : start + size]
        for size in range(_SHORTEST_PART, _LONGEST_PART + 1)
        for start in range(len(marked) - size + 1)
    ]


@dataclass(slots=True)
class Table:
    """Features of one kind: each with its rarity and one weight per label."""

    names: Sequence[str]
    rarity: "array[float]"
    #: row after row, rarity already in them
    weights: "array[float]"
    rows: dict[str, int] = field(init=False)

    def __post_init__(self) -> None:
        self.rows = {name: row for row, name in enumerate(self.names)}


class Lanes:
    """Rows of weights, each as one large integer: all labels of a row are added at once.

    Fixed point, so a sum does not hang on the order; a weight is off by no more than 2**-41.
    """

    _SCALE = 2.0**40
    #: makes every weight positive, so that no label borrows from its neighbour
    _OFFSET = 1 << 52
    _BYTES = 8

    def __init__(self, weights: "array[float]", width: int) -> None:
        self._width = width
        self._size = width * self._BYTES
        self._rows = array("Q", (self._lane(weight) for weight in weights))
        if sys.byteorder == "big":
            self._rows.byteswap()
        self._bytes = memoryview(self._rows).cast("B")

    @classmethod
    def _lane(cls, weight: float) -> int:
        # no trained weight is near the bound
        bounded = max(-cls._OFFSET, min(round(weight * cls._SCALE), cls._OFFSET))
        return cls._OFFSET + bounded

    def sum(self, times: Mapping[int, int]) -> list[float]:
        """By label the weights of these rows, each so many times, added."""
        size, total = self._size, 0
        for row, number in times.items():
            own = int.from_bytes(self._bytes[row * size : (row + 1) * size], "little")
            total += own if number == 1 else number * own
        found = array("Q")
        found.frombytes(total.to_bytes(size, "little"))
        if sys.byteorder == "big":
            found.byteswap()
        offset = self._OFFSET * sum(times.values())
        return [(lane - offset) / self._SCALE for lane in found]


@dataclass(slots=True)
class Suggester:
    """A trained model, ready. The same text gives the same suggestion, everywhere.

    Not to be used by two threads at once.
    """

    labels: tuple[str, ...]
    units: Table
    parts: Table
    bias: tuple[float, ...]
    #: what it was trained on and how good it is; no row of it
    card: Mapping[str, Any]
    version: str = ""
    _reader: Reader = field(default_factory=Reader)
    _lanes: Lanes = field(init=False)
    #: word → length² and weights of its parts
    _remembered: dict[str, tuple[float, list[float]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._lanes = Lanes(self.parts.weights, len(self.labels))

    def suggest(self, text: str) -> Suggestion:
        """The likeliest label, and how sure that is."""
        scores = self.scores(self._reader.read(text))
        if scores is None:
            return Suggestion(None, 0.0)
        best = max(range(len(scores)), key=scores.__getitem__)
        total = math.fsum(math.exp(score - scores[best]) for score in scores)
        return Suggestion(self.labels[best], 1.0 / total)

    def scores(self, reading: Reading) -> list[float] | None:
        """By label; None if nothing in the text is known."""
        whole, length = self._whole(reading)
        inner, inner_length = self._inner(reading)
        if not length and not inner_length:
            return None
        return [
            bias + one * length + other * inner_length
            for bias, one, other in zip(self.bias, whole, inner, strict=True)
        ]

    def _whole(self, reading: Reading) -> tuple[list[float], float]:
        """Sum of the weights of known units, and what brings them to length one."""
        table, width = self.units, len(self.labels)
        rows, weights, rarity = table.rows, table.weights, table.rarity
        total, square = [0.0] * width, 0.0
        for unit, times in reading.units.items():
            row = rows.get(unit)
            if row is not None:
                square += (times * rarity[row]) ** 2
                own = weights[row * width : (row + 1) * width]
                total = [a + times * b for a, b in zip(total, own)]  # noqa: B905  # one length
        return total, 1.0 / math.sqrt(square) if square else 0.0

    def _inner(self, reading: Reading) -> tuple[list[float], float]:
        """The same for the parts of words."""
        total, square = [0.0] * len(self.labels), 0.0
        for word, times in reading.words.items():
            own_square, own = self._parts(word)
            if own_square:
                square += times * times * own_square
                total = [a + times * b for a, b in zip(total, own)]  # noqa: B905  # one length
        return total, 1.0 / math.sqrt(square) if square else 0.0

    def _parts(self, word: str) -> tuple[float, list[float]]:
        known = self._remembered.get(word)
        if known is not None:
            return known
        rows, rarity = self.parts.rows, self.parts.rarity
        times: dict[int, int] = {}
        for part in parts(word):
            row = rows.get(part)
            if row is not None:
                times[row] = times.get(row, 0) + 1
        square = sum((number * rarity[row]) ** 2 for row, number in times.items())
        found = square, self._lanes.sum(times)
        if len(self._remembered) >= _MOST_REMEMBERED:
            self._remembered.clear()
        self._remembered[word] = found
        return found

    def strongest(self, text: str, label: str) -> tuple[Strong, ...]:
        """The words that spoke most for `label`, the strongest first, with their places."""
        reading = self._reader.read(text)
        width, number = len(self.labels), self.labels.index(label)
        _, length = self._whole(reading)
        _, inner_length = self._inner(reading)
        places: dict[str, list[tuple[int, int]]] = {}
        for match in _TOKEN.finditer(text, 0, MOST_LETTERS):
            places.setdefault(_token(match), []).append(match.span())
        shares = []
        for word, times in reading.words.items():
            share = self._parts(word)[1][number] * times * inner_length
            for unit in (word, "~" + self._reader.stem(word), "^" + word):
                row = self.units.rows.get(unit) if unit in reading.units else None
                if row is not None:
                    weight = self.units.weights[row * width + number]
                    share += weight * reading.units[unit] * length
            if share > 0:
                shares.append((-share, word))
        return tuple(
            Strong(word, round(-share, 6), _spans(text, word, places[word]))
            for share, word in sorted(shares)[:MOST_STRONGEST]
        )

    def to_bytes(self) -> bytes:
        """The model as a file: a header in JSON, then numbers of 32 bits, compressed."""
        return _MAGIC + zlib.compress(self._payload(), 9)

    def _payload(self) -> bytes:
        header = {
            "labels": self.labels,
            "units": list(self.units.names),
            "parts": list(self.parts.names),
            "bias": self.bias,
            "card": self.card,
        }
        head = json.dumps(header, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        encoded = head.encode()
        arrays = [_little(a) for t in (self.units, self.parts) for a in (t.rarity, t.weights)]
        return b"".join((struct.pack("<I", len(encoded)), encoded, *arrays))

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """The model in a file.

        Raises:
            ModelUnusable: it is none.
        """
        if not data.startswith(_MAGIC):
            raise ModelUnusable("not a model of this format")
        try:
            unpacking = zlib.decompressobj()
            payload = unpacking.decompress(data[len(_MAGIC) :], _LARGEST)
            if not unpacking.eof:
                raise ModelUnusable("too large, or cut off")
            (size,) = struct.unpack_from("<I", payload)
            if size > _LARGEST_HEADER:
                raise ModelUnusable("too many words")
            header = json.loads(payload[4 : 4 + size])
            model = cls(**_members(header, payload[4 + size :]))
        except (
            *(zlib.error, struct.error, ValueError, KeyError, TypeError),
            *(OverflowError, RecursionError, AttributeError),
        ) as error:
            raise ModelUnusable(f"{type(error).__name__} in a model") from error
        model.version = version_of(payload)
        return model


def version_of(payload: bytes) -> str:
    """A model's version: of its contents, however they are compressed."""
    return hashlib.sha256(payload).hexdigest()[:16]


def finished(model: Suggester) -> Suggester:
    """`model` as it is read back from its own bytes."""
    return Suggester.from_bytes(model.to_bytes())


def _members(header: Mapping[str, Any], numbers: bytes) -> dict[str, Any]:
    labels, units, parts_ = header["labels"], header["units"], header["parts"]
    for names in (labels, units, parts_):
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise ModelUnusable("a name in a model is no text")
    if len(set(labels)) != len(labels) or not isinstance(header["card"], dict):
        raise ModelUnusable("a label twice in a model, or no card")
    width = len(labels)
    sizes = (len(units), len(units) * width, len(parts_), len(parts_) * width)
    if width == 0 or len(header["bias"]) != width or len(numbers) != 4 * sum(sizes):
        raise ModelUnusable("numbers are missing in a model")
    arrays, start = [], 0
    for size in sizes:
        one = array("f")
        one.frombytes(numbers[start : start + 4 * size])
        if sys.byteorder == "big":
            one.byteswap()
        arrays.append(one)
        start += 4 * size
    if not all(math.isfinite(number) for one in (*arrays, header["bias"]) for number in one):
        raise ModelUnusable("a weight is no number")
    return {
        "labels": tuple(labels),
        "units": Table(units, arrays[0], arrays[1]),
        "parts": Table(parts_, arrays[2], arrays[3]),
        "bias": tuple(map(float, header["bias"])),
        "card": header["card"],
    }


def _little(numbers: "array[float]") -> bytes:
    if sys.byteorder == "little":
        return numbers.tobytes()
    swapped = array("f", numbers)
    swapped.byteswap()
    return swapped.tobytes()


def _token(match: "re.Match[str]") -> str:
    word = match[0].lower()
    if word.startswith(("http://", "https://")):
        return "http"
    if word[0] in "?!":
        return word[0]
    # which number it is says nothing, how long it is may
    if word[0].isdigit() and len(word) > 2:  # noqa: PLR2004  # RT 03 stays
        return "0" * min(len(word), _LONGEST_NUMBER)
    return word


def _spans(text: str, word: str, places: Sequence[tuple[int, int]]) -> tuple[Span, ...]:
    return tuple(
        Span(start, end, text[start : min(end, start + MOST_CHARACTERS)], word)
        for start, end in places[:2]
    )
