"""What a check finds."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

_EXAMPLES = 4


@dataclass(frozen=True, slots=True)
class Violation:
    """One promise that was not kept."""

    invariant: str
    what: str
    number: int = 1
    examples: tuple[str, ...] = ()

    def __str__(self) -> str:
        shown = f" (such as {', '.join(self.examples)})" if self.examples else ""
        return f"{self.invariant}: {self.number} × {self.what}{shown}"


def some(invariant: str, what: str, found: Iterable[Any]) -> Iterator[Violation]:
    items = sorted(map(str, found))
    if items:
        yield Violation(invariant, what, len(items), tuple(items[:_EXAMPLES]))


def repeated(counted: Counter[Any]) -> list[str]:
    return [str(what) for what, times in counted.items() if times > 1]
