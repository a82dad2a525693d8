"""Rows of a source, one at a time, whatever the file is made of."""

import codecs
import csv
import io
import zipfile
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import IO, Any, Literal, NamedTuple

import orjson
from charset_normalizer import from_bytes
from openpyxl import load_workbook

#: a longer line is no complaint
_LONGEST = 1 << 20
#: a longer value is no complaint either; a quote that never closes swallows no more than this
_LONGEST_VALUE = 64 << 10
_BLOCK = 1 << 20
_ZIP, _OLE, _GZIP, _MARK = b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"\x1f\x8b", b"\xef\xbb\xbf"
_DELIMITERS = ",;\t"
#: rows that a worksheet can have
_LAST_ROW = 1 << 20
#: how often a quote that never closes is survived in one file; each time costs a look back
_MOST_RETURNS = 1_000
#: objects of NDJSON whose members make the columns
_LOOKED_AT = 200
_DEEPEST = 4


class SourceUnreadable(Exception):
    """The file is not what it should be; the message says what was expected, never its content."""


@dataclass(frozen=True, slots=True)
class Rejection:
    """Why a row was left out."""

    #: of the file, counted from 1
    line: int
    #: a column, or a field of ours where no column is to blame
    field: str
    expected: str


class Row(NamedTuple):
    """One row of the source; an empty value is None."""

    line: int
    values: Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Limits:
    """What a file may hold beyond its size, so that a small one cannot become a huge one."""

    rows: int = 1_000_000
    columns: int = 500
    cells: int = 20_000_000
    #: of a workbook, which is a packed folder
    unpacked_bytes: int = 256 << 20


@dataclass(frozen=True, slots=True)
class Shape:
    """How a file is written; what is None is not known, or means nothing for this format."""

    format: Literal["csv", "ndjson", "xlsx"] | None = None
    encoding: str | None = None
    delimiter: str | None = None


class Rows:
    """An open file. Iterating gives each row, or why it cannot be one; it may be done once."""

    def __init__(
        self,
        shape: Shape,
        columns: Sequence[str],
        found: Iterator[Row | Rejection],
        progress: "_Progress",
    ) -> None:
        #: how the file turned out to be written
        self.shape = shape
        #: its columns, in its own order; of NDJSON the members of its first objects
        self.columns = columns
        self._found = found
        self._progress = progress

    @property
    def progress(self) -> float:
        """How much of the file has been read, from 0 to 1."""
        return self._progress.share()

    def __iter__(self) -> Iterator[Row | Rejection]:
        return self._found


def open_rows(
    file: IO[bytes],
    *,
    size: int,
    shape: Shape = Shape(),  # noqa: B008  # frozen
    limits: Limits = Limits(),  # noqa: B008  # frozen
    wanted: frozenset[str] | None = None,
) -> Rows:
    """The rows of a file, with the `wanted` columns only (all, if None).

    What `shape` leaves open is found out. Of a workbook the first sheet counts, and its values:
    formulas and macros are never run.

    Raises:
        SourceUnreadable: it is no such file, lacks a wanted column, or holds more than it may;
            the last may also come while iterating.
    """
    if shape.format is None:
        shape = replace(shape, format=_format(file))
    progress = _Progress(file, size)
    if shape.format == "xlsx":
        return _workbook(file, shape, limits, wanted, progress)
    if shape.format == "ndjson":
        return _objects(file, shape, limits, wanted, progress)
    return _table(file, shape, limits, wanted, progress)


class _Progress:
    def __init__(self, file: IO[bytes], size: int) -> None:
        self._file = file
        self._size = size
        #: rows of a sheet, where it says so; bytes tell nothing of a packed file
        self.total: int | None = None
        self.row = 0

    def share(self) -> float:
        if self.total is not None:
            return min(self.row / self.total, 1.0) if self.total else 1.0
        return min(self._file.tell() / self._size, 1.0) if self._size else 1.0


def _format(file: IO[bytes]) -> Literal["csv", "ndjson", "xlsx"]:
    start = file.read(4096)
    file.seek(0)
    if start.startswith(_ZIP):
        return "xlsx"
    if start.startswith(_OLE):
        raise SourceUnreadable("a workbook of today's kind (XLSX) is expected, not an old one")
    if start.startswith(_GZIP):
        raise SourceUnreadable("the file is packed; send what is inside")
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\x00" in start:
        raise SourceUnreadable("a table is expected as CSV in UTF-8, as XLSX or as NDJSON")
    begins = start.removeprefix(_MARK).lstrip()
    if not begins:
        raise SourceUnreadable("a heading and rows are expected, the file is empty")
    return "ndjson" if begins.startswith((b"{", b"[")) else "csv"


# --- CSV (RFC 4180) ---


def _table(
    file: IO[bytes],
    shape: Shape,
    limits: Limits,
    wanted: frozenset[str] | None,
    progress: _Progress,
) -> Rows:
    encoding = shape.encoding or _encoding(file)
    # spreadsheets write a mark before the heading; what is not in the encoding is refused row by
    # row, so it must not end the reading
    text = io.TextIOWrapper(
        _Kept(file),
        "utf-8-sig" if encoding == "utf-8" else encoding,
        errors="surrogateescape",
        newline="",
    )
    lines = _Lines(text)
    if (hint := lines.peek().strip()).lower().startswith("sep=") and len(hint) == len("sep=") + 1:
        # a note of a spreadsheet to itself
        lines.skip()
    delimiter = shape.delimiter or _delimiter(lines.peek())
    heading = _names(next(csv.reader(lines, delimiter=delimiter), []), limits)
    _require(wanted, heading)
    shape = replace(shape, encoding=encoding, delimiter=delimiter)
    found = _records(lines, delimiter, heading, encoding, limits, wanted)
    return Rows(shape, [name for name in heading if name], found, progress)


class _Kept(io.RawIOBase):
    """Leaves the file open when a wrapper around it is collected."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        block = self._file.read(len(buffer))
        buffer[: len(block)] = block
        return len(block)


def _encoding(file: IO[bytes]) -> Literal["utf-8", "cp1252"]:
    """UTF-8 if most of what is not ASCII is; a few broken rows do not make it another encoding."""
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    good = bad = 0
    sample = b""
    while block := file.read(_BLOCK):
        if block.isascii():
            continue
        sample = sample or block
        other = [symbol for symbol in decoder.decode(block) if symbol > "\x7f"]
        broken = sum("\udc80" <= symbol <= "\udcff" for symbol in other)
        good, bad = good + len(other) - broken, bad + broken
    file.seek(0)
    if bad <= good:
        return "utf-8"
    return "cp1252" if from_bytes(sample, cp_isolation=["cp1252"]).best() else "utf-8"


def _delimiter(heading: str) -> str:
    """What divides the heading into most columns."""

    def columns(delimiter: str) -> int:
        return len(next(csv.reader([heading], delimiter=delimiter), []))

    return max(_DELIMITERS, key=columns)


class _Lines:
    """Lines of a text, which remember those of the record being read and can go back to them."""

    def __init__(self, text: IO[str]) -> None:
        self._text = text
        self._again: deque[str] = deque()
        self._record: list[str] = []
        #: the line that the record being read begins on, from 1
        self.number = 1

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else self._text.readline(_LONGEST)
        if not line:
            raise StopIteration
        self._record.append(line)
        return line

    def peek(self) -> str:
        """The next line; empty at the end."""
        if not self._again and (line := self._text.readline(_LONGEST)):
            self._again.append(line)
        return self._again[0] if self._again else ""

    def skip(self) -> None:
        """Pass over the next line."""
        self._again.popleft()
        self.number += 1

    @property
    def of_record(self) -> int:
        """How many lines the record being read has so far."""
        return len(self._record)

    def forget(self) -> None:
        """The record is read; the next one begins."""
        self.number += len(self._record)
        self._record.clear()

    def go_back(self) -> None:
        """Read again all lines of the record but its first."""
        self._again.extendleft(reversed(self._record[1:]))
        self._record = self._record[:1]
        self.forget()


def _records(
    lines: _Lines,
    delimiter: str,
    heading: Sequence[str],
    encoding: str,
    limits: Limits,
    wanted: frozenset[str] | None,
) -> Iterator[Row | Rejection]:
    csv.field_size_limit(_LONGEST_VALUE)
    kept = [(place, name) for place, name in enumerate(heading) if _is_wanted(name, wanted)]
    bound, returns = _Bound(limits), _MOST_RETURNS
    lines.forget()
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error:
            row = None
        line = lines.number
        fits = row is not None and (len(row) == len(heading) or not any(row[len(heading) :]))
        fits = fits and (row is None or len(row) >= len(heading) or not row)
        if not fits and lines.of_record > 1 and returns:
            # most likely a quote that is never closed, which has swallowed good rows
            returns -= 1
            lines.go_back()
            reader = csv.reader(lines, delimiter=delimiter, strict=True)
        else:
            lines.forget()
        if row is None:
            yield Rejection(line, "", "a row of CSV (RFC 4180)")
        elif not row:
            continue
        elif not fits:
            yield Rejection(line, "", f"{len(heading)} columns, as in the heading")
        else:
            bound.add(len(row))
            yield _checked(line, [(name, row[place]) for place, name in kept], encoding)


# --- NDJSON ---


def _objects(
    file: IO[bytes],
    shape: Shape,
    limits: Limits,
    wanted: frozenset[str] | None,
    progress: _Progress,
) -> Rows:
    columns: dict[str, None] = {}
    for one in islice(_parsed(file, limits, None), _LOOKED_AT):
        if isinstance(one, Row):
            columns |= dict.fromkeys(one.values)
    file.seek(0)
    return Rows(shape, [*columns], _parsed(file, limits, wanted), progress)


def _parsed(
    file: IO[bytes], limits: Limits, wanted: frozenset[str] | None
) -> Iterator[Row | Rejection]:
    line, bound = 0, _Bound(limits)
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
    return _checked(line, values, "utf-8")


def _is_plain(value: object) -> bool:
    return value is None or isinstance(value, str | int | float)


def _flat(found: Mapping[str, Any], path: str, deepest: int) -> Iterator[tuple[str, Any]]:
    """Members of members by their path, `author.name`; the member itself too."""
    for name, value in found.items():
        yield path + name, value
        if isinstance(value, dict) and deepest:
            yield from _flat(value, f"{path}{name}.", deepest - 1)


# --- XLSX ---


def _workbook(
    file: IO[bytes],
    shape: Shape,
    limits: Limits,
    wanted: frozenset[str] | None,
    progress: _Progress,
) -> Rows:
    try:
        with zipfile.ZipFile(file) as packed:
            # what a member claims is never exceeded when it is read
            unpacked = sum(member.file_size for member in packed.infolist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise SourceUnreadable("a workbook (XLSX) is expected; this is none") from error
    if unpacked > limits.unpacked_bytes:
        raise SourceUnreadable(
            f"a workbook of at most {limits.unpacked_bytes >> 20} MiB unpacked is expected"
        )
    file.seek(0)
    try:
        book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
        sheet = book.worksheets[0]
        progress.total = sheet.max_row
        # what a sheet claims about its own size may be wrong, or a bomb
        sheet.reset_dimensions()
        rows = sheet.iter_rows(
            max_row=_LAST_ROW, max_col=limits.columns + 1, values_only=True
        )
        cells = _filled(rows, progress)
        first, heading = next(cells, (0, ()))
    except Exception as error:
        raise SourceUnreadable("a workbook (XLSX) with a sheet is expected") from error
    names = _names([_cell(value) or "" for value in heading], limits)
    _require(wanted, names)
    if first == 0:
        raise SourceUnreadable("a heading and rows are expected, the sheet is empty")
    return Rows(shape, [name for name in names if name], _sheet(cells, names, limits, wanted), progress)


def _filled(
    rows: Iterable[Sequence[Any]], progress: _Progress
) -> Iterator[tuple[int, Sequence[Any]]]:
    """Rows that have a value, with their number."""
    for number, row in enumerate(rows, start=1):
        progress.row = number
        if any(value is not None for value in row):
            yield number, row


def _sheet(
    cells: Iterator[tuple[int, Sequence[Any]]],
    names: Sequence[str],
    limits: Limits,
    wanted: frozenset[str] | None,
) -> Iterator[Row | Rejection]:
    kept = [(place, name) for place, name in enumerate(names) if _is_wanted(name, wanted)]
    bound = _Bound(limits)
    while True:
        try:
            found = next(cells, None)
        except Exception as error:
            # openpyxl raises whatever it stumbles over
            raise SourceUnreadable("the sheet cannot be read to its end") from error
        if found is None:
            return
        line, row = found
        bound.add(len(row))
        yield _checked(
            line,
            [(name, _cell(row[place]) if place < len(row) else None) for place, name in kept],
            "utf-8",
        )


def _cell(value: object) -> str | None:
    """What a cell says, as text: whole numbers without a point, times in ISO."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str((datetime.min + value).time().replace(microsecond=0))  # noqa: DTZ901  # a clock
    return str(value)


# --- what all of them share ---


class _Bound:
    """Ends the reading of a file that holds more than it may."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._rows = self._cells = 0

    def add(self, cells: int) -> None:
        self._rows += 1
        self._cells += cells
        if self._rows > self._limits.rows or self._cells > self._limits.cells:
            raise SourceUnreadable(
                f"at most {self._limits.rows} rows and {self._limits.cells} cells are expected"
            )


def _names(heading: Sequence[str], limits: Limits) -> list[str]:
    """Names of columns without blanks around them; a repeated one is numbered, an empty one stays."""
    if len(heading) > limits.columns:
        raise SourceUnreadable(f"at most {limits.columns} columns are expected")
    names: list[str] = []
    for given in heading:
        name = " ".join(given.split())
        name, number = name if _is_text(name) else "", 2
        plain = name
        while name and name in names:
            name, number = f"{plain} ({number})", number + 1
        names.append(name)
    return names


def _require(wanted: frozenset[str] | None, names: Sequence[str]) -> None:
    missing = sorted((wanted or frozenset()) - set(names))
    if missing:
        raise SourceUnreadable(f"the heading has no column {', '.join(missing)}")


def _is_wanted(name: str, wanted: frozenset[str] | None) -> bool:
    return bool(name) and (wanted is None or name in wanted)


def _checked(
    line: int, values: Iterable[tuple[str, str | None]], encoding: str
) -> Row | Rejection:
    kept: dict[str, str | None] = {}
    for name, value in values:
        if value and not value.isascii() and not _is_text(value):
            return Rejection(line, name, f"text in {encoding}")
        kept[name] = value if value and not value.isspace() else None
    return Row(line, kept)


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
