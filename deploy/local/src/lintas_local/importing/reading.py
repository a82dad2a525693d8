"""Rows of a source, one at a time: files of any size in a few megabytes."""

import csv
import gzip
import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, NamedTuple, cast

import orjson

from lintas_local.importing.mapping import Mapping as Source

#: a longer line is no complaint
_LONGEST = 1 << 20
_GZIP = b"\x1f\x8b"


class SourceUnreadable(Exception):
    """The file is not what the mapping says; the message says what is missing."""


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


class Rows:
    """An open source. Iterating gives each row, or why it cannot be one."""

    def __init__(self, file: IO[bytes], raw: IO[bytes], mapping: Source) -> None:
        self._file = file
        self._raw = raw
        self._mapping = mapping

    @property
    def read_bytes(self) -> int:
        """How much of the file, as it lies on disk, has been read."""
        return self._raw.tell()

    def __iter__(self) -> Iterator[Row | Rejection]:
        return self._csv() if self._mapping.format == "csv" else self._ndjson()

    def _csv(self) -> Iterator[Row | Rejection]:
        # what is not in the encoding is refused row by row, so it must not end the reading
        text = io.TextIOWrapper(self._file, self._encoding, errors="surrogateescape", newline="")
        try:
            yield from self._records(text)
        finally:
            # a wrapper that is collected would close what is not its own
            text.detach()

    def _records(self, text: IO[str]) -> Iterator[Row | Rejection]:
        csv.field_size_limit(_LONGEST)
        reader = csv.reader(text, delimiter=self._mapping.delimiter, strict=True)
        heading = next(reader, [])
        missing = self._mapping.columns - set(heading)
        if missing:
            raise SourceUnreadable(f"the heading has no column {', '.join(sorted(missing))}")
        while True:
            line = reader.line_num + 1
            try:
                row = next(reader)
            except StopIteration:
                return
            except csv.Error:
                yield Rejection(line, "", "a row of CSV (RFC 4180)")
                continue
            if not row:
                continue
            if len(row) != len(heading):
                yield Rejection(line, "", f"{len(heading)} columns, as in the heading")
                continue
            yield self._checked(line, dict(zip(heading, row, strict=True)))

    def _ndjson(self) -> Iterator[Row | Rejection]:
        line = 0
        while raw := self._file.readline(_LONGEST):
            line += 1
            if not raw.endswith(b"\n") and len(raw) == _LONGEST:
                while (rest := self._file.readline(_LONGEST)) and not rest.endswith(b"\n"):
                    pass
                yield Rejection(line, "", f"at most {_LONGEST} bytes on a line")
            elif raw.strip():
                yield self._object(line, raw.removeprefix(b"\xef\xbb\xbf"))

    def _object(self, line: int, raw: bytes) -> Row | Rejection:
        try:
            found = orjson.loads(raw)
        except orjson.JSONDecodeError:
            return Rejection(line, "", "one JSON object in UTF-8 on a line")
        if not isinstance(found, dict):
            return Rejection(line, "", "a JSON object")
        values: dict[str, str | None] = {}
        for name in self._mapping.columns:
            value = found.get(name)
            if value is not None and not isinstance(value, str | int | float):
                return Rejection(line, name, "a text or a number")
            values[name] = None if value is None else str(value)
        return self._checked(line, values)

    def _checked(self, line: int, values: Mapping[str, str | None]) -> Row | Rejection:
        kept: dict[str, str | None] = {}
        for name in self._mapping.columns:
            value = values[name]
            if value and not value.isascii() and not _is_text(value):
                return Rejection(line, name, f"text in {self._mapping.encoding}")
            kept[name] = value if value and not value.isspace() else None
        return Row(line, kept)

    @property
    def _encoding(self) -> str:
        utf_8 = self._mapping.encoding == "utf-8"
        # spreadsheets write a mark before the heading
        return "utf-8-sig" if utf_8 else self._mapping.encoding


@contextmanager
def open_source(path: Path, mapping: Source) -> Iterator[Rows]:
    """The rows of a file, unpacked where it is packed (gzip).

    Raises:
        SourceUnreadable: the file is not there, or is no such file.
    """
    try:
        with path.open("rb") as raw:
            packed = raw.read(len(_GZIP)) == _GZIP
            raw.seek(0)
            file = cast("IO[bytes]", gzip.GzipFile(fileobj=raw)) if packed else raw
            yield Rows(file, raw, mapping)
    except (OSError, EOFError) as error:
        raise SourceUnreadable(f"{path} cannot be read: {type(error).__name__}") from error


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
