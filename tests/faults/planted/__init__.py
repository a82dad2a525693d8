"""Bugs put into services by the tests, to prove that the checker sees them.

Each file is a launcher: its app factories change one thing in the code of the service they then
start as ever. Only the harness knows them; nothing of this is in a service.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Bug:
    """One bug, and what must see it."""

    name: str
    title: str
    #: by service, the factory that has the bug (`module:function`)
    factories: Mapping[str, str]
    #: the module in `rows` (or `tests.faults.planted`) whose FAULT brings it to light
    fault: str
    #: the invariants one of which must be broken
    caught_by: frozenset[str]
    #: which runs of the fault are tried, until it is caught
    runs: tuple[int, ...] = (1, 2, 3)
    instances: Mapping[str, int] = field(default_factory=dict)


def all_bugs() -> list[Bug]:
    """Every planted bug, by name."""
    names = sorted(path.stem for path in Path(__file__).parent.glob("bug_*.py"))
    return [import_module(f"{__name__}.{name}").BUG for name in names]
