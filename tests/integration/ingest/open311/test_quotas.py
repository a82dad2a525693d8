"""How much one address may ask, and how it is told."""

import pytest
from tests.open311 import as_text, spark

pytestmark = pytest.mark.stack


async def refused(city, call: str, **fields: str) -> None:
    """Both forms of a 429, as the standard writes errors and HTTP says when to come again."""
    if fields:
        answers = [await city.post(form, call, **fields) for form in ("json", "xml")]
    else:
        answers = [await city.get(call, form) for form in ("json", "xml")]
    plain, xml = answers
    for answer in answers:
        assert answer.status_code == 429
        assert 1 <= int(answer.headers["retry-after"]) <= 3_600
        assert "r=0" in answer.headers["ratelimit"]
        assert answer.headers["ratelimit-policy"]
    [error] = plain.json()
    assert error == {"code": "429", "description": error["description"]}
    assert spark(xml.content) == as_text([error])


GOOD = {"service_code": "bridge", "address_string": "Jembatan Merah", "description": "Retak"}


@pytest.mark.parametrize("call", ["services", "requests", "discovery", "servicerequestupdates"])
async def test_one_address_reads_so_often_a_minute(learned, call):
    async with learned(LINTAS_QUOTA_OPEN311="2") as city:
        for _ in range(2):
            assert (await city.get(call)).status_code == 200
        await refused(city, call)


async def test_one_address_posts_so_often_a_minute_and_what_is_refused_leaves_nothing(learned):
    async with learned(LINTAS_QUOTA_OPEN311="1") as city:
        await refused_after_one(city)


async def test_one_key_posts_so_often_a_minute(learned, keys):
    async with learned(LINTAS_QUOTA_KEY="1") as city:
        await refused_after_one(city)
        # another's share is its own
        other = await city.post(**GOOD | {"api_key": keys["other-door"]})
        assert other.status_code == 200, other.text


async def refused_after_one(city) -> None:
    assert (await city.post(**GOOD)).status_code == 200
    await refused(city, "requests", **GOOD | {"description": "Retak lagi"})
    assert await city.database.fetchval("SELECT count(*) FROM complaint") == 1


async def test_downloads_have_a_quota_of_their_own(learned):
    async with learned(LINTAS_QUOTA_DOWNLOADS="1") as city:
        assert (await city.get("bulk", "csv")).status_code == 200
        await refused(city, "bulk")
        assert (await city.get("requests")).status_code == 200
