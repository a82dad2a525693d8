"""The statement page: a permanent, quotable address; works without scripts."""

from datetime import datetime
from pathlib import Path
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from agency_gateway.domain.ledger import LedgerEntry, Office, PublishedVersion
from agency_gateway.pages.words import CHANNELS, MONTHS, WORDS
from agency_gateway.schemas.statements import LedgerOut
from agency_gateway.usecases.deps import Deps
from lintas.vocabulary.errors import NotFound
from lintas.vocabulary.ids import StatementId
from lintas.web import Pages, allow, etag, not_modified, public

STATIC = Path(__file__).parent.parent / "static"
_TEMPLATES = Path(__file__).parent.parent / "templates"
#: a correction or retraction shows within a minute
_CACHE = "public, max-age=60"

_Version = Annotated[int | None, Query(ge=1, le=2**31 - 1)]


def router(deps: Deps) -> APIRouter:
    """`/pernyataan/{statement}` and `/pernyataan/{statement}.json`."""
    routes = APIRouter(tags=["pages"])
    pages = Pages(_TEMPLATES, WORDS)

    @routes.get(
        "/pernyataan/{statement}.json", dependencies=[allow(public)], response_model=LedgerOut
    )
    async def as_json(request: Request, statement: str, versi: _Version = None) -> Response:
        """A published statement, newest version unless another is asked for."""
        entry, shown = await _find(deps, statement, versi)
        headers = {"ETag": _tag(entry, shown, "json"), "Cache-Control": _CACHE}
        if not_modified(request, headers["ETag"]):
            return Response(status_code=304, headers=headers)
        body = LedgerOut.of(entry, shown).model_dump_json()
        return Response(body, headers=headers, media_type="application/json")

    @routes.get(
        "/pernyataan/{statement}", dependencies=[allow(public)], response_class=HTMLResponse
    )
    async def as_page(request: Request, statement: str, versi: _Version = None) -> Response:
        """The same for people, in Indonesian or English."""
        try:
            entry, shown = await _find(deps, statement, versi)
        except NotFound:
            return pages.render(request, "not_found.html", status=404)
        language = pages.language(request)
        headers = {"ETag": _tag(entry, shown, language), "Cache-Control": _CACHE}
        if not_modified(request, headers["ETag"]):
            return Response(status_code=304, headers=headers)
        zone = ZoneInfo(entry.zone)

        def when(moment: datetime) -> str:
            return _written(moment.astimezone(zone), language)

        def named(office: Office) -> str:
            return office.name.get(language) or office.name.get("id") or office.code

        page = pages.render(
            request,
            "statement.html",
            entry=entry,
            shown=shown,
            newest=entry.version(None),
            when=when,
            named=named,
            channel=lambda code: CHANNELS.get(code, code),
            other="en" if language == "id" else "id",
        )
        page.headers.update(headers)
        return page

    return routes


async def _find(
    deps: Deps, statement: str, version: int | None
) -> tuple[LedgerEntry, PublishedVersion]:
    try:
        id_ = StatementId(UUID(statement))
    except ValueError:
        raise NotFound("There is no such statement.") from None
    entry = await deps.ledger.entry(id_)
    shown = entry.version(version)
    if shown is None:
        raise NotFound("There is no such version.")
    return entry, shown


def _tag(entry: LedgerEntry, shown: PublishedVersion, form: str) -> str:
    states = ",".join(one.state for one in entry.versions)
    return etag(entry.id, shown.version, states, form)


def _written(moment: datetime, language: str) -> str:
    """`17 Maret 2026 12.05 WIB`, or `17 March 2026 12:05 WIB`."""
    clock = moment.strftime("%H.%M" if language == "id" else "%H:%M")
    return f"{moment.day} {MONTHS[language][moment.month - 1]} {moment.year} {clock} {moment:%Z}"
