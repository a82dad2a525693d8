"""Pages in the distribution's Chromium, and as axe judges them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from ctypes.util import find_library
from pathlib import Path

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, async_playwright

_CHROMIUM = Path("/usr/bin/chromium")
#: what a module of such tests is marked with
MARKS = [
    pytest.mark.stack,
    pytest.mark.browser,
    pytest.mark.skipif(not _CHROMIUM.exists(), reason="Chromium is not installed"),
    pytest.mark.skipif(find_library("atomic") is None, reason="libatomic1 is not installed"),
]
_QUIET = ("no-sandbox", "disable-gpu", "disable-background-networking", "disable-sync")
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """A browser of one's own."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=str(_CHROMIUM), args=[f"--{flag}" for flag in _QUIET]
        )
        yield browser
        await browser.close()


async def judge(page: Page) -> None:
    """Fail on anything that axe finds against WCAG 2.2 AA, in light and in dark."""
    for scheme in ("light", "dark"):
        await page.emulate_media(color_scheme=scheme)
        found = await Axe().run(page, options={"runOnly": _RULES})
        assert found.violations_count == 0, found.generate_report()
