"""The list of backtests, each with the way to its report."""

from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse

from lintas.web import Pages
from router.pages.words import WORDS
from router.schemas import BacktestPage

_PAGES = Pages(Path(__file__).parent.parent / "templates", WORDS)


def listing(request: Request, shown: BacktestPage, following: str | None) -> HTMLResponse:
    """The page in the language of who asks; `following` is the address of the next one."""
    return _PAGES.render(request, "backtests.html", items=shown.items, following=following)
