"""The page of a backtest in Chromium, as axe judges it."""

from datetime import UTC, datetime

import pytest
from starlette.requests import Request
from tests.browsing import MARKS, chromium, judge

from router.app import backtest, backtest_page
from router.pages import STATIC, listing
from router.schemas import BacktestPage

pytestmark = MARKS

NOON = datetime(2026, 3, 17, 5, 0, tzinfo=UTC)
#: made up, with what a page must survive
TEXTS = ("sampah <b>tumpah</b>", "jalan rusak & gelap", "apa kabar", "sampah di jalan")


def shown() -> dict[str, object]:
    def rules(version: str, *words: tuple[str, str]) -> dict[str, object]:
        return {
            "version": version,
            "zone": "Asia/Jakarta",
            "agencies": ["dlh", "dpupr", "pln"],
            "categories": ["other"],
            "rules": [
                {"id": lead, "category": "other", "lead": lead, "any": [word]}
                for word, lead in words
            ],
        }

    rows = {
        str(number): {"text": text, "final": final, "received_at": NOON}
        for number, (text, final) in enumerate(
            [(text, final) for text in TEXTS for final in ("dlh", "dpupr", "pln")]
        )
    }
    moment = NOON.isoformat()
    return {
        "id": "00000000-0000-0000-0000-000000000000",
        "state": "done",
        "candidate": "then",
        "against": "now",
        "since": moment,
        "until": moment,
        "requested_at": moment,
        "requested_by": "tests",
        "started_at": moment,
        "finished_at": moment,
        "total": len(rows),
        "done": len(rows),
        "problem": None,
        "result": backtest(
            rules("then", ("sampah", "dlh"), ("jalan", "dpupr")),
            rules("now", ("sampah", "pln")),
            rows,
        ),
    }


@pytest.mark.parametrize("language", ["id", "en"])
async def test_everybody_can_read_the_report(language):
    html = backtest_page(shown(), language)
    async with chromium() as browser:
        page = await browser.new_page(java_script_enabled=True)
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        await page.set_content(html)
        assert await page.locator("svg rect").count() >= 6
        assert await page.locator("mark").count() > 0
        assert await page.locator("td b").count() == 0
        await judge(page)
        assert asked == []


async def test_everybody_can_read_the_list_of_backtests():
    one = {**shown(), "state": "failed", "problem": "process_ended"}
    asked = Request({"type": "http", "query_string": b"lang=en", "headers": []})
    listed = BacktestPage.model_validate({"items": [one, one | {"state": "queued"}]})
    html = bytes(listing(asked, listed, "/v1/backtests?cursor=x&limit=2").body).decode()
    async with chromium() as browser:
        page = await browser.new_page()
        await page.set_content(html)
        await page.add_style_tag(path=STATIC / "pages.css")
        assert await page.locator("tbody a").count() == 2
        await judge(page)
