"""The citizen pages in Chromium: without scripts, by keyboard alone, and as axe judges them.

With LINTAS_PICTURES=<folder> the pictures of the README are written there.
"""

import io
import os
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PIL import Image
from playwright.async_api import Browser, BrowserContext, Page
from tests.browsing import MARKS, chromium, judge
from tests.serving import served
from ticket_story import Story, published_pack

from lintas.contracts.events.statements import StatementCorrected

pytestmark = MARKS
_PHONE, _DESKTOP = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
TEXT = "Jembatan gantung di atas sungai rusak parah, papannya lepas sejak dua minggu."


@pytest.fixture
async def address(ingest) -> AsyncIterator[str]:
    """Where a browser finds the running service."""
    ingest.app.state.deps.reference.learn(published_pack())
    async with served(ingest.app) as (host, port):
        yield f"http://{host}:{port}"


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as browser:
        yield browser


@asynccontextmanager
async def visiting(browser: Browser, **wishes: object) -> AsyncIterator[Page]:
    """A page that fails the test on any error, any breach of the policy and any request elsewhere."""
    context: BrowserContext = await browser.new_context(**wishes)
    page = await context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    # a refused form or an unknown number is an answer like others, and Chromium reports it as an error
    page.on(
        "console",
        lambda said: (
            wrong.append(said.text)
            if said.type == "error" and not re.search("status of (404|422)", said.text)
            else None
        ),
    )
    page.on(
        "request",
        lambda request: (
            wrong.append(request.url) if not request.url.startswith("http://127.0.0.1:") else None
        ),
    )
    yield page
    await context.close()
    assert wrong == []


async def fill_in(page: Page, address: str, lang: str = "en") -> None:
    """The form, filled in as a person would; not sent."""
    await page.goto(f"{address}/lapor?lang={lang}")
    await page.fill("#text", TEXT)
    await page.fill("#address", "Dekat masjid, tepi sungai")


async def told(ingest, page: Page) -> Story:
    """The complaint whose page is open."""
    complaint = (await ingest.events())[-1]["complaint_id"]
    link = page.url.partition("127.0.0.1")[2]
    minutes = timedelta(minutes=2)
    return Story(ingest, link, complaint, start=datetime.now(UTC), hour=minutes)


async def picture(page: Page, name: str) -> None:
    """Write a picture of the page if pictures are wanted."""
    folder = os.environ.get("LINTAS_PICTURES")
    if folder:
        shot = Image.open(io.BytesIO(await page.screenshot(full_page=True)))
        shot.quantize(64).save(Path(folder) / f"{name}.png", optimize=True)


async def test_from_report_to_not_solved_without_scripts(ingest, address, browser, tmp_path):
    photo = tmp_path / "foto.png"
    photo.write_bytes(_dot())
    async with visiting(browser, java_script_enabled=False, viewport=_PHONE) as page:
        await fill_in(page, address)
        await page.click("#map", position={"x": 144, "y": 200})
        await page.get_by_text("Chosen:").wait_for()
        assert await page.input_value("#text") == TEXT
        await page.click("#map", position={"x": 144, "y": 200})
        await page.get_by_role("button", name="Continue").click()
        await page.set_input_files("#files", photo)
        await page.get_by_role("button", name="Send the report").click()
        await page.locator(".ticket").wait_for()
        story = await told(ingest, page)
        assert await page.locator(".ticket").inner_text() == story.ticket

        await story.register()
        await story.assign("dpupr")
        await story.accept("dpupr")
        await story.answer(1)
        await page.reload()
        await page.get_by_role("button", name="Not solved").click()
        await page.get_by_text("You said: not solved.").wait_for()
        async with page.expect_download() as downloading:
            await page.get_by_role("link", name="Download attachment 1").click()
        assert (await (await downloading.value).path()).read_bytes().startswith(b"\x89PNG")

    [event] = [event for event in await ingest.events() if "solved" in event]
    assert event["solved"] is False
    [media] = (await ingest.events())[0]["mention"]["media"]
    assert media["media_type"] == "image/png"


async def test_a_similar_report_is_followed_by_keyboard_without_scripts(ingest, address, browser):
    async with visiting(browser, java_script_enabled=False, viewport=_PHONE) as page:
        await fill_in(page, address)
        await page.get_by_role("button", name="Continue").click()
        await page.get_by_role("button", name="Send the report").click()
        ticket = await page.locator(".ticket").inner_text()

        await fill_in(page, address)
        await page.get_by_role("button", name="Continue").click()
        await page.get_by_role("button", name="Follow this one").focus()
        await page.keyboard.press("Enter")
        await page.get_by_text("You follow this report").wait_for()
        assert await page.locator("h1").inner_text() == f"Track report {ticket}"
        assert await page.locator("#followers").inner_text() == "followed by 1"
        assert await page.get_by_text(TEXT).count() == 0
    assert await ingest.count("complaint") == 1


async def test_a_lost_link_leads_to_the_status_by_the_number(ingest, address, browser):
    async with visiting(browser, java_script_enabled=False, viewport=_PHONE) as page:
        await fill_in(page, address)
        await page.get_by_role("button", name="Continue").click()
        await page.get_by_role("button", name="Send the report").click()
        ticket = await page.locator(".ticket").inner_text()
        await page.get_by_role("link", name="Look up a report").click()
        await page.fill("#nomor", ticket.lower())
        await page.keyboard.press("Enter")
        await page.get_by_role("heading", name=f"Track report {ticket}").wait_for()
        assert await page.get_by_text(TEXT).count() == 0


async def test_a_receipt_on_paper_shows_number_and_link_and_no_form(ingest, address, browser):
    async with visiting(browser, viewport=_DESKTOP) as page:
        await fill_in(page, address)
        await page.get_by_role("button", name="Continue").click()
        await page.get_by_role("button", name="Send the report").click()
        await page.locator(".ticket").wait_for()
        await page.emulate_media(media="print")
        assert await page.locator(".ticket").is_visible()
        assert await page.locator(".copy").is_visible()
        assert not await page.locator("form:visible, details:visible").count()


async def test_the_whole_way_by_keyboard_alone(ingest, address, browser):
    async with visiting(browser, viewport=_DESKTOP) as page:
        await page.goto(f"{address}/lapor?lang=en")
        await _tab_to(page, "text")
        await page.keyboard.type(TEXT)
        await _tab_to(page, "address")
        await page.keyboard.type("Tepi sungai")
        await _tab_to(page, "area")
        await page.keyboard.type("Tegallega")
        await _tab_to(page, "anonymity-anonymous")
        await page.keyboard.press("ArrowDown")
        assert await page.is_checked("#anonymity-open")
        await _tab_to(page, "phone")
        await page.keyboard.type("12")
        await page.keyboard.press("Enter")
        await page.locator("#phone-wrong").wait_for()
        await _tab_to(page, "phone")
        await page.keyboard.press("Control+A")
        await page.keyboard.type("0812 5550 1234")
        await page.keyboard.press("Enter")
        await page.get_by_role("heading", name="Look it over and send").wait_for()
        assert "Kel. Tegallega" in await page.locator("dl").inner_text()
        await _tab_to(page, "files")
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await page.locator(".ticket").wait_for()
        await _tab_to(page, "text")
        await page.keyboard.type("Papannya makin banyak yang lepas")
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await page.get_by_text("We have received what you added.").wait_for()
    assert await ingest.count("complaint") == 1
    assert await ingest.count("mention") == 2


@pytest.mark.parametrize("lang", ["id", "en"])
async def test_every_page_is_accessible_in_light_and_dark(ingest, address, browser, lang):
    async with visiting(browser, viewport=_PHONE) as page:
        await fill_in(page, address, lang)
        await judge(page)
        await page.click("#map", position={"x": 144, "y": 200})
        await judge(page)
        await page.fill("#phone", "abc")
        await page.fill("#text", " ")
        await page.locator("form#report > button").click()
        await page.locator("#phone-wrong").wait_for()
        await judge(page)
        await page.fill("#text", TEXT)
        await page.fill("#phone", "0251 832 1075")
        for _ in range(2):
            await page.locator("form#report > button").click()
            await page.locator("#files").wait_for()
            await judge(page)
            await page.locator("form[action^='/lapor/kirim'] button").first.click()
            await page.locator(".ticket").wait_for()
            story = await told(ingest, page)
            await judge(page)
            await fill_in(page, address, lang)
        link = f"{address}/lacak/{story.ticket}?k={story.secret}&lang={lang}"
        await story.register()
        await story.assign("dpupr")
        await story.accept("dpupr")
        await story.answer(1)
        await story.answer(2, StatementCorrected)
        await page.goto(link)
        for summary in await page.locator("summary").all():
            await summary.click()
        await judge(page)
        # spaces pass the browser's own check, so what is wrong with them is the server's to say
        await page.fill("#address", " ")
        await page.locator("form:has(#address) button").click()
        await page.locator("#address-wrong").wait_for()
        await judge(page)
        await page.check("#rating-4")
        await page.locator("form:has(#rating-4) button").click()
        await page.locator("#rated").wait_for()
        await judge(page)
        for more in (f"/lacak/{story.ticket}", "/open311/v2"):
            await page.goto(f"{address}{more}?lang={lang}")
            await judge(page)
        for number in ("", story.ticket[:-1]):
            await page.goto(f"{address}/lacak?nomor={number}&lang={lang}")
            await judge(page)


async def test_nothing_is_wider_than_the_narrowest_screen(address, browser):
    async with visiting(browser, viewport={"width": 320, "height": 640}) as page:
        await fill_in(page, address)
        assert await page.evaluate("document.documentElement.scrollWidth") <= 320


@pytest.mark.parametrize(
    ("screen", "viewport"), [("phone", _PHONE), ("desktop", _DESKTOP)], ids=["phone", "desktop"]
)
async def test_pictures(ingest, address, browser, screen, viewport):
    async with visiting(browser, viewport=viewport) as page:
        await fill_in(page, address, "id")
        await page.click("#map", position={"x": 150, "y": 215})
        await page.locator("[role=status]").wait_for()
        await picture(page, f"lapor-{screen}")
        await page.locator("form#report > button").click()
        await page.locator("form[action^='/lapor/kirim'] button").first.click()
        await page.locator(".ticket").wait_for()
        story = await told(ingest, page)
        await story.register()
        await story.assign("dpupr")
        await story.accept("dpupr")
        await story.answer(1)
        await page.goto(f"{address}/lacak/{story.ticket}?k={story.secret}&lang=id")
        await picture(page, f"lacak-{screen}")
        assert re.search(r"Dinas Pekerjaan Umum", await page.locator("#answering").inner_text())


async def _tab_to(page: Page, name: str) -> None:
    """Press Tab until the element has the focus; that it can be reached is what is tested."""
    for _ in range(60):
        await page.keyboard.press("Tab")
        if await page.evaluate("document.activeElement.id") == name:
            return
    pytest.fail(f"{name} cannot be reached")


def _dot() -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (40, 30), (90, 60, 20)).save(written, "PNG")
    return written.getvalue()
