"""What does a text deny? Terms behind "tidak", "bukan" and the like are not what it is about."""

from collections.abc import Collection
from typing import TYPE_CHECKING

from router.domain.compiling import Denying

if TYPE_CHECKING:
    from router.domain.matching import Found

_MOST_BRIDGES = 2
#: between a negation and a term they end what is denied
_PAUSES = frozenset(".,;:!?\n")


def deny(denying: Denying, found: "Found", units: list[str]) -> None:
    """Move what stands right behind a negation from what is found to what is denied.

    A term that holds the negation itself ("tidak menyala") begins with it, so it stays.
    """
    negations = [number for number, unit in enumerate(units) if unit in denying.negations]
    if not negations:
        return
    bridges = denying.bridges
    behind = {at for one in negations for at in _reach(found, units, one, bridges)}
    more = bridges | denying.absences
    found.absent = frozenset(at for one in negations for at in _reach(found, units, one, more))
    for pattern, ranges in list(found.ranges.items()):
        kept: list[tuple[int, int]] = []
        denied: list[tuple[int, int]] = []
        for first, last in ranges:
            lifted = first not in behind or _lifted(denying, units, last)
            (kept if lifted else denied).append((first, last))
        if denied:
            found.denied[pattern] = denied
            found.ranges[pattern] = kept
            if not kept:
                del found.ranges[pattern]


def _reach(found: "Found", units: list[str], negation: int, bridges: Collection[str]) -> list[int]:
    """The words that may begin what is denied: the next, and those behind a bridge."""
    positions = found.positions()
    reach: list[int] = []
    last = min(negation + 2 + _MOST_BRIDGES, len(units))
    for number in range(negation + 1, last):
        if _PAUSES & set(found.text[positions[number - 1][1] : positions[number][0]]):
            break
        reach.append(number)
        if units[number] not in bridges:
            break
    return reach


def _lifted(denying: Denying, units: list[str], behind: int) -> bool:
    return behind < len(units) and units[behind] in denying.only
