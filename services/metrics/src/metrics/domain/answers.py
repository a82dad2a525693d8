from dataclasses import dataclass

from metrics.domain.listening import Subject
from metrics.domain.log import Position
from metrics.domain.questions import Question
from metrics.domain.rows import Figures


@dataclass(frozen=True, slots=True)
class Report:
    """Figures with everything they are a function of."""

    ask: Question
    #: the prefix of the log they rest on
    positions: tuple[Position, ...]
    #: facts behind a gap, which no figure counts
    n_waiting: int
    figures: Figures


@dataclass(frozen=True, slots=True)
class Listening:
    """What people say about policies, with the prefix of the log it rests on."""

    ask: Question
    positions: tuple[Position, ...]
    subjects: tuple[Subject, ...]
