"""What every kind of file becomes: rows, within bounds."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Literal, NamedTuple


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
        progress: "Progress",
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


class Progress:
    """How far the reading of a file is."""

    def __init__(self, file: IO[bytes], size: int) -> None:
        self._file = file
        self._size = size
        #: rows of a sheet, where it says so; bytes tell nothing of a packed file
        self.total: int | None = None
        self.row = 0

    def share(self) -> float:
        """From 0 to 1."""
        if self.total is not None:
            return min(self.row / self.total, 1.0) if self.total else 1.0
        return min(self._file.tell() / self._size, 1.0) if self._size else 1.0


class Bound:
    """Ends the reading of a file that holds more than it may."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._rows = self._cells = 0

    def add(self, cells: int) -> None:
        """One more row, of so many cells; SourceUnreadable if that is one too many."""
        self._rows += 1
        self._cells += cells
        if self._rows > self._limits.rows or self._cells > self._limits.cells:
            raise SourceUnreadable(
                f"at most {self._limits.rows} rows and {self._limits.cells} cells are expected"
            )


def names_of(heading: Sequence[str], limits: Limits) -> list[str]:
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


def require(wanted: frozenset[str] | None, names: Sequence[str]) -> None:
    """SourceUnreadable if a wanted column is not there."""
    missing = sorted((wanted or frozenset()) - set(names))
    if missing:
        raise SourceUnreadable(f"the heading has no column {', '.join(missing)}")


def is_wanted(name: str, wanted: frozenset[str] | None) -> bool:
    """Whether a column is read."""
    return bool(name) and (wanted is None or name in wanted)


def checked(line: int, values: Iterable[tuple[str, str | None]], encoding: str) -> Row | Rejection:
    """A row of these values, empty ones as None; refused if one is not text."""
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
