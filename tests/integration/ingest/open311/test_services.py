import re
from html import escape
from pathlib import Path

import pytest

from lintas_local.pack import load_pack

PACK = Path(__file__).parents[4] / "deploy" / "packs" / "bogor"
pytestmark = pytest.mark.stack


async def test_discovery_says_what_this_server_is(city):
    found = await city.both("discovery")
    assert set(found) == {"changeset", "contact", "key_service", "endpoints"}
    assert all(found.values())
    assert found["endpoints"] == [
        {
            "specification": "http://wiki.open311.org/GeoReport_v2",
            "url": "https://lapor.example/open311/v2",
            "changeset": found["changeset"],
            "type": "production",
            "formats": ["text/xml", "application/json"],
        },
        {
            "specification": "http://wiki.open311.org/GeoReport/bulk",
            "url": "https://lapor.example/open311/v2/bulk",
            "changeset": found["changeset"],
            "type": "production",
            "formats": ["text/csv", "text/xml", "application/json"],
        },
    ]


async def test_every_address_that_discovery_lists_answers_in_each_of_its_formats(city):
    listed = (await city.get("discovery")).json()["endpoints"]
    endings = {"text/csv": "csv", "text/xml": "xml", "application/json": "json"}
    for endpoint in listed:
        path = endpoint["url"].removeprefix("https://lapor.example")
        call = path if path.endswith("/bulk") else f"{path}/services"
        for media_type in endpoint["formats"]:
            answer = await city.http.get(f"{call}.{endings[media_type]}")
            assert answer.status_code == 200, (call, media_type)
            assert answer.headers["content-type"].partition(";")[0] == media_type


@pytest.mark.parametrize("path", ["/open311/v2", "/open311/v2/"])
async def test_a_browser_is_shown_what_discovery_says(city, path):
    found = (await city.get("discovery")).json()
    page = await city.http.get(path, params={"lang": "en"})
    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "Bogor" in page.text
    for told in (found["contact"], found["key_service"], found["changeset"]):
        assert escape(told) in page.text
    for endpoint in found["endpoints"]:
        assert endpoint["url"] in page.text
    opened = re.findall(r'href="(/open311/[^"]+)"', page.text)
    assert "/open311/v2/discovery.xml" in opened
    for link in opened:
        assert (await city.http.get(link)).status_code == 200, link


TYPES = [
    ("discovery", "xml", "text/xml"),
    ("discovery", "json", "application/json"),
    ("services", "xml", "text/xml; charset=utf-8"),
    ("services", "json", "application/json; charset=utf-8"),
    ("requests", "xml", "text/xml; charset=utf-8"),
    ("servicerequestupdates", "json", "application/json; charset=utf-8"),
    ("services/nothing", "xml", "text/xml; charset=utf-8"),
    ("services/nothing", "json", "application/json; charset=utf-8"),
]


async def test_content_types_are_exact(city):
    for call, form, content_type in TYPES:
        assert (await city.get(call, form)).headers["content-type"] == content_type, (call, form)


async def test_every_category_of_the_city_is_a_service_and_one_is_for_the_rest(city):
    services = {one["service_code"]: one for one in await city.both("services")}
    pack = load_pack(PACK)
    assert set(services) == {one.code for one in pack.categories.categories} | {"unsorted"}
    assert services["road_damage"] == {
        "service_code": "road_damage",
        "service_name": "Jalan rusak",
        "description": "Lubang, retak, ambles atau aspal terkelupas di jalan kota.",
        "metadata": True,
        "type": "realtime",
        "keywords": "jalan, lubang, aspal, berlubang, pothole",
        "group": "Jalan dan bangunan air",
    }
    assert services["bridge"]["metadata"] is False
    assert services["unsorted"]["service_name"] == "Lainnya"


async def test_a_definition_says_what_is_asked(city):
    definition = await city.both("services/road_damage")
    first, second = definition["attributes"]
    assert definition["service_code"] == "road_damage"
    assert first == {
        "variable": True,
        "code": "damage",
        "datatype": "singlevaluelist",
        "required": True,
        "datatype_description": None,
        "order": 1,
        "description": "Jenis kerusakan",
        "values": [
            {"key": "pothole", "name": "Lubang"},
            {"key": "cracks", "name": "Retak"},
            {"key": "sunken", "name": "Ambles"},
            {"key": "other", "name": "Lainnya"},
        ],
    }
    assert (second["datatype"], second["order"], second["values"]) == ("number", 2, [])


async def test_a_note_asks_nothing(city):
    [note, *_] = (await city.both("services/flood"))["attributes"]
    assert (note["variable"], note["datatype"], note["required"]) == (False, "text", False)


async def test_a_service_without_attributes_has_an_empty_list(city):
    assert (await city.both("services/bridge"))["attributes"] == []


async def test_the_jurisdiction_is_the_citys_domain_or_left_out(city):
    for jurisdiction in ("kotabogor.go.id", "www.kotabogor.go.id", ""):
        assert await city.both("services", jurisdiction_id=jurisdiction)


async def test_a_start_without_kafka_offers_what_was_learnt_before(city, start, until):
    async with start() as again:

        async def knows() -> bool:
            answer = await again.http.get("/open311/v2/services.json")
            return len(answer.json()) > 1

        await until(knows)
