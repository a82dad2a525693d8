"""Judges a run by what its clients were told and by everything that can be read afterwards.

Knows no fault: the same invariants hold after every one of them. A check returns violations, each
under the name of the invariant it breaks (I1 no loss, I2 no double effect, I3 order, I4 equal
figures, I5 isolation, I6 recovery, I7 honest answers).
"""

from collections.abc import Callable, Iterator, Sequence

from tests.faults.checker.doubles import no_double_effect
from tests.faults.checker.loss import no_loss, quarantine
from tests.faults.checker.promises import figures, honest_answers, isolation, recovery
from tests.faults.checker.sequence import order
from tests.faults.checker.told import POISON, Evidence
from tests.faults.checker.violations import Violation
from tests.faults.history import History
from tests.faults.observe import Final

__all__ = ["CHECKS", "POISON", "Evidence", "Violation", "check"]

Check = Callable[[Evidence], Iterator[Violation]]

CHECKS: Sequence[Check] = (
    no_loss,
    quarantine,
    no_double_effect,
    order,
    figures,
    isolation,
    recovery,
    honest_answers,
)


def check(history: History, final: Final) -> list[Violation]:
    """Every violation of a run; empty if all promises were kept."""
    evidence = Evidence(history, final)
    return [violation for one in CHECKS for violation in one(evidence)]
