from collections.abc import Iterable
from dataclasses import dataclass

from metrics.domain.cases import Case
from metrics.domain.questions import Question


@dataclass(frozen=True, slots=True)
class Voice:
    """How many of one stakeholder hold one stance on a subject, and how many were answered."""

    stance: str
    stakeholder: str
    n: int
    n_answered: int


@dataclass(frozen=True, slots=True)
class Subject:
    """What people say about one policy. Counts whatever was said, also what needs no action."""

    subject: str
    n: int
    voices: tuple[Voice, ...]


def listen(cases: Iterable[Case], ask: Question) -> tuple[Subject, ...]:
    """Stance by stakeholder on each subject, by name."""
    found: dict[str, dict[tuple[str, str], list[int]]] = {}
    for case in ask.cohort(cases):
        if case.subject is None:
            continue
        cell = found.setdefault(case.subject, {}).setdefault(
            (case.stance, case.stakeholder), [0, 0]
        )
        cell[0] += 1
        cell[1] += case.first_response_at is not None
    return tuple(
        Subject(
            subject,
            sum(n for n, _ in cells.values()),
            tuple(Voice(*key, *cells[key]) for key in sorted(cells)),
        )
        for subject, cells in sorted(found.items())
    )
