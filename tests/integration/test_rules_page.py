"""The page of differences in Chromium: without scripts, and as axe judges it."""

import pytest
from tests.browsing import MARKS, chromium, judge
from tests.routers import document, running
from tests.serving import served

from lintas_local.stack import Stack
from router.app import migrate

pytestmark = MARKS


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("width", [390, 1280], ids=["phone", "desktop"])
async def test_the_page_of_differences_is_accessible(language, width, stack: Stack):
    await migrate(stack.environ("router", owner=True))
    old, new = document("lubang"), document("selokan", agencies=["dpupr"])
    new["rules"].append({**new["rules"][0], "id": "drain", "any": [{"regex": "got\\s+buntu"}]})
    async with running(stack) as router, served(router.app) as (host, port), chromium() as browser:
        for one in (old, new):
            assert (await router.post("/v1/rulesets", one)).status_code == 201
        page = await browser.new_page(
            java_script_enabled=True,
            locale=language,
            viewport={"width": width, "height": 800},
            extra_http_headers={"Authorization": router.client.headers["Authorization"]},
        )
        path = f"/aturan/{new['version']}/perubahan?terhadap={old['version']}&lang={language}"
        await page.goto(f"http://{host}:{port}{path}")
        await judge(page)
        assert await page.locator("ins", has_text="selokan").count() == 1
        assert await page.locator("html").get_attribute("lang") == language
        wide = await page.evaluate("document.documentElement.scrollWidth > innerWidth")
        assert not wide
