"""A row of a history becomes two lines: what was said, and what became of it."""

from dataclasses import dataclass
from typing import Any

import orjson

from ingest.app import files
from lintas_local.importing.mapping import HistoryMapping

#: what the gateway is told, where the source tells it
_CODES = ("category", "kecamatan", "kelurahan", "agency", "disposition")
_TIMES = ("assigned_at", "answered_at", "resolved_at", "closed_at", "target_at")


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


def translate(row: files.Row, mapping: HistoryMapping) -> Story | list[files.Rejection]:
    """What a row says, or everything about it that is not as expected."""
    found = files.resolve(row, mapping)
    needed = [mapping.id, mapping.received_at]
    if isinstance(found, files.Mapped) and found.codes["mention_class"] is None:
        needed.append(files.blamed("class", mapping))
    missing = [
        files.Rejection(row.line, column, "a value, it is empty")
        for column in needed
        if row.values.get(column) is None
    ]
    if not isinstance(found, files.Mapped):
        return found + missing
    mention = files.mention_of(found, mapping)
    if not isinstance(mention, dict):
        return mention + missing
    return missing or Story(row.line, orjson.dumps(mention), _past(found, mapping))


def _past(found: files.Mapped, mapping: HistoryMapping) -> dict[str, Any]:
    moments = {name: found.moments[name] for name in _TIMES}
    told: dict[str, Any] = {
        "class": found.codes["mention_class"],
        **{name: found.codes[name] for name in _CODES},
        **{name: moment.isoformat() for name, moment in moments.items() if moment},
    }
    past = {name: value for name, value in told.items() if value is not None}
    if mapping.verdict and found.row.values.get(mapping.verdict) is None:
        past["judged"] = False
    return past
