"""A row of a source becomes what was said, or everything about it that is not as expected."""

import re
import unicodedata
from collections.abc import Mapping as Values
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ingest.channels.files.mapping import (
    CODES,
    TIMES,
    AuthorColumns,
    Code,
    Coded,
    Mapping,
    each,
)
from ingest.channels.files.rows import Rejection, Row
from ingest.channels.files.times import with_clock

_NO_WORD = re.compile(r"[^a-z0-9]+")
_LONGEST_CODE = 64
#: what a mention may state as its category
_CATEGORY = re.compile(r"(?=.{1,60}\Z)[a-z0-9]+([_-][a-z0-9]+)*")
#: of `location.address`
_LONGEST_ADDRESS = 500
#: fields of `POST /v1/mentions` that a mapping names otherwise
_NAMED = {"posted_at": "received_at", "external_id": "id", "class": "mention_class"}
_EMPTY = "a value, it is empty"


@dataclass(frozen=True, slots=True)
class Mapped:
    """A row with its codes and times found out."""

    row: Row
    #: by the mapping's names; None where the source does not tell
    codes: Values[str, str | None]
    moments: Values[str, datetime | None]


def resolve(row: Row, mapping: Mapping) -> Mapped | list[Rejection]:
    """Every code and time of a row, or all that the mapping has no answer to."""
    rejected: list[Rejection] = []
    codes: dict[str, str | None] = {}
    for name in (*CODES, "anonymity"):
        coded = getattr(mapping, name)
        try:
            codes[name] = _code(row, coded)
        except KeyError:
            expected = "one of the values that the mapping lists"
            rejected.append(Rejection(row.line, coded.column, expected))
    moments: dict[str, datetime | None] = {}
    for name in TIMES:
        column = getattr(mapping, name)
        text = row.values.get(column) if column else None
        if text and name == "received_at" and mapping.received_time:
            text = with_clock(text, row.values.get(mapping.received_time))
        try:
            moments[name] = mapping.times.read(text) if text else None
        except (ValueError, OverflowError, KeyError):
            rejected.append(Rejection(row.line, column, _expected_time(mapping)))
    if codes.get("channel", "") is None:
        rejected.append(Rejection(row.line, blamed("channel", mapping), _EMPTY))
    return rejected or Mapped(row, codes, moments)


def mention_of(
    found: Mapped, mapping: Mapping, *, fallback_id: str | None = None
) -> dict[str, Any] | list[Rejection]:
    """The body of `POST /v1/mentions` that a row stands for.

    A row without an id of its own is known by `fallback_id`.
    """
    values, codes = found.row.values, found.codes
    received, category = found.moments["received_at"], codes["category"]
    external_id = (values.get(mapping.id) if mapping.id else None) or fallback_id
    words = [value for part in mapping.text if (value := _first(values, each(part))) is not None]
    address, too_long = _address(values, mapping)
    try:
        location = {**_position(values, mapping), **({"address": address} if address else {})}
    except _NoNumber as problem:
        return [Rejection(found.row.line, problem.column, "a number")]
    return {
        "channel": codes["channel"],
        "account": mapping.source,
        "external_id": external_id.strip() if external_id else None,
        # blank words stay refused, however much is told of the place
        "text": "\n".join(words + too_long if words else words),
        "posted_at": received.isoformat() if received else None,
        "author": _author(values, mapping.author),
        "location": location or None,
        "class": codes["mention_class"],
        "category": category if category and _CATEGORY.fullmatch(category) else None,
        "anonymity": codes["anonymity"],
    }


def blamed(pointer: str, mapping: Mapping) -> str:
    """The column behind a field that a service refused; the field itself where there is none."""
    name, _, part = pointer.removeprefix("/").partition("/")
    name = _NAMED.get(name, name)
    if name == "author":
        return getattr(mapping.author, part, None) or name
    if name == "location":
        if mapping.position and part in ("lat", "lon"):
            return str(getattr(mapping.position, part))
        name = "address"
    given = getattr(mapping, name, None)
    if isinstance(given, Code):
        return given.column
    if name == "text":
        return ", ".join(column for part in mapping.text for column in each(part))
    if isinstance(given, tuple):
        return ", ".join(given)
    return given if isinstance(given, str) and given in mapping.columns else name


def slug(words: str) -> str | None:
    """`Jalan Raya/Gang` as `jalan_raya_gang`; None where no letter or digit is left."""
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode().lower()
    return _NO_WORD.sub("_", plain).strip("_")[:_LONGEST_CODE].rstrip("_") or None


def _code(row: Row, coded: Coded | None) -> str | None:
    if coded is None or isinstance(coded, str):
        return coded
    value = row.values.get(coded.column)
    code = coded.of(value)
    return slug(code) if coded.slug and value is not None and code == value else code


def _expected_time(mapping: Mapping) -> str:
    if mapping.times.format == "any":
        return "a time such as 2024-02-24 13:30:21, 24 Feb 2024 or 24/02/2024"
    return f"a time as `{mapping.times.format}` says"


def _first(values: Values[str, str | None], columns: tuple[str, ...]) -> str | None:
    return next((value for column in columns if (value := values.get(column)) is not None), None)


def _author(values: Values[str, str | None], columns: AuthorColumns) -> dict[str, str] | None:
    named = ((name, getattr(columns, name)) for name in AuthorColumns.model_fields)
    return {
        name: value for name, column in named if column and (value := values.get(column))
    } or None


class _NoNumber(Exception):
    def __init__(self, column: str) -> None:
        super().__init__(column)
        self.column = column


def _address(values: Values[str, str | None], mapping: Mapping) -> tuple[str, list[str]]:
    """The address, and those of its parts that are too long for one: they are told with the words."""
    columns = each(mapping.address) if mapping.address else ()
    parts = [value for column in columns if (value := values.get(column))]
    too_long: list[str] = []
    while len(", ".join(parts)) > _LONGEST_ADDRESS:
        too_long.append(max(parts, key=len))
        parts.remove(too_long[-1])
    return ", ".join(parts), too_long


def _position(values: Values[str, str | None], mapping: Mapping) -> dict[str, float]:
    if mapping.position is None:
        return {}
    found: dict[str, float] = {}
    for name, column in (("lat", mapping.position.lat), ("lon", mapping.position.lon)):
        text = values.get(column)
        if text is not None:
            try:
                # a spreadsheet in Indonesian writes -6,59
                found[name] = float(text.replace(",", "."))
            except ValueError:
                raise _NoNumber(column) from None
    return found
