"""Folds for cross-validation in which near-equal texts stay together."""

import hashlib
import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

#: texts that share so much of their words (Jaccard) are one text told twice; with less, groups
#: become chains of texts that are not
ALIKE = 0.8
_WORD = re.compile(r"[^\W_]+")
#: who is addressed and what is linked differs between copies
_DECORATION = re.compile(r"https?://\S+|@\w+|\brt\b")


def folds(
    texts: Sequence[str], number: int = 5, alike: float = ALIKE
) -> Iterator[tuple[list[int], list[int]]]:
    """`number` times the places to learn from and the places to ask.

    Near-equal texts are always on the same side. The same texts fall into the same folds,
    whatever their order.
    """
    fold = fold_numbers(texts, number, alike)
    for one in range(number):
        yield (
            [place for place, other in enumerate(fold) if other != one],
            [place for place, other in enumerate(fold) if other == one],
        )


def fold_numbers(texts: Sequence[str], number: int, alike: float = ALIKE) -> list[int]:
    """For each text its fold: the largest groups first, each to the smallest fold."""
    group = groups(texts, alike)
    members: dict[int, list[str]] = defaultdict(list)
    for place, name in enumerate(group):
        members[name].append(texts[place])
    keys = {name: _hash(min(members[name])) for name in members}
    sizes = [0] * number
    fold: dict[int, int] = {}
    for name in sorted(members, key=lambda name: (-len(members[name]), keys[name])):
        smallest = min(range(number), key=lambda one: (sizes[one], one))
        fold[name] = smallest
        sizes[smallest] += len(members[name])
    return [fold[name] for name in group]


def groups(texts: Sequence[str], alike: float = ALIKE) -> list[int]:
    """For each text the number of its group; near-equal texts, and those near them, share one."""
    bags = [bag(text) for text in texts]
    first: dict[frozenset[str], int] = {}
    root = [first.setdefault(words, place) for place, words in enumerate(bags)]

    def find(place: int) -> int:
        while root[place] != place:
            root[place] = root[root[place]]
            place = root[place]
        return place

    spread = Counter(word for words in first for word in words)
    holders: dict[str, list[frozenset[str]]] = defaultdict(list)
    for words in sorted(first, key=lambda words: (len(words), sorted(words))):
        # two that are alike share one of their rarest words, so only those are compared
        rarest = sorted(words, key=lambda word: (spread[word], word))
        rarest = rarest[: len(words) - math.ceil(alike * len(words)) + 1]
        for other in {one for word in rarest for one in holders[word]}:
            if shared(words, other) >= alike:
                here, there = find(first[words]), find(first[other])
                root[max(here, there)] = min(here, there)
        for word in rarest:
            holders[word].append(words)
    return [find(place) for place in range(len(texts))]


def bag(text: str) -> frozenset[str]:
    """What two texts are compared by: their words, without handles and addresses."""
    return frozenset(_WORD.findall(_DECORATION.sub(" ", text.lower())))


def shared(one: frozenset[str], other: frozenset[str]) -> float:
    """How much of their words two texts share, from 0 to 1; two without words are one."""
    return len(one & other) / len(one | other) if one or other else 1.0


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
