"""What the columns of one source mean."""

from datetime import datetime, tzinfo
from functools import cached_property
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

from ingest.channels.files.times import read_moment, zone_named
from lintas.vocabulary.terms import Anonymity, MentionClass


class _Closed(BaseModel):
    """Strict and frozen: a misspelt key is an error, and nothing is converted quietly."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)


#: a column as the source's heading (CSV, XLSX) or member (NDJSON; `a.b` inside another) names it
Column = Annotated[str, StringConstraints(min_length=1, max_length=200)]
#: columns of which the first that is not empty counts
Columns = Annotated[tuple[Column, ...], Field(min_length=1, max_length=10)]
#: the source's own name; row ids of two sources never mean the same
SourceName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]


def _known_zone(name: str) -> str:
    if zone_named(name) is None:
        raise PydanticCustomError(
            "literal_error",
            "{expected}",
            {"expected": 'a quoted offset, such as "+07:00", or a zone, such as Asia/Jakarta'},
        )
    return name


Zone = Annotated[str, AfterValidator(_known_zone)]


class Times(_Closed):
    """How the source writes times."""

    #: `iso`, a pattern of strptime such as `%d/%m/%Y %H:%M`, or `any`: ISO, `24 Feb 2024` with
    #: English or Indonesian months, `24/02/2024` with the day first
    format: Annotated[str, StringConstraints(min_length=1, max_length=100)] = "iso"
    #: where a time without an offset of its own was written; of an hour that a change of clocks
    #: repeats, the first is meant, so a fixed offset is safer
    zone: Zone

    @cached_property
    def _tz(self) -> tzinfo | None:
        return zone_named(self.zone)

    def read(self, text: str) -> datetime:
        """The moment `text` means; ValueError if it is no such time."""
        moment = read_moment(text, self.format)
        return moment if moment.tzinfo else moment.replace(tzinfo=self._tz)


class Code(_Closed):
    """A code that a column holds, or leads to."""

    column: Column
    #: what the column says -> our code, upper and lower case alike; `words*` is whatever begins so
    values: dict[str, str] | None = None
    #: where the column is empty, or says what `values` does not list
    default: str | None = None
    #: where it says what `values` does not list, if that is not the default; without either such
    #: a row is refused
    unknown: str | None = None
    #: what `values` does not list is as if it were empty
    lenient: bool = False
    #: make the code from the column's words: lower case, digits, single underscores
    slug: bool = False

    def of(self, value: str | None) -> str | None:
        """The code a value leads to; KeyError for one that has none."""
        if value is None:
            return self.default
        if self.values is None:
            return value
        folded = folded_words(value)
        code = self._folded.get(folded)
        if code is None:
            code = next((to for start, to in self._starts if folded.startswith(start)), None)
        code = code or self.unknown or self.default
        if code is None and not self.lenient:
            raise KeyError
        return code

    @cached_property
    def _folded(self) -> dict[str, str]:
        return {folded_words(value): code for value, code in (self.values or {}).items()}

    @cached_property
    def _starts(self) -> tuple[tuple[str, str], ...]:
        return tuple(
            (value.removesuffix("*"), code)
            for value, code in self._folded.items()
            if value.endswith("*")
        )


def folded_words(words: str) -> str:
    """`words` with single spaces and without case, as values of a column are compared."""
    return " ".join(words.split()).casefold()


#: the same code for every row, or one of a column
Coded = str | Code


class AuthorColumns(_Closed):
    """Where the source says who it was; it goes to the vault only."""

    name: Column | None = None
    handle: Column | None = None
    phone: Column | None = None
    email: Column | None = None


class PlaceColumns(_Closed):
    """Where the source says where it is."""

    lat: Column
    lon: Column


class Mapping(_Closed):
    """What the columns of one source mean. Everything that is left out, the source does not tell."""

    source: SourceName
    #: as the content shows, if unset
    format: Literal["csv", "ndjson", "xlsx"] | None = None
    #: of CSV; as the content shows, if unset
    encoding: Literal["utf-8", "latin-1", "cp1252"] | None = None
    #: of CSV; as the heading shows, if unset
    delimiter: Annotated[str, StringConstraints(min_length=1, max_length=1)] | None = None
    times: Times

    #: what makes a row one complaint; without it the file's content and the row's number do
    id: Column | None = None
    #: their words, each on a line of its own; of a list inside the list the first with words
    text: Annotated[tuple[Column | Columns, ...], Field(min_length=1, max_length=10)]
    #: where it is; several columns stand side by side
    address: Column | Columns | None = None
    position: PlaceColumns | None = None
    author: AuthorColumns = AuthorColumns()
    channel: Coded
    anonymity: Annotated[Anonymity, Field(strict=False)] | Code = Anonymity.ANONYMOUS
    mention_class: Coded | None = Field(MentionClass.COMPLAINT.value, alias="class")
    category: Coded | None = None
    kecamatan: Coded | None = None
    kelurahan: Coded | None = None
    #: who led, by the codes of the city pack
    agency: Coded | None = None

    received_at: Column | None = None
    #: where the time of day has a column of its own
    received_time: Column | None = None
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

    @cached_property
    def columns(self) -> frozenset[str]:
        """Every column that is read."""
        found = {getattr(self, name) for name in _COLUMNS}
        found |= {getattr(self.author, name) for name in AuthorColumns.model_fields}
        found |= {column for part in self.text for column in each(part)}
        found |= set(each(self.address)) if self.address else set()
        found |= {self.position.lat, self.position.lon} if self.position else set()
        coded = (getattr(self, name) for name in (*CODES, "anonymity"))
        found |= {code.column for code in coded if isinstance(code, Code)}
        return frozenset(found - {None})


def each(columns: str | tuple[str, ...]) -> tuple[str, ...]:
    """One column, or several, as several."""
    return (columns,) if isinstance(columns, str) else columns


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
_COLUMNS = ("id", "verdict", "received_time", *TIMES)
