"""What distinguishes two rule sets: rules added, removed, moved, and changed field by field."""

import json
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

#: parts that are lists of named things, and what names them
_NAMED: Mapping[str, str] = {"rules": "id", "classes": "id", "subjects": "code", "places": "code"}


class Kind(StrEnum):
    """What became of one named thing."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    #: it stands elsewhere among the others, which decides between equal scores
    MOVED = "moved"


@dataclass(frozen=True, slots=True)
class Change:
    """One field that differs, by what it lost and what it gained."""

    #: with dots where it is inside another
    field: str
    removed: tuple[Any, ...]
    added: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """One rule, class, subject or place that differs."""

    #: rules | classes | subjects | places
    section: str
    name: str
    kind: Kind
    #: of one that was added or removed, all its fields
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class Differences:
    """Everything that differs, in the order of the newer document; what was removed comes last."""

    entries: tuple[Difference, ...]
    #: of the rest of the document
    document: tuple[Change, ...]


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> Differences:
    """What turns the rule set document `before` into `after`. The version's name is none."""
    entries = [
        found
        for section, key in _NAMED.items()
        for found in _named(section, key, before.get(section) or (), after.get(section) or ())
    ]
    rest = {*before, *after} - {*_NAMED, "version"}
    one, other = ({name: given.get(name) for name in rest} for given in (before, after))
    return Differences(tuple(entries), tuple(_changes("", one, other)))


def _named(
    section: str, key: str, before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]
) -> Iterator[Difference]:
    old, new = {str(one[key]): one for one in before}, {str(one[key]): one for one in after}
    kept = [name for name in new if name in old]
    places = {name: place for place, name in enumerate(old)}
    moved = set(kept) - _in_order(kept, places)
    for name, one in new.items():
        changes = tuple(_changes("", old.get(name, {key: name}), one))
        if name not in old:
            yield Difference(section, name, Kind.ADDED, changes)
        elif changes:
            yield Difference(section, name, Kind.CHANGED, changes)
        elif name in moved:
            yield Difference(section, name, Kind.MOVED)
    for name, one in old.items():
        if name not in new:
            changes = tuple(_changes("", one, {key: name}))
            yield Difference(section, name, Kind.REMOVED, changes)


def _in_order(names: Sequence[str], places: Mapping[str, int]) -> set[str]:
    """The most of `names` whose places rise: all others were moved past them."""
    tails: list[int] = []
    lengths = []
    for name in names:
        length = bisect_left(tails, places[name])
        tails[length : length + 1] = [places[name]]
        lengths.append(length)
    wanted, limit = len(tails) - 1, len(places)
    found = set()
    for name, length in zip(reversed(names), reversed(lengths), strict=True):
        if length == wanted and places[name] < limit:
            found.add(name)
            wanted, limit = wanted - 1, places[name]
    return found


def _changes(path: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    for name in sorted({*before, *after}):
        old, new = before.get(name), after.get(name)
        if _said(old) == _said(new):
            continue
        here = f"{path}{name}"
        if isinstance(old or {}, Mapping) and isinstance(new or {}, Mapping) and (old or new):
            yield from _changes(f"{here}.", old or {}, new or {})
            continue
        ours, theirs = _items(old), _items(new)
        lost, gained = set(ours) - set(theirs), set(theirs) - set(ours)
        if not (lost or gained):
            # the same in another order
            lost, gained = set(ours), set(theirs)
        yield Change(
            here,
            tuple(one for key, one in ours.items() if key in lost),
            tuple(one for key, one in theirs.items() if key in gained),
        )


def _said(value: Any) -> Any:
    # a field that is empty says what one that is absent says
    return None if value in ((), [], {}, "") else value


def _items(value: Any) -> dict[str, Any]:
    items = value if isinstance(value, list) else [] if value is None else [value]
    return {json.dumps(one, sort_keys=True): one for one in items}
