"""NDJSON: one object a line; a member of a member is named `author.name`."""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import IO, Any

import orjson

from ingest.channels.files.rows import (
    Bound,
    Limits,
    Progress,
    Rejection,
    Row,
    Rows,
    Shape,
    checked,
)

#: a longer line is no complaint
_LONGEST = 1 << 20
_MARK = b"\xef\xbb\xbf"
#: objects whose members make the columns
_LOOKED_AT = 200
_DEEPEST = 4


def objects(
    file: IO[bytes],
    shape: Shape,
    limits: Limits,
    wanted: frozenset[str] | None,
    progress: Progress,
) -> Rows:
    """The rows of NDJSON; a line that is no object fails alone."""
    columns: dict[str, None] = {}
    for one in islice(_parsed(file, limits, None), _LOOKED_AT):
        if isinstance(one, Row):
            columns |= dict.fromkeys(one.values)
    file.seek(0)
    return Rows(shape, [*columns], _parsed(file, limits, wanted), progress)


def _parsed(
    file: IO[bytes], limits: Limits, wanted: frozenset[str] | None
) -> Iterator[Row | Rejection]:
    line, bound = 0, Bound(limits)
    while raw := file.readline(_LONGEST):
        line += 1
        if not raw.endswith(b"\n") and len(raw) == _LONGEST:
            while (rest := file.readline(_LONGEST)) and not rest.endswith(b"\n"):
                pass
            yield Rejection(line, "", f"at most {_LONGEST} bytes on a line")
        elif raw.strip():
            bound.add(1)
            yield _object(line, raw.removeprefix(_MARK), wanted)


def _object(line: int, raw: bytes, wanted: frozenset[str] | None) -> Row | Rejection:
    try:
        found = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return Rejection(line, "", "one JSON object in UTF-8 on a line")
    if not isinstance(found, dict):
        return Rejection(line, "", "a JSON object")
    flat = dict(_flat(found, "", _DEEPEST))
    if wanted is None:
        flat = {name: value for name, value in flat.items() if _is_plain(value)}
    values: list[tuple[str, str | None]] = []
    for name in flat if wanted is None else wanted:
        value = flat.get(name)
        if not _is_plain(value):
            return Rejection(line, name, "a text or a number")
        values.append((name, None if value is None else str(value)))
    return checked(line, values, "utf-8")


def _is_plain(value: object) -> bool:
    return value is None or isinstance(value, str | int | float)


def _flat(found: Mapping[str, Any], path: str, deepest: int) -> Iterator[tuple[str, Any]]:
    """Members of members by their path, `author.name`; the member itself too."""
    for name, value in found.items():
        yield path + name, value
        if isinstance(value, dict) and deepest:
            yield from _flat(value, f"{path}{name}.", deepest - 1)
