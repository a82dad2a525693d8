"""A row of a source becomes two lines: what was said, and what became of it."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from lintas_local.importing.mapping import CODES, TIMES, Code, Coded, Mapping
from lintas_local.importing.reading import Rejection, Row

_NO_WORD = re.compile(r"[^a-z0-9]+")
_LONGEST_CODE = 64
#: fields of the two lines that a mapping names otherwise
_NAMED = {"posted_at": "received_at", "external_id": "id", "class": "mention_class"}


@dataclass(frozen=True, slots=True)
class Story:
    """One row, ready to be sent."""

    line: int
    #: a line of `POST /v1/mentions/batch`
    mention: bytes
    #: a line of `POST /v1/history`, but for the complaint's id
    past: dict[str, Any]

    def past_of(self, complaint: str) -> bytes:
        """The second line, once the complaint is known."""
        return orjson.dumps({"complaint_id": complaint, **self.past})


class _Unmappable(Exception):
    """A value that the mapping has no answer to."""


def translate(row: Row, mapping: Mapping) -> Story | list[Rejection]:
    """What a row says, or everything about it that is not as expected."""
    found: dict[str, str | None] = {}
    rejected: list[Rejection] = []
    for name in CODES:
        try:
            found[name] = _code(row, getattr(mapping, name))
        except _Unmappable as problem:
            rejected.append(Rejection(row.line, getattr(mapping, name).column, str(problem)))
    moments: dict[str, str | None] = {}
    for name in TIMES:
        column = getattr(mapping, name)
        text = row.values[column] if column else None
        try:
            moments[name] = _moment(mapping.times.read(text)) if text else None
        except (ValueError, OverflowError):
            expected = f"a time as `{mapping.times.format}` says"
            rejected.append(Rejection(row.line, column, expected))
    rejected += [
        Rejection(row.line, column, "a value, it is empty")
        for column in (mapping.id, mapping.received_at)
        if row.values[column] is None
    ]
    rejected += [
        Rejection(row.line, blamed(name, mapping), "a value, it is empty")
        for name in ("channel", "mention_class")
        if found.get(name, "") is None
    ]
    if rejected:
        return rejected
    return Story(
        row.line,
        orjson.dumps(_mention(row, mapping, found, moments)),
        _past(row, mapping, found, moments),
    )


def blamed(pointer: str, mapping: Mapping) -> str:
    """The column behind a field that a service refused; the field itself where there is none."""
    name = pointer.removeprefix("/").partition("/")[0]
    name = _NAMED.get(name, name)
    if name == "location":
        name = "address"
    given = getattr(mapping, name, None)
    if isinstance(given, Code):
        return given.column
    if name == "text":
        return ", ".join(mapping.text)
    return given if isinstance(given, str) and given in mapping.columns else name


def _mention(
    row: Row, mapping: Mapping, found: dict[str, str | None], moments: dict[str, str | None]
) -> dict[str, Any]:
    words = [value for name in mapping.text if (value := row.values[name]) is not None]
    address = row.values[mapping.address] if mapping.address else None
    return {
        "channel": found["channel"],
        "account": mapping.source,
        "external_id": row.values[mapping.id],
        "text": "\n".join(words),
        "posted_at": moments["received_at"],
        "location": {"address": address} if address else None,
        "class": found["mention_class"],
        "anonymity": mapping.anonymity,
    }


def _past(
    row: Row, mapping: Mapping, found: dict[str, str | None], moments: dict[str, str | None]
) -> dict[str, Any]:
    told: dict[str, Any] = {
        "class": found["mention_class"],
        **{name: found[name] for name in ("category", "kecamatan", "kelurahan", "agency")},
        **{name: moments[name] for name in TIMES if name != "received_at"},
        "disposition": found["disposition"],
    }
    past = {name: value for name, value in told.items() if value is not None}
    if mapping.verdict and row.values[mapping.verdict] is None:
        past["judged"] = False
    return past


def _code(row: Row, coded: Coded | None) -> str | None:
    if coded is None or isinstance(coded, str):
        return coded
    value = row.values[coded.column]
    if value is None:
        return coded.default
    if coded.values is not None:
        code = coded.values.get(value, coded.default)
        if code is None:
            raise _Unmappable("one of the values that the mapping lists")
        return code
    return slug(value) if coded.slug else value


def slug(words: str) -> str | None:
    """`Jalan Raya/Gang` as `jalan_raya_gang`; None where no letter or digit is left."""
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode().lower()
    return _NO_WORD.sub("_", plain).strip("_")[:_LONGEST_CODE].rstrip("_") or None


def _moment(moment: datetime) -> str:
    return moment.isoformat()
