"""Which published statements read like a mention: by the words that both say.

A statement is known by its first content words, each by its stem. A word counts the less the more
statements have it, from 1 down; a word that very many have leads to none. What a text and a
statement share, held against the shorter of the two, is how near they are.
"""

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from lintas.vocabulary.ids import AgencyCode, StatementId
from router.domain.decisions import Span
from router.domain.words import Language

#: what a statement is about stands at its beginning
MOST_WORDS = 80
#: a text's words behind these tell little more, and have their price
MOST_READ = 200
#: a word that more statements have leads to none of them: so a text costs as much whatever their number
MOST_SHARING = 50
MOST_SUGGESTED = 3
_MOST_SPANS = 8
#: words that both must say
_FEWEST = 3
#: two short texts share everything by chance sooner than two long ones
_CHANCE = 4.0
_SHORTEST = 3
#: words of any official text, of any complaint and of any sentence
_EVERYDAY = frozenset(
    [
        "ada",
        "adalah",
        "agar",
        "akan",
        "aku",
        "anda",
        "antara",
        "apa",
        "apabila",
        "apakah",
        "atas",
        "atau",
        "bagi",
        "bagaimana",
        "bahwa",
        "banyak",
        "baru",
        "bapak",
        "beberapa",
        "begitu",
        "belum",
        "berada",
        "bila",
        "bisa",
        "boleh",
        "bukan",
        "buat",
        "cara",
        "dalam",
        "dan",
        "dapat",
        "dari",
        "demi",
        "dengan",
        "depan",
        "di",
        "dia",
        "diri",
        "dong",
        "dulu",
        "guna",
        "hal",
        "hanya",
        "hari",
        "harap",
        "harus",
        "hingga",
        "ibu",
        "ini",
        "itu",
        "jadi",
        "jangan",
        "jika",
        "juga",
        "kabupaten",
        "kak",
        "kalau",
        "kami",
        "kan",
        "kapan",
        "karena",
        "kasih",
        "kata",
        "ke",
        "kecamatan",
        "kelurahan",
        "kenapa",
        "kepada",
        "ketika",
        "kita",
        "kok",
        "kota",
        "lagi",
        "lah",
        "lain",
        "lalu",
        "lebih",
        "lewat",
        "maka",
        "malam",
        "mana",
        "masih",
        "masyarakat",
        "mau",
        "melalui",
        "memang",
        "menjadi",
        "mereka",
        "merupakan",
        "meski",
        "min",
        "minta",
        "mohon",
        "mulai",
        "namun",
        "nanti",
        "nih",
        "nya",
        "oleh",
        "pada",
        "pagi",
        "pak",
        "paling",
        "para",
        "pemerintah",
        "pemkot",
        "perlu",
        "pernah",
        "pihak",
        "pun",
        "saat",
        "saja",
        "sama",
        "sampai",
        "sangat",
        "satu",
        "saya",
        "sebagai",
        "sebelum",
        "secara",
        "sedang",
        "segera",
        "sehingga",
        "sejak",
        "selama",
        "selamat",
        "selalu",
        "semoga",
        "semua",
        "seperti",
        "sering",
        "serta",
        "setelah",
        "setiap",
        "siang",
        "silakan",
        "sini",
        "sore",
        "suatu",
        "sudah",
        "supaya",
        "tak",
        "tanggal",
        "tapi",
        "telah",
        "tentang",
        "terhadap",
        "terima",
        "terjadi",
        "tersebut",
        "tetap",
        "tetapi",
        "tiap",
        "tidak",
        "tolong",
        "untuk",
        "walaupun",
        "warga",
        "wib",
        "yaitu",
        "yang",
        "yth",
    ]
)


@dataclass(frozen=True, slots=True)
class Statement:
    """A published announcement or guide as texts are held against it."""

    id: StatementId
    version: int
    agency: AgencyCode
    #: the stem of each content word → as it was first written
    words: Mapping[str, str]

    @classmethod
    def read(
        cls, id_: StatementId, version: int, agency: AgencyCode, text: str, language: Language
    ) -> "Statement":
        """The statement with this text."""
        words: dict[str, str] = {}
        for word in language.words(text):
            if _tells(word):
                words.setdefault(language.units([word])[0], word)
                if len(words) == MOST_WORDS:
                    break
        return cls(id_, version, agency, words)


class Suggestion(NamedTuple):
    """A statement that may answer a text, and why."""

    statement: Statement
    #: from 0 to 1
    score: float
    spans: tuple[Span, ...]


class Shelf:
    """Statements in force, found by their words. The same ones give the same answers, in any order."""

    def __init__(self, statements: Iterable[Statement]) -> None:
        self._statements = sorted(statements, key=lambda one: str(one.id))
        shared = Counter(stem for one in self._statements for stem in one.words)
        most = math.log(1 + len(self._statements))
        self._weights = {
            stem: math.log(1 + len(self._statements) / number) / most
            for stem, number in shared.items()
            if number <= MOST_SHARING
        }
        self._postings: dict[str, list[int]] = {}
        for number, one in enumerate(self._statements):
            for stem in one.words:
                if stem in self._weights:
                    self._postings.setdefault(stem, []).append(number)
        self._sizes = [
            math.fsum(self._weights.get(stem, 0.0) for stem in one.words)
            for one in self._statements
        ]

    def __len__(self) -> int:
        return len(self._statements)

    def near(self, text: str, language: Language, threshold: float) -> tuple[Suggestion, ...]:
        """The nearest to `text`, at most three; `language` reads how people write."""
        if not self._postings:
            return ()
        places = self._places(text, language)
        touched: dict[int, list[str]] = {}
        for stem in places:
            for number in self._postings.get(stem, ()):
                touched.setdefault(number, []).append(stem)
        # a word of no statement is as rare as can be
        size = math.fsum(self._weights.get(stem, 1.0) for stem in places)
        scored = [
            (score, number, stems)
            for number, stems in touched.items()
            if len(stems) >= _FEWEST and (score := self._score(number, stems, size)) >= threshold
        ]
        scored.sort(key=lambda one: (-one[0], one[1]))
        return tuple(
            Suggestion(self._statements[number], score, self._spans(text, number, stems, places))
            for score, number, stems in scored[:MOST_SUGGESTED]
        )

    def _score(self, number: int, stems: Sequence[str], size: float) -> float:
        shared = math.fsum(self._weights[stem] for stem in stems)
        return round(shared / (min(self._sizes[number], size) + _CHANCE), 3)

    @staticmethod
    def _places(text: str, language: Language) -> dict[str, int]:
        """Each content stem of `text` → the number of the first word with it."""
        words = language.words(text)[:MOST_READ]
        places: dict[str, int] = {}
        for number, (word, unit) in enumerate(zip(words, language.units(words), strict=True)):
            if _tells(word):
                for stem in unit.split(" "):
                    places.setdefault(stem, number)
        return places

    def _spans(
        self, text: str, number: int, stems: Sequence[str], places: Mapping[str, int]
    ) -> tuple[Span, ...]:
        best = sorted(stems, key=lambda stem: (-self._weights[stem], places[stem]))[:_MOST_SPANS]
        positions = Language.positions(text)
        found = [(*positions[places[stem]], self._statements[number].words[stem]) for stem in best]
        return tuple(Span(start, end, text[start:end], term) for start, end, term in sorted(found))


class Fact(NamedTuple):
    """What became of one version of a statement, and when the broker took that in."""

    at_ms: int
    id: StatementId
    version: int
    #: None: it was retracted
    statement: Statement | None


@dataclass(slots=True)
class Ledger:
    """Every statement that was ever published; what is known of it counts from `notice_ms` later.

    So each instance has read of it before, and holds a mention against the same statements.
    """

    notice_ms: int
    _facts: list[Fact] = field(default_factory=list)
    _shown: int = 0
    _shelf: Shelf = field(default_factory=lambda: Shelf(()))

    def add(self, facts: Iterable[Fact]) -> None:
        """Take in facts, whatever their order; one that is there already changes nothing."""
        self._facts.extend(facts)
        self._facts.sort(key=lambda one: (one.at_ms, str(one.id), one.version))
        self._shown = -1

    def at(self, timestamp_ms: int) -> Shelf:
        """The statements in force for a record of that broker time."""
        number = bisect_right(self._facts, timestamp_ms - self.notice_ms, key=lambda one: one.at_ms)
        if number != self._shown:
            self._shelf = Shelf(_in_force(self._facts[:number]))
            self._shown = number
        return self._shelf


def _in_force(facts: Iterable[Fact]) -> Iterable[Statement]:
    newest: dict[StatementId, Fact] = {}
    for fact in facts:
        known = newest.get(fact.id)
        # that a version was retracted stands, whatever of it comes again
        ends = fact.statement is None and known is not None and fact.version == known.version
        if known is None or fact.version > known.version or ends:
            newest[fact.id] = fact
    return [fact.statement for fact in newest.values() if fact.statement is not None]


def _tells(word: str) -> bool:
    return len(word) >= _SHORTEST and word not in _EVERYDAY and not word.isdigit()
