"""A mapping file: which column of a source means what."""

import re
from datetime import datetime, timedelta, timezone, tzinfo
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import orjson
from pydantic import AfterValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from lintas.vocabulary.terms import Anonymity, MentionClass
from lintas_local.pack.loading import parse
from lintas_local.pack.models.fields import PackModel
from lintas_local.pack.reading import read_yaml
from lintas_local.pack.schema import DIALECT

_OFFSET = re.compile(r"([+-])([01]\d|2[0-3]):([0-5]\d)")

#: a column as the source's heading (CSV) or member (NDJSON) names it
Column = Annotated[str, StringConstraints(min_length=1, max_length=200)]
#: the source's own name; row ids of two sources never mean the same
SourceName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]


def _zone(name: str) -> tzinfo | None:
    offset = _OFFSET.fullmatch(name)
    if offset:
        sign, hours, minutes = offset.groups()
        ahead = timedelta(hours=int(hours), minutes=int(minutes))
        return timezone(ahead if sign == "+" else -ahead)
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _known_zone(name: str) -> str:
    if _zone(name) is None:
        raise PydanticCustomError(
            "literal_error",
            "{expected}",
            {"expected": 'a quoted offset, such as "+07:00", or a zone, such as Asia/Jakarta'},
        )
    return name


class Times(PackModel):
    """How the source writes times."""

    #: `iso`, or a pattern of strptime such as `%d/%m/%Y %H:%M`
    format: str = "iso"
    #: where a time without an offset of its own was written; of an hour that a change of clocks
    #: repeats, the first is meant, so a fixed offset is safer
    zone: Annotated[str, AfterValidator(_known_zone)]

    @cached_property
    def _tz(self) -> tzinfo | None:
        return _zone(self.zone)

    def read(self, text: str) -> datetime:
        """The moment `text` means; ValueError if it is no such time."""
        iso = self.format == "iso"
        moment = datetime.fromisoformat(text) if iso else datetime.strptime(text, self.format)  # noqa: DTZ007  # the zone follows
        return moment if moment.tzinfo else moment.replace(tzinfo=self._tz)


class Code(PackModel):
    """A code that a column holds, or leads to."""

    column: Column
    #: what the column says -> our code; a value that is not listed is refused, or gets the default
    values: dict[str, str] | None = None
    #: where the column is empty, or says what `values` does not list
    default: str | None = None
    #: make the code from the column's words: lower case, digits, single underscores
    slug: bool = False


#: the same code for every row, or one of a column
Coded = str | Code


class Mapping(PackModel):
    """What the columns of one source mean. Everything that is left out, the source does not tell."""

    source: SourceName
    format: Literal["csv", "ndjson"]
    encoding: Literal["utf-8", "latin-1", "cp1252"] = "utf-8"
    #: CSV only
    delimiter: Annotated[str, StringConstraints(min_length=1, max_length=1)] = ","
    times: Times

    #: what makes a row one complaint
    id: Column
    #: their words, each on a line of its own
    text: tuple[Column, ...] = Field(min_length=1)
    address: Column | None = None
    channel: Coded
    anonymity: Anonymity = Field(Anonymity.ANONYMOUS, strict=False)
    mention_class: Coded = Field(MentionClass.COMPLAINT.value, alias="class")
    category: Coded | None = None
    kecamatan: Coded | None = None
    kelurahan: Coded | None = None
    #: who led, by the codes of the city pack
    agency: Coded | None = None

    received_at: Column
    assigned_at: Column | None = None
    answered_at: Column | None = None
    resolved_at: Column | None = None
    closed_at: Column | None = None
    disposition: Coded | None = None
    #: by when it was to be settled, as the source promised it
    target_at: Column | None = None
    #: the source's own word on whether that was kept; where it is empty, rates that repeat the
    #: source's own leave the row out
    verdict: Column | None = None

    @property
    def columns(self) -> frozenset[str]:
        """Every column that is read."""
        named = (getattr(self, name) for name in type(self).model_fields if name in _COLUMNS)
        coded = (getattr(self, name) for name in CODES)
        found = {*self.text, *(name for name in named if name)}
        return frozenset(found | {code.column for code in coded if isinstance(code, Code)})


CODES = (
    "channel",
    "mention_class",
    "category",
    "kecamatan",
    "kelurahan",
    "agency",
    "disposition",
)
TIMES = ("received_at", "assigned_at", "answered_at", "resolved_at", "closed_at", "target_at")
_COLUMNS = frozenset({"id", "address", "verdict", *TIMES})


def load_mapping(path: Path) -> Mapping:
    """The mapping in `path`; PackInvalid names every line that is not as expected."""
    return parse(read_yaml(path, path.name), Mapping)


def write_mapping_schema(path: Path) -> None:
    """Writes the schema where `path` says, the same bytes every time."""
    options = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
    path.write_bytes(orjson.dumps(mapping_schema(), option=options))


def mapping_schema() -> dict[str, Any]:
    """JSON Schema 2020-12 of a mapping file."""
    schema = Mapping.model_json_schema(by_alias=True)
    return {"$schema": DIALECT, **schema, "title": "Lintas import mapping"}
