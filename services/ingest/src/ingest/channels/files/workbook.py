"""XLSX: values of the first sheet; formulas and macros are never run."""

import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import IO, Any

from openpyxl import load_workbook

from ingest.channels.files.rows import (
    Bound,
    Limits,
    Progress,
    Rejection,
    Row,
    Rows,
    Shape,
    SourceUnreadable,
    checked,
    is_wanted,
    names_of,
    require,
)

#: rows that a worksheet can have
_LAST_ROW = 1 << 20


def workbook(
    file: IO[bytes],
    shape: Shape,
    limits: Limits,
    wanted: frozenset[str] | None,
    progress: Progress,
) -> Rows:
    """The rows of a workbook's first sheet, in bounds however it was packed."""
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
        rows = sheet.iter_rows(max_row=_LAST_ROW, values_only=True)
        cells = _filled(rows, progress)
        first, heading = next(cells, (0, ()))
    except Exception as error:
        # openpyxl raises whatever it stumbles over; the uploader is told, and nothing is read yet
        raise SourceUnreadable("a workbook (XLSX) with a sheet is expected") from error
    names = names_of([_cell(value) or "" for value in heading], limits)
    require(wanted, names)
    if first == 0:
        raise SourceUnreadable("a heading and rows are expected, the sheet is empty")
    return Rows(
        shape, [name for name in names if name], _sheet(cells, names, limits, wanted), progress
    )


def _filled(
    rows: Iterable[Sequence[Any]], progress: Progress
) -> Iterator[tuple[int, Sequence[Any]]]:
    """Rows that have a value, with their number, up to their last value."""
    for number, row in enumerate(rows, start=1):
        progress.row = number
        width = next((place for place in range(len(row), 0, -1) if row[place - 1] is not None), 0)
        if width:
            yield number, row[:width]


def _sheet(
    cells: Iterator[tuple[int, Sequence[Any]]],
    names: Sequence[str],
    limits: Limits,
    wanted: frozenset[str] | None,
) -> Iterator[Row | Rejection]:
    kept = [(place, name) for place, name in enumerate(names) if is_wanted(name, wanted)]
    bound = Bound(limits)
    while True:
        try:
            found = next(cells, None)
        except Exception as error:
            # the same here; the rows before are reported and stay
            raise SourceUnreadable("the sheet cannot be read to its end") from error
        if found is None:
            return
        line, row = found
        bound.add(len(row))
        yield checked(
            line,
            [(name, _cell(row[place]) if place < len(row) else None) for place, name in kept],
            "utf-8",
        )


def _cell(value: object) -> str | None:
    """What a cell says, as text: whole numbers without a point, times in ISO."""
    match value:
        case None | str():
            return value
        case float():
            return str(int(value)) if value.is_integer() else repr(value)
        case datetime():
            return value.isoformat(sep=" ", timespec="seconds")
        case timedelta():
            # a time of day; days beside it mean nothing
            return str((datetime.min + value).time().replace(microsecond=0))  # noqa: DTZ901
        case date() | time():
            return value.isoformat()
    return str(value)
