"""Files of complaints: handing one in, looking at it, starting it, its report."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from ingest.channels.files.mapping import SourceName, Zone
from ingest.channels.files.translating import slug
from ingest.domain.imports import FileImport, RowOutcome, RowReport
from ingest.domain.links import Links
from ingest.schemas.imports import (
    ColumnErrorOut,
    ImportedRow,
    ImportOut,
    ImportPreview,
    ImportReport,
    ImportStart,
)
from ingest.schemas.mentions import Channel
from ingest.usecases.deps import Deps
from lintas.auth import Principal, Scope
from lintas.vocabulary.errors import UnsupportedMediaType
from lintas.vocabulary.terms import Anonymity
from lintas.vocabulary.ticket import Ticket
from lintas.web import Cursors, Limit, json_body, next_link, require

IMPORTS_PATH = "/v1/imports"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: what files are called; what is in them decides how they are read
_TYPES = (
    "text/csv",
    "application/x-ndjson",
    _XLSX,
    "text/plain",
    "text/tab-separated-values",
    "application/csv",
    "application/vnd.ms-excel",
    "application/octet-stream",
)
_BINARY = {"schema": {"type": "string", "format": "binary"}}


def router(deps: Deps) -> APIRouter:
    """`POST /v1/imports`, and what can be done with an import."""
    routes = APIRouter(tags=["imports"])
    cursors = Cursors(deps.cursor_key)

    @routes.post(
        IMPORTS_PATH,
        status_code=202,
        openapi_extra={
            "requestBody": {"required": True, "content": dict.fromkeys(_TYPES, _BINARY)}
        },
    )
    async def hand_in(
        request: Request,
        response: Response,
        who: Annotated[Principal, require(Scope.IMPORTS_WRITE)],
        source: Annotated[SourceName | None, Query()] = None,
        zone: Annotated[Zone | None, Query(max_length=60)] = None,
        channel: Annotated[Channel, Query()] = "file",
        anonymity: Annotated[Anonymity, Query()] = Anonymity.ANONYMOUS,
        *,
        dry_run: Annotated[bool, Query()] = False,
    ) -> ImportOut:
        """Hand in a table (CSV, XLSX, NDJSON, an export of SP4N-LAPOR); it is worked through apart.

        Each row becomes a live mention, posted when the file says. `source` names whose row ids
        these are (default: the client); `zone` says where times without an offset were written;
        `channel` and `anonymity` are of rows that do not say. With `dry_run` only the report is
        made, and the file waits a day to be started.
        """
        _require_file(request)
        found = await deps.importing.receive(
            request.stream(),
            client=_client(who),
            wishes={
                "source": source or _own_name(who),
                "zone": zone,
                "channel": channel,
                "anonymity": anonymity,
            },
            dry_run=dry_run,
        )
        response.headers["Location"] = f"{IMPORTS_PATH}/{found.import_id}"
        return _out(found)

    @routes.get(IMPORTS_PATH + "/{import_id}")
    async def look(
        import_id: UUID, who: Annotated[Principal, require(Scope.IMPORTS_WRITE)]
    ) -> ImportOut:
        """An import as it stands."""
        return _out(await deps.importing.look(import_id, _client(who)))

    @routes.get(IMPORTS_PATH + "/{import_id}/preview")
    async def preview(
        import_id: UUID, who: Annotated[Principal, require(Scope.IMPORTS_WRITE)]
    ) -> ImportPreview:
        """How the file was understood, and its first rows; as long as the file is kept."""
        return ImportPreview(**await deps.importing.preview(import_id, _client(who)))

    @routes.post(IMPORTS_PATH + "/{import_id}/start", status_code=202)
    async def start(
        import_id: UUID,
        who: Annotated[Principal, require(Scope.IMPORTS_WRITE)],
        how: Annotated[ImportStart, json_body(ImportStart)],
    ) -> ImportOut:
        """Work through a checked file, with the mapping of its preview or with another."""
        found = await deps.importing.start(
            import_id, _client(who), how.mapping, dry_run=how.dry_run
        )
        return _out(found)

    @routes.get(IMPORTS_PATH + "/{import_id}/rows")
    async def rows(
        request: Request,
        response: Response,
        import_id: UUID,
        who: Annotated[Principal, require(Scope.IMPORTS_WRITE)],
        outcome: Annotated[RowOutcome | None, Query()] = None,
        limit: Limit = 100,
        cursor: Annotated[str | None, Query(max_length=1_024)] = None,
    ) -> ImportReport:
        """The report, row by row, as far as the file is dealt with."""
        scope = f"{_client(who)}/{import_id}/{outcome or ''}"
        [after] = cursors.read(cursor, scope=scope) if cursor else (0,)
        found = await deps.importing.rows(
            import_id, _client(who), after=int(after), limit=limit + 1, outcome=outcome
        )
        shown = found[:limit]
        if len(found) > limit:
            following = cursors.sign([shown[-1][0].number], scope=scope)
            response.headers["Link"] = next_link(request, following, limit)
        return ImportReport(items=tuple(_row(row, ticket, deps.links) for row, ticket in shown))

    return routes


def _require_file(request: Request) -> None:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in _TYPES:
        raise UnsupportedMediaType(f"The content type must be one of {', '.join(_TYPES)}.")
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise UnsupportedMediaType("The body must not be compressed.")


def _client(who: Principal) -> str:
    return who.client or who.actor


def _own_name(who: Principal) -> str:
    """The client's name as a source's."""
    return (slug(_client(who)) or "client").replace("_", "-")[:60].strip("-")


def _out(found: FileImport) -> ImportOut:
    return ImportOut(
        import_id=found.import_id,
        state=found.state,
        dry_run=found.dry_run,
        created_at=found.created_at,
        finished_at=found.finished_at,
        size=found.size,
        progress=round(found.progress, 4),
        rows=found.rows,
        accepted=found.accepted,
        duplicate=found.duplicate,
        rejected=found.rejected,
        failure=found.failure,
        mapping=None if found.mapping is None else dict(found.mapping),
    )


def _row(row: RowReport, ticket: str | None, links: Links) -> ImportedRow:
    return ImportedRow(
        row=row.number,
        outcome=row.outcome,
        complaint_id=row.complaint_id if ticket else None,
        ticket=ticket,
        status_url=links.status(Ticket(ticket)) if ticket else None,
        errors=tuple(
            ColumnErrorOut(column=error.column, expected=error.expected) for error in row.errors
        ),
    )
