"""What is wrong with a pack, said so that its author can mend it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

#: where a value stands inside a file: keys and list positions from the top
ValuePath: TypeAlias = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One place of a pack that has to change."""

    #: relative to the pack's folder
    file: str
    #: counted from 1
    line: int
    #: the value's path, such as `rules.3.lead`; empty for the file itself
    where: str
    #: what was expected there
    expected: str

    def __str__(self) -> str:
        subject = f"{self.where}: " if self.where else ""
        return f"{self.file}:{self.line}: {subject}{self.expected}"


@dataclass(frozen=True, slots=True)
class Finding:
    """A problem before its line is known."""

    file: str
    path: ValuePath
    expected: str


class PackInvalid(Exception):
    """The pack cannot be used; `problems` holds every reason, in file and line order."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(str(problem) for problem in self.problems))


def dotted(path: ValuePath) -> str:
    """The path as people read it; list positions count from 1."""
    return ".".join(str(step + 1) if isinstance(step, int) else step for step in path)
