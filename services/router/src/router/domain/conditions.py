"""What a rule can ask for: terms and more about the text, and the circumstances of a mention."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

#: begins a term that is found as it is spelled only, never by stem or with a slip
EXACT = "="
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
#: what a circumstance may be about
CIRCUMSTANCES = (
    "category",
    "class",
    "channel",
    "area",
    "urgency",
    "stakeholder",
    "suspected",
    "days",
    "hours",
)
_WITHIN = 5
_MINUTES = 60


@dataclass(frozen=True, slots=True)
class Near:
    """A term of `one` and a term of `other`, in any order, with at most `within` words between."""

    one: tuple[str, ...]
    other: tuple[str, ...]
    within: int = _WITHIN

    def __str__(self) -> str:
        """How an explanation names it."""
        return f"{'/'.join(self.one)} … {'/'.join(self.other)}"[:80]


@dataclass(frozen=True, slots=True)
class Expression:
    """A regular expression of RE2, whatever the case: no look-around, no back-references."""

    pattern: str

    def __str__(self) -> str:
        """How an explanation names it."""
        return self.pattern


@dataclass(frozen=True, slots=True)
class Circumstance:
    """One of `values` is so of the mention."""

    kind: str
    #: of `hours`: from and until, the latter not included, perhaps across midnight
    values: tuple[str, ...]

    def holds(self, facts: "Facts") -> bool:
        """Whether it is so."""
        if self.kind == "hours":
            return _between(facts.minute, *map(_minute, self.values))
        return not facts.known[self.kind].isdisjoint(self.values)

    def __str__(self) -> str:
        """How an explanation names it."""
        return f"{self.kind}: {', '.join(self.values)}"[:80]


#: a term is a plain string
Textual: TypeAlias = str | Near | Expression
Condition: TypeAlias = Textual | Circumstance


class Facts:
    """The circumstances of one mention; what is not known is none of anything."""

    def __init__(self, local: datetime, **known: str | None) -> None:
        self.minute = local.hour * _MINUTES + local.minute
        self.known: dict[str, frozenset[str]] = {kind: frozenset() for kind in CIRCUMSTANCES}
        self.known["days"] = frozenset((DAYS[local.weekday()],))
        self.learn(**known)

    def learn(self, **known: str | None) -> None:
        """Add what has been found out."""
        for kind, value in known.items():
            if value is not None:
                self.known[kind] |= {value}

    def keys(self) -> Iterator[tuple[str, str]]:
        """What rules without words can hang on, in one order everywhere."""
        for kind, values in self.known.items():
            for value in sorted(values):
                yield kind, value
        yield "hours", ""


def condition(given: Any) -> Condition:
    """A condition as a document writes it. Raises TypeError, KeyError or ValueError."""
    if isinstance(given, str):
        return given
    if not isinstance(given, Mapping):
        raise TypeError("condition")
    if "near" in given:
        one, other = given["near"]
        return Near(_side(one), _side(other), int(given.get("within", _WITHIN)))
    if "regex" in given:
        return Expression(str(given["regex"]))
    (kind,) = (kind for kind in CIRCUMSTANCES if kind in given)
    values = tuple(str(value) for value in given[kind])
    if kind == "hours":
        first, last = values
        _minute(first), _minute(last)
    return Circumstance(kind, values)


def _side(given: Any) -> tuple[str, ...]:
    terms = (given,) if isinstance(given, str) else tuple(given)
    if not terms or not all(isinstance(term, str) for term in terms):
        raise TypeError("near")
    return terms


def _minute(clock: str) -> int:
    hour, _, minute = clock.partition(":")
    return int(hour) * _MINUTES + int(minute)


def _between(minute: int, first: int, last: int) -> bool:
    if first <= last:
        return first <= minute < last
    return minute >= first or minute < last
