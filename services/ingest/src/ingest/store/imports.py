"""Imports of files: the job, its sealed parts, its report."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import text

from ingest.domain.imports import (
    ColumnError,
    FileImport,
    ImportId,
    ImportState,
    RowOutcome,
    RowReport,
)
from lintas.database.work import Transaction
from lintas.vocabulary.ids import ComplaintId

_COLUMNS = (
    "import_id, client, state, dry_run, wishes, mapping, wrapped, size, digest, row_number, rows,"
    " accepted, duplicate, rejected, progress, failure, created_at, finished_at"
)


async def begin(
    tx: Transaction,
    import_id: ImportId,
    client: str,
    wrapped: bytes,
    wishes: Mapping[str, Any],
    at: datetime,
    *,
    dry_run: bool,
) -> None:
    """Begin an import whose file is on the way in."""
    await tx.connection.execute(
        text(
            "INSERT INTO file_import"
            " (import_id, client, state, dry_run, wishes, wrapped, created_at, changed_at)"
            " VALUES (:id, :client, :state, :dry_run, CAST(:wishes AS jsonb), :wrapped, :at, :at)"
        ),
        {
            "id": import_id,
            "client": client,
            "state": ImportState.RECEIVING,
            "dry_run": dry_run,
            "wishes": orjson.dumps(wishes).decode(),
            "wrapped": wrapped,
            "at": at,
        },
    )


async def keep_part(tx: Transaction, import_id: ImportId, part: int, sealed: bytes) -> None:
    """Keep one part of the file."""
    await tx.connection.execute(
        text("INSERT INTO file_import_part VALUES (:id, :part, :sealed)"),
        {"id": import_id, "part": part, "sealed": sealed},
    )


async def parts(tx: Transaction, import_id: ImportId, first: int, number: int) -> list[bytes]:
    """So many parts of the file, from one on."""
    rows = await tx.connection.execute(
        text(
            "SELECT sealed FROM file_import_part WHERE import_id = :id"
            " AND part >= :first AND part < :end ORDER BY part"
        ),
        {"id": import_id, "first": first, "end": first + number},
    )
    return list(rows.scalars())


async def received(
    tx: Transaction, import_id: ImportId, size: int, digest: bytes, at: datetime
) -> None:
    """The file is here as a whole; a worker may take it up."""
    await tx.connection.execute(
        text(
            "UPDATE file_import SET state = :waiting, size = :size, digest = :digest,"
            " changed_at = :at WHERE import_id = :id"
        ),
        {
            "id": import_id,
            "waiting": ImportState.WAITING,
            "size": size,
            "digest": digest,
            "at": at,
        },
    )


async def look(
    tx: Transaction, import_id: UUID, client: str, *, lock: bool = False
) -> tuple[FileImport, bytes | None] | None:
    """A client's import, with its sealed preview."""
    rows = await tx.connection.execute(
        text(
            f"SELECT {_COLUMNS}, preview FROM file_import"  # noqa: S608  # our own names
            " WHERE import_id = :id AND client = :client" + (" FOR UPDATE" if lock else "")
        ),
        {"id": import_id, "client": client},
    )
    row = rows.one_or_none()
    return None if row is None else (_import(row), row.preview)


async def start_again(
    tx: Transaction,
    import_id: ImportId,
    mapping: Mapping[str, Any] | None,
    at: datetime,
    *,
    dry_run: bool,
) -> None:
    """Let a worker take up a checked import from its first row on."""
    await tx.connection.execute(
        text("DELETE FROM file_import_row WHERE import_id = :id"), {"id": import_id}
    )
    await tx.connection.execute(
        text(
            "UPDATE file_import SET state = :waiting, dry_run = :dry_run, worker = NULL,"
            " mapping = coalesce(CAST(:mapping AS jsonb), mapping), row_number = 0, rows = 0,"
            " accepted = 0, duplicate = 0, rejected = 0, progress = 0, failure = NULL,"
            " finished_at = NULL, changed_at = :at WHERE import_id = :id"
        ),
        {
            "id": import_id,
            "waiting": ImportState.WAITING,
            "dry_run": dry_run,
            "mapping": None if mapping is None else orjson.dumps(mapping).decode(),
            "at": at,
        },
    )


async def claim(tx: Transaction, worker: UUID, lease_s: float) -> FileImport | None:
    """The import that waits longest, or whose worker is gone; it is `worker`'s for the lease.

    Of one client's imports one at a time, so that each row of two equal files counts in one only.
    """
    # one claim at a time: two of them would not see each other's
    await tx.connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('file_import'))"))
    rows = await tx.connection.execute(
        text(
            "UPDATE file_import SET state = :working, worker = :worker,"  # noqa: S608  # our own names
            " lease_until = now() + make_interval(secs => :lease_s) WHERE import_id ="
            " (SELECT import_id FROM file_import due WHERE (state = :waiting"
            "   OR (state = :working AND lease_until < now()))"
            "  AND NOT EXISTS (SELECT FROM file_import busy WHERE busy.client = due.client"
            "   AND busy.state = :working AND busy.lease_until >= now())"
            "  ORDER BY created_at LIMIT 1)"
            f" RETURNING {_COLUMNS}"
        ),
        {
            "worker": worker,
            "lease_s": lease_s,
            "working": ImportState.WORKING,
            "waiting": ImportState.WAITING,
        },
    )
    row = rows.one_or_none()
    return None if row is None else _import(row)


async def renew(tx: Transaction, import_id: ImportId, worker: UUID, lease_s: float) -> bool:
    """Hold it for another lease; False if another worker has taken it over."""
    rows = await tx.connection.execute(
        text(
            "UPDATE file_import SET lease_until = now() + make_interval(secs => :lease_s)"
            " WHERE import_id = :id AND worker = :worker AND state = :working RETURNING 1"
        ),
        {
            "id": import_id,
            "worker": worker,
            "lease_s": lease_s,
            "working": ImportState.WORKING,
        },
    )
    return rows.first() is not None


async def understood(
    tx: Transaction, import_id: ImportId, mapping: Mapping[str, Any], preview: bytes
) -> None:
    """Keep what the columns mean, and the sealed preview."""
    await tx.connection.execute(
        text(
            "UPDATE file_import SET mapping = CAST(:mapping AS jsonb), preview = :preview"
            " WHERE import_id = :id"
        ),
        {"id": import_id, "mapping": orjson.dumps(mapping).decode(), "preview": preview},
    )


async def known(
    tx: Transaction, import_id: ImportId, complaints: Sequence[ComplaintId], before: int
) -> set[ComplaintId]:
    """Those complaints that are here, or that an earlier row of this file stands for."""
    rows = await tx.connection.execute(
        text(
            "SELECT complaint_id FROM complaint"
            " WHERE complaint_id = ANY(CAST(:complaints AS uuid[]))"
            " UNION SELECT complaint_id FROM file_import_row WHERE import_id = :id"
            "  AND complaint_id = ANY(CAST(:complaints AS uuid[])) AND row_number < :before"
        ),
        {"id": import_id, "complaints": list(complaints), "before": before},
    )
    return {ComplaintId(one) for one in rows.scalars()}


async def report(
    tx: Transaction, import_id: ImportId, rows: Sequence[RowReport]
) -> dict[int, RowOutcome]:
    """Report rows; what stands there already stays. The outcome that counts, by row number."""
    found = await tx.connection.execute(
        text(
            "INSERT INTO file_import_row (import_id, row_number, outcome, complaint_id, errors)"
            " SELECT :id, number, outcome, complaint, errors FROM unnest("
            "  CAST(:numbers AS int[]), CAST(:outcomes AS text[]), CAST(:complaints AS uuid[]),"
            "  CAST(:errors AS jsonb[])) AS r(number, outcome, complaint, errors)"
            # no change, but it makes the row that stands there come back
            " ON CONFLICT (import_id, row_number) DO UPDATE SET import_id = excluded.import_id"
            " RETURNING row_number, outcome"
        ),
        {
            "id": import_id,
            "numbers": [row.number for row in rows],
            "outcomes": [row.outcome for row in rows],
            "complaints": [row.complaint_id for row in rows],
            "errors": [_errors(row) for row in rows],
        },
    )
    return {number: RowOutcome(outcome) for number, outcome in found}


async def correct(tx: Transaction, import_id: ImportId, rows: Sequence[RowReport]) -> None:
    """Report these rows otherwise than before."""
    for row in rows:
        await tx.connection.execute(
            text(
                "UPDATE file_import_row SET outcome = :outcome, complaint_id = NULL,"
                " errors = CAST(:errors AS jsonb) WHERE import_id = :id AND row_number = :number"
            ),
            {
                "id": import_id,
                "number": row.number,
                "outcome": row.outcome,
                "errors": _errors(row),
            },
        )


async def advance(
    tx: Transaction,
    import_id: ImportId,
    worker: UUID,
    row_number: int,
    counts: Mapping[RowOutcome, int],
    progress: float,
    lease_s: float,
) -> bool:
    """Rows up to this one are dealt with; False if another worker has taken the import over."""
    rows = await tx.connection.execute(
        text(
            "UPDATE file_import SET row_number = :number, rows = rows + :rows,"
            " accepted = accepted + :accepted, duplicate = duplicate + :duplicate,"
            " rejected = rejected + :rejected, progress = :progress,"
            " lease_until = now() + make_interval(secs => :lease_s)"
            " WHERE import_id = :id AND worker = :worker AND state = :working RETURNING 1"
        ),
        {
            "id": import_id,
            "worker": worker,
            "working": ImportState.WORKING,
            "number": row_number,
            "rows": sum(counts.values()),
            **{outcome.value: counts.get(outcome, 0) for outcome in RowOutcome},
            "progress": progress,
            "lease_s": lease_s,
        },
    )
    return rows.first() is not None


async def finish(
    tx: Transaction,
    import_id: ImportId,
    worker: UUID,
    state: ImportState,
    at: datetime,
    *,
    failure: str | None = None,
) -> None:
    """The worker is through with it; but for a dry run, its file and preview go, with their key."""
    rows = await tx.connection.execute(
        text(
            "UPDATE file_import SET state = :state, failure = :failure, finished_at = :at,"
            " changed_at = :at, worker = NULL, lease_until = NULL,"
            " progress = CASE WHEN :failed THEN progress ELSE 1 END"
            " WHERE import_id = :id AND worker = :worker RETURNING 1"
        ),
        {
            "id": import_id,
            "worker": worker,
            "state": state,
            "failure": failure,
            "failed": failure is not None,
            "at": at,
        },
    )
    if rows.first() is not None and state is not ImportState.CHECKED:
        await forget_file(tx, [import_id])


async def forget_file(tx: Transaction, imports: Sequence[ImportId]) -> None:
    """Remove files, previews and their keys."""
    values = {"ids": list(imports)}
    await tx.connection.execute(
        text("DELETE FROM file_import_part WHERE import_id = ANY(CAST(:ids AS uuid[]))"), values
    )
    await tx.connection.execute(
        text(
            "UPDATE file_import SET wrapped = NULL, preview = NULL"
            " WHERE import_id = ANY(CAST(:ids AS uuid[]))"
        ),
        values,
    )


async def forget_old(tx: Transaction, *, unfinished_hours: int, report_days: int) -> int:
    """Remove files that nobody started, and imports with their reports; how many that were."""
    rows = await tx.connection.execute(
        text(
            "DELETE FROM file_import WHERE changed_at < now() - make_interval(hours => :hours)"
            "  AND state = ANY(CAST(:unfinished AS text[]))"
            " OR finished_at < now() - make_interval(days => :days) RETURNING 1"
        ),
        {
            "hours": unfinished_hours,
            "days": report_days,
            "unfinished": [ImportState.RECEIVING, ImportState.CHECKED],
        },
    )
    return len(rows.all())


async def rows(
    tx: Transaction, import_id: ImportId, after: int, limit: int, outcome: RowOutcome | None
) -> list[tuple[RowReport, str | None]]:
    """Reported rows behind a number, each with its complaint's ticket."""
    found = await tx.connection.execute(
        text(
            "SELECT r.row_number, r.outcome, r.complaint_id, r.errors, c.ticket"
            " FROM file_import_row r LEFT JOIN complaint c USING (complaint_id)"
            " WHERE r.import_id = :id AND r.row_number > :after"
            "  AND (CAST(:outcome AS text) IS NULL OR r.outcome = :outcome)"
            " ORDER BY r.row_number LIMIT :limit"
        ),
        {"id": import_id, "after": after, "limit": limit, "outcome": outcome},
    )
    return [
        (
            RowReport(
                row.row_number,
                RowOutcome(row.outcome),
                None if row.complaint_id is None else ComplaintId(row.complaint_id),
                tuple(ColumnError(**error) for error in row.errors or ()),
            ),
            row.ticket,
        )
        for row in found
    ]


def _errors(row: RowReport) -> str | None:
    return orjson.dumps([asdict(error) for error in row.errors]).decode() if row.errors else None


def _import(row: Any) -> FileImport:
    return FileImport(
        import_id=ImportId(row.import_id),
        client=row.client,
        state=ImportState(row.state),
        dry_run=row.dry_run,
        wishes=row.wishes,
        mapping=row.mapping,
        wrapped=row.wrapped,
        size=row.size,
        digest=row.digest,
        row_number=row.row_number,
        rows=row.rows,
        accepted=row.accepted,
        duplicate=row.duplicate,
        rejected=row.rejected,
        progress=row.progress,
        failure=row.failure,
        created_at=row.created_at,
        finished_at=row.finished_at,
    )
