"""The page behind a ticket; works without scripts."""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse

from ingest.domain.words import STATUS_TEXT
from ingest.pages.words import MONTHS, WORDS
from ingest.schemas import LinkSecret
from ingest.usecases.deps import Deps
from ingest.usecases.tracking import track
from lintas.vocabulary.errors import NotFound
from lintas.web import Pages, allow, public

STATIC = Path(__file__).parent.parent / "static"
_TEMPLATES = Path(__file__).parent.parent / "templates"
_UTC = "UTC"


def router(deps: Deps) -> APIRouter:
    """`/lacak/{ticket}`."""
    routes = APIRouter(tags=["pages"])
    pages = Pages(_TEMPLATES, WORDS)

    @routes.get("/lacak/{ticket}", dependencies=[allow(public)], response_class=HTMLResponse)
    async def tracking(request: Request, ticket: str, secret: LinkSecret = None) -> HTMLResponse:
        """Where a complaint stands, in plain words; with the link's secret the text as well."""
        try:
            view = await track(deps.work, deps.vault, ticket, secret)
        except NotFound:
            return pages.render(request, "not_found.html", status=404)
        city, language = deps.cities.in_force(), pages.language(request)
        zone = ZoneInfo(city.zone if city else _UTC)

        def when(moment: datetime) -> str:
            return _written(moment.astimezone(zone), language)

        return pages.render(
            request,
            "tracking.html",
            view=view,
            when=when,
            status_text=STATUS_TEXT[view.status][language],
            answers=[
                (answer, deps.links.statement(answer.statement_id)) for answer in view.answers
            ],
            other="en" if language == "id" else "id",
        )

    return routes


def _written(moment: datetime, language: str) -> str:
    """`17 Maret 2026 12.05 WIB`, or `17 March 2026 12:05 WIB`."""
    clock = moment.strftime("%H.%M" if language == "id" else "%H:%M")
    return f"{moment.day} {MONTHS[language][moment.month - 1]} {moment.year} {clock} {moment:%Z}"
