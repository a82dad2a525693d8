"""Every documented error answers as documented, in both forms, and never echoes."""

from datetime import UTC, datetime

import httpx2
import pytest
from tests.open311 import as_text, spark

from ingest.app import create_app
from ingest.domain.city import CityDocument

pytestmark = pytest.mark.stack

CANARY = "kanari-5c1e"
CITY = {"ticket_prefix": "BGR", "zone": "Asia/Jakarta"}
GOOD = {
    "service_code": "road_damage",
    "attribute[damage]": "pothole",
    "address_string": "Jalan Pajajaran 12",
    "description": CANARY,
}
UPDATE = {
    "service_request_id": "BGR-2222-2222-2",
    "update_id": "1",
    "status": "OPEN",
    "updated_datetime": "2026-01-31T08:00:00Z",
    "description": CANARY,
}


def errors(answers) -> list[dict]:
    """The list both forms hold."""
    plain, xml = answers
    assert plain.status_code == xml.status_code
    found = plain.json()
    assert spark(xml.content) == as_text(found)
    assert found
    for error in found:
        assert set(error) == {"code", "description"}
        assert error["code"] == str(plain.status_code)
        assert error["description"]
    assert CANARY not in plain.text + xml.text
    return found


READING = [
    ("nothing", {}, 404, "address"),
    ("requests/a/b", {}, 404, "address"),
    ("services/nothing", {}, 404, "service_code"),
    ("requests/BGR-2222-2222-2", {}, 404, "service_request_id"),
    ("requests/nothing", {}, 404, "service_request_id"),
    ("tokens/nothing", {}, 404, "token"),
    ("tokens/6f1f4a52-6a0e-5b0f-9a53-1d2a6c0d9f11", {}, 404, "token"),
    ("services", {"jurisdiction_id": CANARY}, 404, "jurisdiction_id"),
    ("services/road_damage", {"jurisdiction_id": CANARY}, 404, "jurisdiction_id"),
    ("requests", {"jurisdiction_id": CANARY}, 404, "jurisdiction_id"),
    ("tokens/x", {"jurisdiction_id": CANARY}, 404, "jurisdiction_id"),
    ("discovery", {"jurisdiction_id": CANARY}, 404, "jurisdiction_id"),
    ("servicerequestupdates", {"jurisdiction_id": CANARY}, 404, "jurisdiction_id"),
    ("requests", {"status": CANARY}, 400, "status"),
    ("requests", {"start_date": CANARY}, 400, "start_date"),
    ("requests", {"start_date": "2026-01-31"}, 400, "start_date"),
    ("requests", {"end_date": "2026-01-31T08:00:00"}, 400, "end_date"),
    (
        "requests",
        {"start_date": "2026-01-01T00:00:00Z", "end_date": "2026-06-01T00:00:00Z"},
        400,
        "end_date",
    ),
    (
        "servicerequestupdates",
        {"start_date": "2026-02-01T00:00:00Z", "end_date": "2026-01-01T00:00:00Z"},
        400,
        "end_date",
    ),
    ("requests/BGR-2222-2222-2", {"jurisdiction_id": CANARY}, 404, "jurisdiction_id"),
    ("servicerequestupdates", {"start_date": CANARY}, 400, "start_date"),
    ("requests", {"page": "0"}, 400, "page"),
    ("requests", {"page_size": CANARY}, 400, "page_size"),
    ("requests", {"extensions": CANARY}, 400, "extensions"),
]


async def test_what_cannot_be_read_is_refused_by_the_standard(city):
    for call, query, status, names in READING:
        answers = [await city.get(call, form, **query) for form in ("json", "xml")]
        found = errors(answers)
        assert answers[0].status_code == status, (call, query)
        assert names in found[0]["description"], (call, query)


POSTING = [
    ("requests", GOOD | {"api_key": ""}, 403, "api_key"),
    ("requests", GOOD | {"api_key": CANARY}, 403, "api_key"),
    ("requests", GOOD | {"api_key": ["a", "b"]}, 403, "api_key"),
    ("requests", GOOD | {"service_code": "", "api_key": "x"}, 403, "api_key"),
    ("requests", GOOD | {"service_code": ""}, 400, "service_code"),
    ("requests", GOOD | {"service_code": CANARY}, 404, "service_code"),
    ("requests", GOOD | {"service_code": ["garbage", "tree"]}, 400, "service_code"),
    ("requests", GOOD | {"jurisdiction_id": CANARY}, 404, "jurisdiction_id"),
    ("requests", GOOD | {"address_string": ""}, 400, "address_string"),
    ("requests", GOOD | {"lat": "-6.6"}, 400, "long"),
    ("requests", GOOD | {"long": "106.8"}, 400, "lat"),
    ("requests", GOOD | {"lat": "91", "long": "0"}, 400, "lat"),
    ("requests", GOOD | {"lat": "nan", "long": "0"}, 400, "lat"),
    ("requests", GOOD | {"lat": CANARY, "long": "0"}, 400, "lat"),
    ("requests", GOOD | {"attribute[damage]": ""}, 400, "damage"),
    ("requests", GOOD | {"attribute[damage]": CANARY}, 400, "damage"),
    ("requests", GOOD | {"attribute[damage]": ["pothole", "cracks"]}, 400, "damage"),
    ("requests", GOOD | {"attribute[width_m]": "lebar"}, 400, "width_m"),
    ("requests", GOOD | {"description": CANARY * 500}, 400, "description"),
    ("requests", GOOD | {"media_url": "javascript:alert(1)"}, 400, "media_url"),
    ("requests", GOOD | {"description": f"a\x00{CANARY}"}, 400, "description"),
    ("requests", GOOD | {"title": f"a\x00{CANARY}"}, 400, "title"),
    ("requests", GOOD | {"address_string": f"a\x00{CANARY}"}, 400, "address_string"),
    ("requests", GOOD | {"first_name": f"a\x00{CANARY}"}, 400, "first_name"),
    ("requests", GOOD | {"email": f"a\x00{CANARY}"}, 400, "email"),
    ("requests", GOOD | {"attribute[colour]": f"a\x00{CANARY}"}, 400, "colour"),
    ("servicerequestupdates", UPDATE | {"api_key": ""}, 403, "api_key"),
    ("servicerequestupdates", UPDATE | {"api_key": CANARY}, 403, "api_key"),
    ("servicerequestupdates", UPDATE | {"jurisdiction_id": CANARY}, 404, "jurisdiction_id"),
    ("servicerequestupdates", UPDATE | {"service_request_id": CANARY}, 404, "service_request_id"),
    ("servicerequestupdates", UPDATE | {"service_request_id": ""}, 400, "service_request_id"),
    ("servicerequestupdates", UPDATE | {"media_url": CANARY}, 400, "media_url"),
    ("servicerequestupdates", UPDATE | {"title": f"a\x00{CANARY}"}, 400, "title"),
    ("servicerequestupdates", UPDATE, 404, "service_request_id"),
    ("servicerequestupdates", UPDATE | {"update_id": ""}, 400, "update_id"),
    ("servicerequestupdates", UPDATE | {"status": "open"}, 400, "status"),
    ("servicerequestupdates", UPDATE | {"updated_datetime": "now"}, 400, "updated_datetime"),
    ("servicerequestupdates", UPDATE | {"description": " "}, 400, "description"),
]


async def test_what_cannot_be_posted_is_refused_by_the_standard_and_leaves_nothing(city):
    for call, fields, status, names in POSTING:
        answers = [await city.post(form, call, **fields) for form in ("json", "xml")]
        found = errors(answers)
        assert answers[0].status_code == status, (call, fields)
        assert names in found[0]["description"], (call, fields, found)
    assert await city.database.fetchval("SELECT count(*) FROM complaint") == 0


async def test_every_field_that_is_wrong_is_named_at_once(city):
    fields = GOOD | {"lat": "x", "long": "y", "email": "e" * 999}
    answers = [await city.post(form, **fields) for form in ("json", "xml")]
    assert {error["description"].partition(":")[0] for error in errors(answers)} == {
        "lat",
        "long",
        "email",
    }


async def test_a_key_without_the_scope_may_not_post(city, keys):
    answers = [await city.post(form, **GOOD | {"api_key": keys["agency-gateway"]}) for form in ("json", "xml")]  # fmt: skip
    errors(answers)
    assert answers[0].status_code == 403


URLENCODED = "application/x-www-form-urlencoded"
BODIES = [
    pytest.param(b"api_key=%ff%fe", URLENCODED, 400, id="not UTF-8, escaped"),
    pytest.param(b"api_key=\xff\xfe", URLENCODED, 400, id="not UTF-8"),
    pytest.param(b"&".join(b"a=1" for _ in range(300)), URLENCODED, 400, id="300 fields"),
    pytest.param(b"x" * 100_000, URLENCODED, 403, id="no field at all"),
    pytest.param(b"[" * 100_000, "application/json", 400, id="JSON"),
    pytest.param(b"", "", 400, id="nothing at all"),
    pytest.param(b"--b\r\n", "multipart/form-data", 400, id="multipart without a boundary"),
    pytest.param(b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\nx', "multipart/form-data; boundary=b", 403, id="multipart that ends early"),
    pytest.param(b"--b\r\nNonsense\r\n\r\nx\r\n--b--", "multipart/form-data; boundary=b", 400, id="multipart without names"),
    pytest.param(b"x" * (17 * 1024 * 1024), URLENCODED, 413, id="17 MiB"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "content_type", "status"), BODIES)
async def test_a_hostile_form_is_refused_and_leaves_nothing(city, body, content_type, status):
    answers = [
        await city.http.post(
            f"/open311/v2/requests.{form}", content=body, headers={"Content-Type": content_type}
        )
        for form in ("json", "xml")
    ]
    errors(answers)
    assert answers[0].status_code == status, answers[0].text
    assert await city.database.fetchval("SELECT count(*) FROM complaint") == 0


async def test_a_method_that_is_not_there_is_refused_in_the_same_shape(city):
    answer = await city.http.delete("/open311/v2/requests.json")
    assert answer.status_code == 405
    assert answer.json()[0]["code"] == "405"


@pytest.mark.parametrize("path", ["services", "services.html", "services.json/", "Services.xml"])
async def test_a_form_that_is_not_spoken_is_not_there(city, path):
    answer = await city.http.get(f"/open311/v2/{path}", headers={"Accept": "text/html"})
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "text/xml; charset=utf-8"
    assert spark(answer.content)[0]["code"] == "404"


async def test_a_database_that_is_away_is_a_400_that_says_when_to_come_again(environ, keys):
    away = {"LINTAS_DATABASE_URL": "postgresql+asyncpg://nobody@127.0.0.1:9/nothing"}
    app = create_app(environ | away)
    cities = app.state.deps.cities
    cities.learn([CityDocument("bogor", "1", None, None, datetime(2026, 1, 1, tzinfo=UTC), CITY)])
    transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
    base = "http://ingest/open311/v2"
    async with httpx2.AsyncClient(transport=transport) as http:
        reading = await http.get(f"{base}/requests.json")
        fields = {"service_code": "unsorted", "address_string": "x", "description": CANARY}
        posting = await http.post(
            f"{base}/requests.json", data=fields | {"api_key": keys["front-door"]}
        )
    for answer in (reading, posting):
        assert answer.status_code == 400
        assert answer.headers["retry-after"]
        assert [error["code"] for error in answer.json()] == ["400"]
        assert CANARY not in answer.text
