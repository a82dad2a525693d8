"""What all citizen pages share: their bounds, their words, how times and refusals are written."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from ingest.pages.words import MONTHS, WORDS
from ingest.usecases.deps import Deps
from lintas.web import ErrorFormat, Pages, Problem, network_of, problem_json

STATIC = Path(__file__).parent.parent / "static"
_TEMPLATES = Path(__file__).parent.parent / "templates"
#: before a city pack is applied
_NO_CITY_ZONE = "UTC"

When = Callable[[datetime], str]


def citizen_pages() -> Pages:
    """The templates with their words."""
    return Pages(_TEMPLATES, WORDS)


@asynccontextmanager
async def visit(deps: Deps, request: Request) -> AsyncIterator[None]:
    """A place among the citizen pages worked on at once; TooManyRequests, Unavailable if refused."""
    deps.front.visits.spend(network_of(request), request.scope)
    async with deps.front.room.entered():
        yield


def other_language(language: str) -> str:
    """The one the page can be switched to."""
    return "en" if language == "id" else "id"


def city_zone(deps: Deps) -> ZoneInfo:
    """The zone in which the city's people read times."""
    city = deps.cities.in_force()
    return ZoneInfo(city.zone if city else _NO_CITY_ZONE)


def written(moment: datetime, language: str) -> str:
    """`17 Maret 2026 12.05 WIB`, or `17 March 2026 12:05 WIB`."""
    clock = moment.strftime("%H.%M" if language == "id" else "%H:%M")
    return f"{written_day(moment, language)} {clock} {moment:%Z}"


def written_day(moment: datetime, language: str) -> str:
    """`17 Maret 2026`, or `17 March 2026`."""
    return f"{moment.day} {MONTHS[language][moment.month - 1]} {moment.year}"


def error_formats() -> Mapping[str, ErrorFormat]:
    """How refusals below the pages' addresses look: a page for browsers, problem+json for others."""
    pages = citizen_pages()

    def refused(request: Request, problem: Problem) -> Response:
        if "text/html" not in request.headers.get("accept", ""):
            return problem_json(request, problem)
        key = f"refused_{problem.status}"
        language = pages.language(request)
        page: HTMLResponse = pages.render(
            request,
            "refused.html",
            problem.status,
            why=WORDS[language].get(key, WORDS[language]["refused"]),
            problem=problem,
        )
        page.headers.update(problem.headers)
        return page

    return {"/lapor": refused, "/lacak/": refused}
