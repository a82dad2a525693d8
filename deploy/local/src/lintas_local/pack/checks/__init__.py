"""What no single file can get wrong alone: names that must exist, times that must fit."""

from collections.abc import Callable, Iterator

from lintas_local.pack.checks.names import name_findings
from lintas_local.pack.checks.times import time_findings
from lintas_local.pack.checks.words import word_findings
from lintas_local.pack.models.pack import Pack
from lintas_local.pack.problems import Finding

_CHECKS: tuple[Callable[[Pack], Iterator[Finding]], ...] = (
    name_findings,
    time_findings,
    word_findings,
)


def findings(pack: Pack) -> Iterator[Finding]:
    """Everything that keeps the files of `pack` from fitting together."""
    for check in _CHECKS:
        yield from check(pack)
