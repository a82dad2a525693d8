"""Which rule set applies when: by announced moments, against the broker's time of a record."""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import datetime, timedelta

from router.domain.compiling import Compiled, compile_ruleset
from router.domain.rulesets import RuleSet


@dataclass(frozen=True, slots=True)
class Edition:
    """A published rule set with the moment from which it applies."""

    compiled: Compiled
    effective_ms: int
    #: its place in the rules topic: of two that begin at one moment the later published applies
    offset: int
    #: key of the publication
    name: str = ""


class Rulebook:
    """Every publication. The same ones give the same answer, in any order of adding."""

    def __init__(self) -> None:
        self._editions: list[Edition] = []
        self._standing: list[Edition] = []
        self._moments: list[int] = []
        self._withdrawn: set[str] = set()
        self._nothing = compile_ruleset(RuleSet.empty())

    def add(self, edition: Edition) -> None:
        """Take in an edition."""
        self._editions.append(edition)
        self._arrange()

    def withdraw(self, name: str) -> None:
        """Take a publication out, whether it was added or will be."""
        self._withdrawn.add(name)
        self._arrange()

    def is_withdrawn(self, name: str) -> bool:
        """Whether that publication never takes effect."""
        return name in self._withdrawn

    @property
    def editions(self) -> int:
        """How many were added."""
        return len(self._editions)

    def at(self, timestamp_ms: int) -> Compiled:
        """What applies to a record of that broker time; no rules before the first edition."""
        number = bisect_right(self._moments, timestamp_ms)
        return self._standing[number - 1].compiled if number else self._nothing

    def _arrange(self) -> None:
        self._standing = sorted(
            (one for one in self._editions if one.name not in self._withdrawn),
            key=lambda one: (one.effective_ms, one.offset),
        )
        self._moments = [one.effective_ms for one in self._standing]


def effective_moment(
    asked: datetime | None, now: datetime, *, notice: timedelta, first: bool
) -> datetime:
    """From when a version applies that is published now.

    As asked, but no sooner than every instance can have read of it, so that none decides by an
    older version; the very first replaces nothing and applies at once.
    """
    earliest = now if first else now + notice
    return earliest if asked is None else max(asked, earliest)
