"""Which HTML there is: the report form with its map, the page behind a ticket, Open311's front."""

from collections.abc import Sequence

from fastapi import APIRouter

from ingest.pages import maps, open311, reporting, tracking
from ingest.pages.front import STATIC, citizen_pages, error_formats
from ingest.pages.reporting import SEND_PATH
from ingest.usecases.deps import Deps

__all__ = ["SEND_PATH", "STATIC", "error_formats", "routers"]


def routers(deps: Deps) -> Sequence[APIRouter]:
    """Every page; all of them work without scripts."""
    pages = citizen_pages()
    return [
        reporting.router(deps, pages),
        maps.router(deps),
        tracking.router(deps, pages),
        open311.router(deps, pages),
    ]
