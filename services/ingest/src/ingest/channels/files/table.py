"""CSV as RFC 4180 and spreadsheets write it."""

import codecs
import csv
import io
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import IO, Any, Literal

from ingest.channels.files.rows import (
    Bound,
    Limits,
    Progress,
    Rejection,
    Row,
    Rows,
    Shape,
    checked,
    is_wanted,
    names_of,
    require,
)

#: a longer line is no complaint
_LONGEST_LINE = 1 << 20
#: a longer value is none either; a quote that never closes swallows no more than this
_LONGEST_VALUE = 64 << 10
_BLOCK = 1 << 20
_DELIMITERS = ",;\t"
#: how often a quote that never closes is survived in one file; each time costs a look back
_MOST_RETURNS = 1_000


def table(
    file: IO[bytes],
    shape: Shape,
    limits: Limits,
    wanted: frozenset[str] | None,
    progress: Progress,
) -> Rows:
    """The rows of a CSV file, whatever divides and encodes it."""
    encoding = shape.encoding or _encoding(file)
    # spreadsheets write a mark before the heading; what is not in the encoding is refused row by
    # row, so it must not end the reading
    text = io.TextIOWrapper(
        io.BufferedReader(_Kept(file)),
        "utf-8-sig" if encoding == "utf-8" else encoding,
        errors="surrogateescape",
        newline="",
    )
    lines = _Lines(text)
    if (hint := lines.peek().strip()).lower().startswith("sep=") and len(hint) == len("sep=") + 1:
        # a note of a spreadsheet to itself
        lines.skip()
    delimiter = shape.delimiter or _delimiter(lines.peek())
    heading = names_of(next(csv.reader(lines, delimiter=delimiter), []), limits)
    require(wanted, heading)
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
    try:
        sample.decode("cp1252")
    except UnicodeDecodeError:
        return "utf-8"
    return "cp1252"


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
        line = self._again.popleft() if self._again else self._text.readline(_LONGEST_LINE)
        if not line:
            raise StopIteration
        self._record.append(line)
        return line

    def peek(self) -> str:
        """The next line; empty at the end."""
        if not self._again and (line := self._text.readline(_LONGEST_LINE)):
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
    kept = [(place, name) for place, name in enumerate(heading) if is_wanted(name, wanted)]
    bound, returns = Bound(limits), _MOST_RETURNS
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
            yield checked(line, [(name, row[place]) for place, name in kept], encoding)
