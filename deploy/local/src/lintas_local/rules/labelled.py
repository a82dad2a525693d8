"""A labelled file: texts of which somebody said what is right."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from pathlib import Path
from types import MappingProxyType

from ingest.app import files
from lintas_local.importing.opening import unpacked

#: a mention holds no more; what is behind it is not read
LONGEST_TEXT = 10_000

#: told now and then: the share of the file that is read, rows read
Progress = Callable[[float, int], None]
_TOLD_EVERY = 500
NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns of a file mean what."""

    label: str
    #: joined by a line break, in this order
    texts: tuple[str, ...]
    #: when it was said; None: unknown
    time: str | None = None
    #: where times without an offset were written
    zone: tzinfo | None = None

    @property
    def all(self) -> frozenset[str]:
        """The names of all of them."""
        return frozenset((self.label, *self.texts, *((self.time,) if self.time else ())))


@dataclass(frozen=True, slots=True)
class Example:
    """One row."""

    #: of the file, counted from 1
    line: int
    #: may be empty
    text: str
    label: str
    at: datetime | None


@dataclass(slots=True)
class Labelled:
    """The rows of a file, as far as they are labelled."""

    examples: list[Example] = field(default_factory=list)
    rows: int = 0
    #: rows without a label
    unlabelled: int = 0
    #: rows whose label was not wanted
    left_out: int = 0
    #: rows that cannot be read
    rejections: list[files.Rejection] = field(default_factory=list)
    #: where they are from, for the card of what learns from them
    source: Mapping[str, str] = field(default_factory=lambda: {"kind": "file"})

    @property
    def texts(self) -> list[str]:
        """Of all examples."""
        return [one.text for one in self.examples]

    @property
    def labels(self) -> list[str]:
        """Of all examples."""
        return [one.label for one in self.examples]


def same(label: str) -> str:
    """What two spellings of one code have in common: `UKM_DAGANG` and `ukm-dagang`."""
    return "".join(filter(str.isalnum, label.lower()))


def read_labelled(
    path: Path,
    columns: Columns,
    *,
    without: Collection[str] = (),
    called: Mapping[str, str] = NOTHING,
    progress: Progress = lambda _share, _rows: None,
) -> Labelled:
    """The rows of a file of CSV, XLSX or NDJSON, packed by gzip or not.

    `called` says what some of its labels are called by those who decide.

    Raises:
        SourceUnreadable: it is no such file, lacks a column, or has no labelled row.
    """
    labelled = Labelled()
    unwanted = {same(label) for label in without}
    names = {same(label): name for label, name in called.items()}
    with unpacked(path) as (file, size):
        rows = files.open_rows(file, size=size, wanted=columns.all)
        seen: set[str] = set()
        for row in rows:
            labelled.rows += 1
            if labelled.rows % _TOLD_EVERY == 0:
                progress(rows.progress, labelled.rows)
            if isinstance(row, files.Rejection):
                labelled.rejections.append(row)
                continue
            seen.update(name for name, value in row.values.items() if value is not None)
            _add(labelled, row, columns, unwanted, names)
    _require(columns.all - seen, labelled, path)
    return labelled


def _add(
    labelled: Labelled,
    row: files.Row,
    columns: Columns,
    unwanted: Collection[str],
    names: Mapping[str, str],
) -> None:
    label = row.values.get(columns.label)
    if label is None or not same(label):
        labelled.unlabelled += 1
        return
    if same(label) in unwanted:
        labelled.left_out += 1
        return
    at = _moment(row, columns)
    if isinstance(at, files.Rejection):
        labelled.rejections.append(at)
        return
    label = names.get(same(label), label.strip())
    labelled.examples.append(Example(row.line, _text(row, columns.texts), label, at))


def _text(row: files.Row, names: Sequence[str]) -> str:
    parts = [value for name in names if (value := row.values.get(name)) is not None]
    return "\n".join(parts).replace("\x00", " ")[:LONGEST_TEXT]


def _moment(row: files.Row, columns: Columns) -> datetime | files.Rejection | None:
    written = row.values.get(columns.time) if columns.time else None
    if written is None or columns.time is None:
        return None
    try:
        moment = files.read_moment(written, "any")
    except ValueError:
        return files.Rejection(row.line, columns.time, "a time, such as 2026-03-17 08:30")
    return moment if moment.tzinfo else moment.replace(tzinfo=columns.zone)


def _require(missing: Collection[str], labelled: Labelled, path: Path) -> None:
    """Of NDJSON, a column that no row has; and a file must say at least once what is right."""
    if labelled.rows > len(labelled.rejections) and missing:
        raise files.SourceUnreadable(f"{path}: no row has a value in {', '.join(sorted(missing))}")
    if not labelled.examples and not labelled.rejections:
        raise files.SourceUnreadable(f"{path}: at least one labelled row is expected")
