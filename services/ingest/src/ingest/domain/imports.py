"""A file that becomes complaints: the job, and what became of each row."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NewType
from uuid import UUID

from lintas.vocabulary.ids import ComplaintId

ImportId = NewType("ImportId", UUID)


class ImportState(StrEnum):
    """Where an import is."""

    #: its file is on the way in
    RECEIVING = "receiving"
    WAITING = "waiting"
    WORKING = "working"
    #: a dry run is over; it may be started
    CHECKED = "checked"
    DONE = "done"
    #: the file as a whole could not be read
    FAILED = "failed"


class RowOutcome(StrEnum):
    """What became, or in a dry run would become, of a row."""

    #: it opened a complaint
    ACCEPTED = "accepted"
    #: its complaint was here before, or an earlier row of the file is the same
    DUPLICATE = "duplicate"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class ColumnError:
    """What is wrong with a row: the column, or our field where no column is to blame."""

    column: str
    expected: str


@dataclass(frozen=True, slots=True)
class RowReport:
    """What became of one row, named by its number in the file, from 1, the heading included."""

    number: int
    outcome: RowOutcome
    complaint_id: ComplaintId | None = None
    errors: tuple[ColumnError, ...] = ()


@dataclass(frozen=True, slots=True)
class FileImport:
    """One import as it stands."""

    import_id: ImportId
    #: who handed the file in; nobody else sees the import
    client: str
    state: ImportState
    #: nothing is kept but the report
    dry_run: bool
    #: what the client said about the file
    wishes: Mapping[str, Any]
    #: what its columns mean, once known
    mapping: Mapping[str, Any] | None
    #: the file's data key, wrapped; None once the file is gone
    wrapped: bytes | None
    size: int
    #: SHA-256 of the file
    digest: bytes | None
    #: rows up to this one are dealt with
    row_number: int
    rows: int
    accepted: int
    duplicate: int
    rejected: int
    #: how much of the file is read, from 0 to 1
    progress: float
    #: why it failed: what was expected of the file
    failure: str | None
    created_at: datetime
    finished_at: datetime | None
