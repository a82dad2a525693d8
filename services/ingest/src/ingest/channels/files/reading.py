"""A file of complaints, whatever it is made of, as rows."""

import codecs
from dataclasses import replace
from typing import IO, Literal

from ingest.channels.files.objects import objects
from ingest.channels.files.rows import Limits, Progress, Rows, Shape, SourceUnreadable
from ingest.channels.files.table import table
from ingest.channels.files.workbook import workbook

_ZIP, _OLE, _GZIP, _MARK = b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"\x1f\x8b", b"\xef\xbb\xbf"


_UNKNOWN, _LIMITS = Shape(), Limits()


def open_rows(
    file: IO[bytes],
    *,
    size: int,
    shape: Shape = _UNKNOWN,
    limits: Limits = _LIMITS,
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
    progress = Progress(file, size)
    if shape.format == "xlsx":
        return workbook(file, shape, limits, wanted, progress)
    if shape.format == "ndjson":
        return objects(file, shape, limits, wanted, progress)
    return table(file, shape, limits, wanted, progress)


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
