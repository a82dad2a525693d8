"""The page behind a ticket, its attachments, and all that is stored; works without scripts."""

from datetime import datetime

import orjson
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from ingest.domain.words import STATUS_TEXT
from ingest.pages.front import city_zone, other_language, visit, written, written_day
from ingest.schemas import LinkSecret
from ingest.usecases.deps import Deps
from ingest.usecases.tracking import TicketView, everything, open_file, track
from lintas.vocabulary.errors import NotFound
from lintas.vocabulary.terms import PublicStatus
from lintas.web import Pages, allow, link, public

#: after these nothing is promised any more
_SETTLED = frozenset(
    {
        PublicStatus.RESOLVED,
        PublicStatus.CLOSED,
        PublicStatus.NO_ACTION,
        PublicStatus.REJECTED,
        PublicStatus.WITHDRAWN,
    }
)
#: whatever a file is, a browser neither shows nor runs it
_FILE_POLICY = "default-src 'none'; sandbox"
_ENDINGS = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
    "application/pdf": "pdf",
    "video/mp4": "mp4",
    "video/3gpp": "3gp",
    "video/quicktime": "mov",
    "audio/mp4": "m4a",
    "audio/mpeg": "mp3",
    "audio/ogg": "ogg",
}


def router(deps: Deps, pages: Pages) -> APIRouter:
    """`/lacak/{ticket}` and what it links to."""
    routes = APIRouter(tags=["pages"])

    @routes.get("/lacak/{ticket}", dependencies=[allow(public)], response_class=HTMLResponse)
    async def tracking(
        request: Request, ticket: str, secret: LinkSecret = None, baru: str = ""
    ) -> Response:
        """Where a complaint stands, in plain words; with the link's secret text and actions."""
        async with visit(deps, request):
            try:
                view = await track(deps.work, deps.vault, ticket, secret)
            except NotFound:
                return pages.render(request, "not_found.html", status=404)
            return _page(deps, pages, request, view, secret=secret, is_new=bool(baru))

    @routes.get(
        "/lacak/{ticket}/lampiran/{reference}",
        dependencies=[allow(link)],
        response_class=Response,
    )
    async def attachment(
        request: Request, ticket: str, reference: str, secret: LinkSecret = None
    ) -> Response:
        """A file the reporter attached, as a download, for whoever holds the link."""
        async with visit(deps, request):
            content, media_type = await open_file(
                deps.work, deps.vault, deps.media, ticket, secret, reference
            )
        return _download(content, media_type, f"{ticket}-{reference[:8]}.{_ENDINGS[media_type]}")

    @routes.get("/lacak/{ticket}/data", dependencies=[allow(link)], response_class=Response)
    async def stored(request: Request, ticket: str, secret: LinkSecret = None) -> Response:
        """All that is stored about a complaint and its reporter, for whoever holds the link."""
        async with visit(deps, request):
            found = await everything(deps.work, deps.vault, ticket, secret)
        content = orjson.dumps(found, default=str, option=orjson.OPT_INDENT_2)
        return _download(content, "application/json", f"{found['ticket']}.json")

    return routes


def _download(content: bytes, media_type: str, name: str) -> Response:
    return Response(
        content,
        media_type=media_type,
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Content-Security-Policy": _FILE_POLICY,
        },
    )


def _page(
    deps: Deps,
    pages: Pages,
    request: Request,
    view: TicketView,
    *,
    secret: str | None,
    is_new: bool,
) -> Response:
    city, language, zone = deps.cities.in_force(), pages.language(request), city_zone(deps)
    reference, about = deps.reference, view.about
    area = reference.areas().get(about.kelurahan or about.kecamatan or "")

    def when(moment: datetime) -> str:
        return written(moment.astimezone(zone), language)

    def day(moment: datetime) -> str:
        return written_day(moment.astimezone(zone), language)

    return pages.render(
        request,
        "tracking.html",
        view=view,
        note=None,
        secret=secret if view.opened else None,
        is_new=is_new and view.opened,
        city=city.name(language) if city else None,
        when=when,
        day=day,
        status_text={status: words[language] for status, words in STATUS_TEXT.items()},
        statement=deps.links.statement,
        answering=reference.name("agency", about.answering, language),
        category=reference.name("category", about.category, language),
        area=area.name if area else None,
        working_days=_working_days_left(deps, view),
        other=other_language(language),
        address=deps.links.status(view.ticket, secret) if view.opened else None,
    )


def _working_days_left(deps: Deps, view: TicketView) -> int | None:
    """Working days until the promised day, 0 on the day itself; None where nothing is promised."""
    calendar = deps.reference.calendar(view.about.calendar)
    if calendar is None or view.promised_at is None or view.status in _SETTLED:
        return None
    today, promised = calendar.day_of(deps.work.clock()), calendar.day_of(view.promised_at)
    return calendar.working_days_between(today, promised) if promised >= today else None
