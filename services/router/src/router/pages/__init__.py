"""The pages of the router: what distinguishes two versions, and what a backtest found."""

from pathlib import Path

from router.pages.differences import routes
from router.pages.report import LANGUAGES, render, report

__all__ = ["LANGUAGES", "STATIC", "render", "report", "routes"]

STATIC = Path(__file__).parent.parent / "static"
