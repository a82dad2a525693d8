"""The operations desk: one server-rendered page that keeps itself up to date."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse

from lintas.vocabulary.errors import Unavailable
from lintas.web import Pages, allow, public
from metrics.pages.texts import clock_time, number
from metrics.pages.views import view_of
from metrics.pages.words import WORDS
from metrics.usecases.board import Board, Boards

_HERE = Path(__file__).parent.parent
STATIC = _HERE / "static"
#: where no city pack says otherwise
_ZONE = "Asia/Jakarta"


@dataclass(frozen=True, slots=True)
class Deps:
    """What the page needs."""

    boards: Boards
    clock: Callable[[], datetime]
    refresh_s: float
    stale_after_s: float


def router(deps: Deps) -> APIRouter:
    """`/`, and `/board`, the part of it that changes."""
    routes = APIRouter(tags=["pages"], dependencies=[allow(public)])
    pages = Pages(_HERE / "templates", WORDS)

    async def values(request: Request) -> dict[str, Any]:
        language = pages.language(request)
        common = {"refresh_s": deps.refresh_s, "other": "en" if language == "id" else "id"}
        try:
            board = await deps.boards.latest()
        except Unavailable:
            return {**common, "board": None, "city": ""}

        def t(key: str, **parts: Any) -> str:
            return WORDS[language][key].format(**parts)

        return {
            **common,
            "board": view_of(board, language, t),
            "city": board.city.get(language) or board.city.get("id", ""),
            "freshness": _freshness(board, deps, language, t),
        }

    @routes.get("/", response_class=HTMLResponse)
    async def desk(request: Request) -> HTMLResponse:
        """How long it takes, how many are open, how many are late; by agency."""
        return pages.render(request, "desk.html", **await values(request))

    @routes.get("/board", response_class=HTMLResponse)
    async def board(request: Request) -> HTMLResponse:
        """The figures alone, as the page fetches them again and again."""
        return pages.render(request, "board.html", **await values(request))

    return routes


@dataclass(frozen=True, slots=True)
class Freshness:
    """How far behind the figures are, in words."""

    as_of: str
    behind: str
    #: what the reader must know about them; None if all is well
    warning: str | None
    waiting: str | None
    read: str


def _freshness(board: Board, deps: Deps, language: str, t: Callable[..., str]) -> Freshness:
    when = clock_time(board.as_of, board.zone or _ZONE, language)
    behind_s = max(0.0, (deps.clock() - board.as_of).total_seconds())
    seconds = number(behind_s, language)
    warning = None
    if board.standing.known_to is None:
        warning = t("catching_up") if board.standing.folded else None
    elif behind_s > deps.stale_after_s:
        warning = t("stale", seconds=seconds, when=when)
    waiting = board.standing.n_waiting
    return Freshness(
        as_of=t("as_of", when=when),
        behind=t("behind", seconds=seconds),
        warning=warning,
        waiting=t("waiting", n=number(waiting, language)) if waiting else None,
        read=t("read", n=number(board.standing.folded, language)),
    )
