"""Files of mentions."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from ingest.channels import files
from ingest.domain.imports import ImportState, RowOutcome
from lintas.web import Strict


class ImportStart(Strict):
    """How a checked file is to be worked through."""

    #: what its columns mean; as the preview says, if absent
    mapping: files.Mapping | None = None
    #: check it once more instead
    dry_run: bool = False


class ImportOut(BaseModel):
    """An import as it stands."""

    import_id: UUID
    state: ImportState
    #: nothing is kept but the report
    dry_run: bool
    created_at: datetime
    finished_at: datetime | None
    #: bytes of the file
    size: int
    #: how much of it is read, from 0 to 1
    progress: float
    rows: int
    accepted: int
    #: rows whose complaint was here before, or that repeat an earlier row of the file
    duplicate: int
    rejected: int
    #: what was expected of the file as a whole, where it could not be read; of a checked one, why
    #: it needs a mapping
    failure: str | None
    #: what its columns mean, once the file is read
    mapping: dict[str, Any] | None


class ColumnErrorOut(BaseModel):
    """What is wrong with a row; the column, or our field where no column is to blame."""

    column: str
    expected: str


class PreviewRow(BaseModel):
    """A first row as it would become a mention, or what is wrong with it."""

    #: in the file, counted from 1, the heading included
    row: int
    #: a body of `POST /v1/mentions`; of its author only which details were found
    mention: dict[str, Any] | None = None
    errors: tuple[ColumnErrorOut, ...] | None = None


class ImportPreview(BaseModel):
    """How a file was understood."""

    format: str
    encoding: str | None
    delimiter: str | None
    columns: tuple[str, ...]
    #: None where the headings do not say it
    mapping: dict[str, Any] | None
    rows: tuple[PreviewRow, ...]


class ImportedRow(BaseModel):
    """What became, or in a dry run would become, of a row."""

    #: in the file, counted from 1, the heading included
    row: int
    outcome: RowOutcome
    complaint_id: UUID | None = None
    ticket: str | None = None
    #: the page of the ticket
    status_url: str | None = None
    errors: tuple[ColumnErrorOut, ...] = ()


class ImportReport(BaseModel):
    """A page of the report, in the order of the file."""

    items: tuple[ImportedRow, ...]
