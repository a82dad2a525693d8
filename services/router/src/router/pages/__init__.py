"""The pages of the router: what distinguishes two versions, which backtests there are and what one found."""

from pathlib import Path

from router.pages.differences import routes
from router.pages.listing import listing
from router.pages.report import LANGUAGES, problem, render, report

__all__ = ["LANGUAGES", "STATIC", "listing", "problem", "render", "report", "routes"]

STATIC = Path(__file__).parent.parent / "static"
