"""A source on disk, packed by gzip or not."""

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

from ingest.app import files

_GZIP = b"\x1f\x8b"


@contextmanager
def open_source(path: Path, mapping: files.Mapping) -> Iterator[files.Rows]:
    """The rows of a file, unpacked where it is packed.

    Raises:
        SourceUnreadable: the file is not there, or is no such file.
    """
    shape = files.Shape(mapping.format, mapping.encoding, mapping.delimiter)
    with unpacked(path) as (file, size):
        yield files.open_rows(file, size=size, shape=shape, wanted=mapping.columns)


@contextmanager
def unpacked(path: Path) -> Iterator[tuple[IO[bytes], int]]:
    """What is in the file, and how many bytes that is; as packed, if it is packed.

    Raises:
        SourceUnreadable: the file is not there, or is no such file.
    """
    try:
        with path.open("rb") as raw:
            is_packed = raw.read(len(_GZIP)) == _GZIP
            raw.seek(0)
            file = cast("IO[bytes]", gzip.GzipFile(fileobj=raw)) if is_packed else raw
            yield file, path.stat().st_size
    except (OSError, EOFError) as error:
        raise files.SourceUnreadable(f"{path} cannot be read: {type(error).__name__}") from error
