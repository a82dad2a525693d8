from collections.abc import AsyncIterator

import pytest
from metrics_lives import Life, office, received, records, varied
from playwright.async_api import Browser, Page
from tests.browsing import MARKS, chromium, judge
from tests.serving import served

from lintas.database.work import UnitOfWork
from lintas_local.stack import Stack
from metrics.app import create_app
from metrics.usecases.folding import Folder

pytestmark = MARKS


@pytest.fixture
async def address(stack: Stack, database: str) -> AsyncIterator[str]:
    """Where the page is; nothing folds behind it but what a test folds itself."""
    environ = {
        **stack.environ("metrics"),
        "LINTAS_DATABASE_URL": database,
        "LINTAS_BOARD_REFRESH_S": "0.5",
    }
    async with served(create_app(environ)) as (host, port):
        yield f"http://{host}:{port}"


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as browser:
        yield browser


@pytest.fixture
async def page(browser: Browser) -> AsyncIterator[Page]:
    """A page that fails the test on any error of a script or of the content policy."""
    context = await browser.new_context(viewport={"width": 1440, "height": 900})
    page = await context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    yield page
    await context.close()
    assert wrong == []


async def fold(work: UnitOfWork, folder: Folder, lives: list[Life]) -> None:
    await folder.fold(
        received(records([office(), *(event for life in lives for event in life.events)]))
    )


async def test_the_table_lives_can_be_paused_and_is_accessible(
    address: str, page: Page, work: UnitOfWork
):
    await page.goto(f"{address}/?lang=en")
    await page.get_by_text("No complaint yet").wait_for()
    await fold(work, Folder(work, 1), varied(8))
    await page.locator("dt:text-is('Registered') + dd:text-is('8')").wait_for()

    await page.get_by_role("button", name="Pause updates").click()
    await page.get_by_role("button", name="Resume updates").click()

    await judge(page)
    await page.reload()
    await page.keyboard.press("Tab")
    assert await page.evaluate("document.activeElement.className") == "skip"


async def test_the_page_says_when_the_service_is_away(address: str, browser: Browser):
    page = await (await browser.new_context()).new_page()
    await page.goto(f"{address}/?lang=en")
    await page.route("**/board*", lambda route: route.abort())
    await page.get_by_text("The service cannot be reached.").wait_for(state="visible")
    await page.unroute("**/board*")
    await page.get_by_text("The service cannot be reached.").wait_for(state="hidden")
