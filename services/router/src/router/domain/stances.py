"""Which named policy is it about, and is the writer for or against it?"""

from collections.abc import Iterable
from dataclasses import dataclass

from lintas.vocabulary.terms import Stance
from router.domain.compiling import Compiled, Side
from router.domain.decisions import Evidence, Why
from router.domain.matching import Found, Range, outermost


@dataclass(frozen=True, slots=True)
class Position:
    """A policy and the stance towards it."""

    subject: str | None = None
    stance: Stance = Stance.NEUTRAL
    evidence: tuple[Evidence, ...] = ()


def position(compiled: Compiled, found: Found) -> Position:
    """The policy named by most of its terms (the first of equals), and the side with more words."""
    if not compiled.opinions:
        return Position()
    patterns = [pattern for pattern in found.ranges if pattern in compiled.opinions]
    about: dict[int, int] = {}
    for pattern in patterns:
        for opinion in compiled.opinions[pattern]:
            if opinion.side is Side.ABOUT:
                about[opinion.subject] = about.get(opinion.subject, 0) + 1
    if not about:
        return Position()
    subject = min(about, key=lambda number: (-about[number], number))
    terms: list[tuple[int, str]] = []
    sides: dict[Side, list[int]] = {side: [] for side in Side}
    for pattern in patterns:
        for opinion in compiled.opinions[pattern]:
            if opinion.subject == subject:
                sides[opinion.side].append(pattern)
                terms.append((pattern, opinion.term))
    # "setuju" inside "tidak setuju" does not count
    alone = outermost(
        one for side in (Side.PRO, Side.CONTRA) for p in sides[side] for one in found.ranges[p]
    )
    code = compiled.ruleset.subjects[subject].code
    return Position(
        code,
        _stance(
            _count(found, sides[Side.PRO], alone),
            _count(found, sides[Side.CONTRA], alone),
        ),
        (Evidence(f"subject:{code}", Why.SUBJECT_NAMED, spans=found.spans(sorted(terms))),),
    )


def _count(found: Found, patterns: Iterable[int], alone: set[Range]) -> int:
    """How many of `patterns` stand somewhere on their own."""
    return sum(any(one in alone for one in found.ranges[pattern]) for pattern in patterns)


def _stance(pro: int, contra: int) -> Stance:
    if pro == contra:
        return Stance.NEUTRAL
    return Stance.PRO if pro > contra else Stance.CONTRA
