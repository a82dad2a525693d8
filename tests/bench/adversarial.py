"""Texts and rule sets made to be dear: each at the limits of what is taken in."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from random import Random
from typing import Any

from router.domain.compiling import MOST_LED_TO

#: what a text may have
LONGEST = 10_000
#: what a rule set may have, as canonical JSON; with room for its frame
MOST_BYTES = 840_000
#: how many words of two letters there are
_SHORT = 676
#: letters of the longest words in which a slip is forgiven
_LONG = 20
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_SYLLABLES = ("ba", "ci", "du", "go", "ka", "lu", "mi", "no", "pe", "ra", "so", "ti")

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Case:
    """A rule set and a text that together are dear; the text differs by its number."""

    name: str
    document: Callable[[], Document]
    text: Callable[[int], str]


def word(number: int) -> str:
    """One of 20,736 made-up words."""
    return "".join(_SYLLABLES[number // 12**place % 12] for place in range(4))


def short(number: int) -> str:
    """One of 676 words of two letters."""
    return _LETTERS[number // 26 % 26] + _LETTERS[number % 26]


def noise(number: int, length: int, letters: str = _LETTERS) -> Iterator[str]:
    """Words of so many letters without end, other ones for each number."""
    random = Random(f"{number} {length}")
    while True:
        yield "".join(random.choices(letters, k=length))


def cut(words: Iterable[str], between: str = " ") -> str:
    """As many of the words as a text may have letters."""
    return between.join(islice(words, LONGEST))[:LONGEST]


def cycle(words: list[str], start: int = 0) -> Iterator[str]:
    """The words again and again."""
    number = start
    while True:
        yield words[number % len(words)]
        number += 1


def rule(number: int, *any_of: Any, **more: Any) -> dict[str, Any]:
    """A rule with these conditions."""
    return {"id": f"r{number}", "category": "c", "lead": "a", "any": list(any_of), **more}


def document(rules: Iterable[dict[str, Any]], **more: Any) -> Document:
    """A rule set of these rules."""
    return {
        "version": "v",
        "zone": "UTC",
        "agencies": ["a"],
        "categories": ["c"],
        "rules": list(rules),
        **more,
    }


ORDINARY = "jalan di depan rumah kami sudah lama begini tolong segera dilihat terima kasih pak "
SPEECH = {
    "spellings": {"jln": "jalan", "gak": "tidak"},
    "negations": ["tidak", "bukan"],
    "bridges": ["soal", "lagi"],
    "absences": ["ada"],
    "typos": True,
}


def pairs_of_words(number: int) -> Document:
    """Rules that each ask for two words in a row and forbid a third."""
    return document(
        (rule(n, f"{word(n)} {word(n + 1)}", none=[f"{word(n)} zz"]) for n in range(number)),
        language=SPEECH,
    )


def _nested() -> Document:
    return document([rule(0, *(" ".join("a" * n) for n in range(1, 41)))])


def _shared_words() -> Document:
    # as many rules to a word as are taken
    return document(
        rule(n, short(n // MOST_LED_TO), none=["zz"], weight=1 + n % 50) for n in range(10_000)
    )


def _shared_beside() -> Document:
    return document(rule(n, word(n), all=["aa"], none=["zz", "yy"]) for n in range(8_000))


def _all_short() -> Document:
    terms = [short(n) for n in range(_SHORT)]
    return document(rule(n, *terms) for n in range(MOST_BYTES // (_SHORT * 5 + 60)))


def _same_key(count: int = 20_000) -> Document:
    # words that all become one when a letter is left out
    letters = [chr(0x4E00 + n) for n in range(count)]
    terms = [f"abcdef{letter}" for letter in letters]
    rules = [rule(n, *terms[n * 2_000 : (n + 1) * 2_000]) for n in range(count // 2_000)]
    return document(rules, language=SPEECH)


def _long_words() -> Document:
    words = list(islice(noise(0, _LONG), 18_000))
    rules = [rule(n, *words[n * 2_000 : (n + 1) * 2_000]) for n in range(9)]
    return document(rules, language=SPEECH)


def _near_many() -> Document:
    conditions = [{"near": ["aa", "bb"], "within": n % 20} for n in range(20)]
    conditions += [{"near": [short(n), short(n + 1)], "within": 0} for n in range(_SHORT)]
    return document(rule(n, *conditions) for n in range(25))


def _near_lists() -> Document:
    side = [short(n) for n in range(0, _SHORT, 2)]
    other = [short(n) for n in range(1, _SHORT, 2)]
    return document(rule(n, {"near": [side[n % 9 :], other], "within": 0}) for n in range(200))


def _expressions(pattern: Callable[[int], str], count: int) -> Document:
    return document(rule(n, {"regex": pattern(n)}) for n in range(count))


def _spelled() -> Document:
    # one letter that stands for as many words as are taken
    spellings = dict.fromkeys(_LETTERS[1:], "a a a a a a")
    return document(
        [rule(0, *(" ".join("a" * n) for n in range(1, 41)))], language={"spellings": spellings}
    )


def _places() -> Document:
    places = [
        {"code": f"1.{n}", "kind": "kecamatan", "name": short(n // MOST_LED_TO), "parent": "1"}
        for n in range(11_000)
    ]
    return document([rule(0, "x")], places=places)


def _subjects() -> Document:
    terms = [short(n) for n in range(_SHORT)]
    subjects = [{"code": f"s{n}", "any": terms, "pro": terms, "contra": []} for n in range(120)]
    return document([rule(0, "x")], subjects=subjects)


def _denied() -> Document:
    return document((rule(n, word(n), f"tidak {word(n)}") for n in range(5_000)), language=SPEECH)


def _by_circumstance() -> Document:
    asked = [{"category": ["c"]}, {"area": ["1"]}, {"area": ["1.1"]}]
    places = [
        {"code": "1", "kind": "kecamatan", "name": "aa", "parent": "0"},
        {"code": "1.1", "kind": "kelurahan", "name": "bb", "parent": "1"},
    ]
    rules = (
        rule(n, all=[asked[n // MOST_LED_TO], {"channel": ["web"]}]) for n in range(3 * MOST_LED_TO)
    )
    return document(rules, places=places)


def _tame(number: int) -> str:
    return rf"\b{word(number)}\w+ (no|rt)\s*\d+"


def _wild(number: int) -> str:
    return "a[ab]{90}c"


CASES = (
    Case("ordinary", lambda: pairs_of_words(8_000), lambda n: cut(noise(n, 6))),
    Case("one letter repeated", lambda: pairs_of_words(8_000), lambda _: "a" * LONGEST),
    Case("words of one letter", lambda: pairs_of_words(8_000), lambda n: cut(noise(n, 1))),
    Case("words of two letters", lambda: pairs_of_words(8_000), lambda n: cut(noise(n, 2))),
    Case("matched rules", lambda: pairs_of_words(8_000),
         lambda n: cut(f"{word(m)} {word(m + 1)}" for m in range(n * 7, n * 7 + 2_000, 2))),
    Case("nested terms", _nested, lambda _: cut(cycle(["a"]))),
    Case("spelled out", _spelled, lambda n: cut(cycle(list(_LETTERS), n))),
    Case("words of many rules", _shared_words,
         lambda n: cut(short((m + n) % 33) for m in range(LONGEST))),
    Case("rules that share a word", _shared_beside,
         lambda n: cut(w for m in range(LONGEST) for w in ("aa", word((m + n * 99) % 8_000)))),
    Case("every word in every rule", _all_short,
         lambda n: cut(short(m + n) for m in range(LONGEST))),
    Case("slips with one key", _same_key,
         lambda n: cut(f"abcdef{chr(0x3400 + m + n * 151)}" for m in range(LONGEST))),
    Case("long near-misses", _long_words, lambda n: cut(
         f"{w[:9]}qz{w[11:]}" for w in islice(noise(0, _LONG), n, 4_000 + n))),
    Case("negations", _denied, lambda n: cut(
         w for m in range(LONGEST) for w in ("tidak", "soal", "lagi", word((m + n) % 5_000)))),
    Case("near pairs", _near_many, lambda n: cut(short(m + n) for m in range(LONGEST))),
    Case("near halves", _near_many, lambda _: cut(cycle(["aa"]))[:5_000] + cut(cycle(["bb"]))[:5_000]),
    Case("near lists", _near_lists, lambda _: cut(cycle([short(m) for m in range(0, _SHORT, 2)]))[:5_000]
         + " zz " * 20 + cut(cycle([short(m) for m in range(1, _SHORT, 2)]))[:4_900]),
    Case("places of one name", _places,
         lambda n: cut(short((m + n) % 36) for m in range(LONGEST))),
    Case("opinions", _subjects, lambda n: cut(short(m + n) for m in range(LONGEST))),
    Case("circumstances", _by_circumstance, lambda n: cut(["aa", "bb", *islice(noise(n, 6), 2_000)])),
    Case("combining marks", lambda: pairs_of_words(8_000), lambda _: cut(cycle(["a\u0301\u0302\u0303b\u0301", "\u0301"]))),
    Case("emoji and right to left", lambda: pairs_of_words(8_000), lambda _: cut(cycle(["🙏🏽", "مشكلة", "\u202e", "日本"]))),
    Case("an expression that forgets nothing", lambda: _expressions(_wild, 1),
         lambda n: cut(noise(n, 1, "ab"), "")),
    Case("expressions in noise", lambda: _expressions(_tame, 100), lambda n: cut(noise(n, 6))),
    Case("expressions half found", lambda: _expressions(_tame, 100),
         lambda n: cut(f"{word((m + n) % 100)}x rt" for m in range(LONGEST))),
)  # fmt: skip
