"""The Open311 server as a browser sees it: its discovery document as a page."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from ingest.domain.open311.moments import written
from ingest.pages.front import other_language
from ingest.usecases.deps import Deps
from ingest.usecases.intake import NoCity
from lintas.web import Pages, allow, network_of, public

_ROOT = "/open311/v2"
#: what a browser can open: the call, and the forms it answers in
_CALLS = {
    "discovery": ("xml", "json"),
    "services": ("xml", "json"),
    "requests": ("xml", "json"),
    "servicerequestupdates": ("xml", "json"),
    "bulk": ("csv", "xml", "json"),
}


def router(deps: Deps, pages: Pages) -> APIRouter:
    """`/open311/v2`, with a slash at its end and without."""
    routes = APIRouter(tags=["open311"])

    @routes.get(_ROOT, dependencies=[allow(public)], response_class=HTMLResponse)
    @routes.get(f"{_ROOT}/", dependencies=[allow(public)], response_class=HTMLResponse)
    async def discovery(request: Request) -> Response:
        """Discovery for people, as the standard recommends it."""
        deps.open311.bounds.calls.spend(network_of(request), request.scope)
        city = deps.cities.in_force()
        if city is None:
            raise NoCity
        language = pages.language(request)
        catalogue = deps.open311.services.catalogue(language)
        return pages.render(
            request,
            "open311.html",
            city=city.name(language),
            endpoint=city.open311,
            address=f"{deps.links.here}{_ROOT}",
            root=_ROOT,
            changeset=written(catalogue.changed_at),
            calls=_CALLS,
            other=other_language(language),
        )

    return routes
