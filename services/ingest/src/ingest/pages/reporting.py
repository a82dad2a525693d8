"""`/lapor`: what happened and where, a look at what others reported, then sending; without scripts."""

from collections.abc import Sequence

from fastapi import APIRouter
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from ingest.domain.errors import KeyReused
from ingest.pages.forms import Filled, clicked, form_of
from ingest.pages.front import city_zone, other_language, visit, written_day
from ingest.pages.maps import HEIGHT, WIDTH
from ingest.usecases.deps import Deps
from ingest.usecases.reporting import Report
from ingest.usecases.similar import Similar
from lintas.vocabulary.errors import Invalid, NotFound, TooLarge, UnsupportedMediaType
from lintas.web import Pages, allow, network_of, public

FORM_PATH = "/lapor"
SEND_PATH = "/lapor/kirim"
_FOLLOW_PATH = "/lapor/ikuti"
MOST_FILES = 5
_INVALID = 422
_SEE_OTHER = 303


def router(deps: Deps, pages: Pages) -> APIRouter:
    """`GET|POST /lapor`, `POST /lapor/kirim`, `POST /lapor/ikuti`."""
    routes = APIRouter(tags=["pages"])
    desk = _Desk(deps, pages)

    @routes.get(FORM_PATH, dependencies=[allow(public)], response_class=HTMLResponse)
    async def blank(request: Request) -> Response:
        """The form."""
        async with visit(deps, request):
            return desk.form(request, Filled().renewed())

    @routes.post(FORM_PATH, dependencies=[allow(public)], response_class=HTMLResponse)
    async def look(request: Request) -> Response:
        """What was filled in: again with a place or with what is wrong, or to be looked over."""
        async with visit(deps, request):
            return await desk.look(request, await form_of(request))

    @routes.post(SEND_PATH, dependencies=[allow(public)], response_class=HTMLResponse)
    async def send(request: Request) -> Response:
        """Keep the report; the answer is the address of its page."""
        deps.front.reports.spend(network_of(request), request.scope)
        async with visit(deps, request):
            form = await form_of(request, most_files=MOST_FILES)
            try:
                return await desk.send(request, form)
            finally:
                await form.close()

    @routes.post(_FOLLOW_PATH, dependencies=[allow(public)], response_class=HTMLResponse)
    async def follow(request: Request) -> Response:
        """Follow a similar report instead of sending one; the answer is the address of its page."""
        deps.front.reports.spend(network_of(request), request.scope)
        async with visit(deps, request):
            return await desk.follow(request, await form_of(request))

    return routes


class _Desk:
    """Answers with the right one of the form's pages."""

    def __init__(self, deps: Deps, pages: Pages) -> None:
        self._deps = deps
        self._pages = pages

    def form(
        self, request: Request, filled: Filled, wrong: frozenset[str] = frozenset()
    ) -> Response:
        """The form as it was filled in, with what is wrong beside its field."""
        areas = self._deps.reference.areas()
        area, point = filled.place(areas)
        return self._render(
            request,
            "report.html",
            _INVALID if wrong else 200,
            filled=filled,
            wrong=wrong,
            districts=areas.districts(),
            district=areas.get(filled.view),
            has_map=bool(areas.drawn()),
            chosen=area,
            point=point,
            map_size=(WIDTH, HEIGHT),
        )

    async def look(self, request: Request, form: FormData) -> Response:
        """The next page after the form."""
        filled, areas = Filled.of(form), self._deps.reference.areas()
        if "again" in form:
            return self.form(request, filled)
        if "whole" in form:
            return self.form(request, Filled(**{**filled.hidden(), "view": ""}))
        spot = clicked(form)
        if spot is not None:
            return self.form(request, filled.pointed(areas, *spot))
        report = filled.read(areas)
        if not isinstance(report, Report):
            return self.form(request, filled, report)
        return await self._review(request, filled, report)

    async def send(self, request: Request, form: FormData) -> Response:
        """The way to the complaint's page, or the page before with what is wrong."""
        filled, areas = Filled.of(form), self._deps.reference.areas()
        if "change" in form:
            return self.form(request, filled)
        report = filled.read(areas)
        if not isinstance(report, Report):
            return self.form(request, filled, report)
        try:
            accepted = await self._deps.reporting.send(report, await _files(form))
        except KeyReused:
            return await self._review(request, filled.renewed(), report, "sent_before")
        except (Invalid, TooLarge, UnsupportedMediaType) as refusal:
            return await self._review(request, filled, report, refusal.code.replace("-", "_"))
        language = self._pages.language(request)
        page = f"/lacak/{accepted.ticket}?k={accepted.secret}&lang={language}&baru=1"
        return RedirectResponse(page, _SEE_OTHER)

    async def follow(self, request: Request, form: FormData) -> Response:
        """The way to the page of the report that is followed, or the page before."""
        filled, areas = Filled.of(form), self._deps.reference.areas()
        report = filled.read(areas)
        if not isinstance(report, Report):
            return self.form(request, filled, report)
        area, _ = filled.place(areas)
        try:
            ticket = await self._deps.reporting.follow(report, area, str(form.get("report")))
        except KeyReused:
            return await self._review(request, filled.renewed(), report, "sent_before")
        except NotFound:
            return await self._review(request, filled, report, "followed")
        language = self._pages.language(request)
        return RedirectResponse(f"/lacak/{ticket}?lang={language}&catatan=follow", _SEE_OTHER)

    async def _review(
        self, request: Request, filled: Filled, report: Report, wrong: str | None = None
    ) -> Response:
        area, _ = filled.place(self._deps.reference.areas())
        alike = await self._deps.reporting.similar.of(report.text, area)
        return self._render(
            request,
            "review.html",
            200 if wrong is None else _INVALID,
            filled=filled,
            report=report,
            wrong=wrong,
            similar=self._told(alike, self._pages.language(request)),
            most_files=MOST_FILES,
        )

    def _told(self, alike: Sequence[Similar], language: str) -> list[dict[str, str | None]]:
        reference, zone = self._deps.reference, city_zone(self._deps)
        told = []
        for one in alike:
            area = reference.areas().get(one.kelurahan or one.kecamatan or "")
            told.append(
                {
                    "report": str(one.complaint_id),
                    "category": reference.name("category", one.category, language),
                    "area": area.name if area else None,
                    "received": written_day(one.received_at.astimezone(zone), language),
                    "status": f"similar_{one.status.value}",
                }
            )
        return told

    def _render(self, request: Request, template: str, status: int, **values: object) -> Response:
        city, language = self._deps.cities.in_force(), self._pages.language(request)
        return self._pages.render(
            request,
            template,
            status,
            city=city.name(language) if city else None,
            other=other_language(language),
            **values,
        )


async def _files(form: FormData) -> list[bytes]:
    """What was attached; a field nobody chose a file for is sent as an empty one without a name."""
    uploads = [one for one in form.getlist("files") if isinstance(one, UploadFile)]
    return [await one.read() for one in uploads if one.filename]
