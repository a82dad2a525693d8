"""Generic clients against a real socket: what they list, post, exchange and follow."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any
from urllib.parse import parse_qsl

import pytest
import requests
from georeport import GeoReport
from PIL import Image
from tests.beside import PAYLOADS
from tests.open311 import spark
from tests.serving import served

from lintas.contracts.events import complaints

pytestmark = pytest.mark.stack

DOMAIN = "kotabogor.go.id"


@pytest.fixture
async def address(city) -> AsyncIterator[str]:
    """Where the server listens."""
    async with served(city.app) as (host, port):
        yield f"http://{host}:{port}/open311/v2"


async def apart(call: Any, *args: Any, **more: Any) -> Any:
    """A blocking client's call, while the server runs here."""
    return await asyncio.to_thread(call, *args, **more)


def picture() -> bytes:
    """A small photograph."""
    kept = BytesIO()
    Image.new("RGB", (8, 8), "red").save(kept, "PNG")
    return kept.getvalue()


class ThreeLike:
    """The calls of the generic client `three`: paths, names and encodings as it sends them."""

    def __init__(self, endpoint: str, *, api_key: str, jurisdiction: str, form: str) -> None:
        self.endpoint, self.api_key, self.jurisdiction = endpoint + "/", api_key, jurisdiction
        self.form = form
        self.session = requests.Session()

    def get(self, *path: str, **query: Any) -> Any:
        if "count" in query:
            query["page_size"] = query.pop("count")
        if "between" in query:
            # days as Americans write them, each from its midnight in UTC
            days = [datetime.strptime(day, "%m-%d-%Y") for day in query.pop("between")]  # noqa: DTZ007
            query["start_date"], query["end_date"] = (f"{day:%Y-%m-%dT%H:%M:%SZ}" for day in days)
        query["jurisdiction_id"] = self.jurisdiction
        url = f"{self.endpoint}{'/'.join(path)}.{self.form}"
        return self._told(self.session.get(url, params=query))

    def post(self, service_code: str, *, media: Any = None, **fields: Any) -> Any:
        if "name" in fields:
            fields["first_name"], fields["last_name"] = fields.pop("name").split(" ")
        if "address" in fields:
            fields["address_string"] = fields.pop("address")
        fields |= {
            "service_code": service_code,
            "jurisdiction_id": self.jurisdiction,
            "api_key": self.api_key,
        }
        files = {"media": media} if media else None
        url = f"{self.endpoint}requests.{self.form}"
        return self._told(self.session.post(url, data=fields, files=files))

    def _told(self, answer: requests.Response) -> Any:
        return answer.json() if self.form == "json" else spark(answer.content)


@pytest.mark.parametrize("form", ["json", "xml"])
async def test_georeport_lists_and_reads(city, address, form):
    tickets = [await city.posted(description=f"Lubang {one}") for one in range(2)]
    client = GeoReport(address, jurisdiction=DOMAIN, output_format=form)
    services = await apart(client.get_service_list)
    assert {"road_damage", "unsorted"} <= {one["service_code"] for one in services}
    definition = await apart(client.get_service_definition, "road_damage")
    assert definition["service_code"] == "road_damage"
    listed = await apart(client.get_service_requests, status="open")
    assert {one["service_request_id"] for one in listed} == set(tickets)
    one = await apart(client.get_service_request, tickets[0])
    assert one["service_request_id"] == tickets[0]
    assert one["address"]


@pytest.mark.parametrize("form", ["json", "xml"])
async def test_three_discovers_posts_exchanges_lists_and_follows(city, address, form):
    await city.answers_with("tree", "token")
    client = ThreeLike(address, api_key=city.key, jurisdiction=DOMAIN, form=form)
    assert (await apart(client.get, "discovery"))["endpoints"]
    assert await apart(client.get, "services")
    assert (await apart(client.get, "services", "road_damage"))["attributes"]
    [posted] = await apart(
        client.post,
        "bridge",
        name="Budi Santoso",
        address="Jembatan Merah",
        description="Retak",
    )
    ticket = posted["service_request_id"]
    [request] = await apart(client.get, "requests", ticket)
    assert request["description"] == "Retak"
    photograph = ("a.png", picture(), "image/png")
    [posted] = await apart(client.post, "tree", lat=-6.6, long=106.8, media=photograph)
    [exchanged] = await apart(client.get, "tokens", posted["token"])
    assert exchanged["token"] == posted["token"]
    assert len(await apart(client.get, "requests", count=1)) == 1
    assert len(await apart(client.get, "requests", service_code="bridge")) == 1
    now = datetime.now(UTC)
    month = [f"{now + timedelta(days=days):%m-%d-%Y}" for days in (-30, 1)]
    assert len(await apart(client.get, "requests", between=month)) == 2
    [refused] = await apart(client.get, "requests", between=("01-01-2026", "06-01-2026"))
    assert refused["code"] == "400"
    await city.told(ticket, complaints.ComplaintRegistered, complaints.ComplaintAssigned)
    [update] = await apart(client.get, "servicerequestupdates", between=month)
    assert (update["service_request_id"], update["status"]) == (ticket, "investigating")


async def test_an_update_client_posts_and_follows(city, address):
    """As the largest live client does: updates both ways, keys in the query of its reading."""
    ticket = await city.posted()
    await city.told(ticket, complaints.ComplaintRegistered, complaints.ComplaintAssigned)
    posted = await apart(
        requests.post,
        f"{address}/servicerequestupdates.xml",
        data={
            "api_key": city.key,
            "jurisdiction_id": DOMAIN,
            "service_request_id": ticket,
            "update_id": "9",
            "status": "OPEN",
            "updated_datetime": "2026-01-31T08:00:00Z",
            "description": "Masih berlubang",
            "first_name": "-",
        },
    )
    assert [*spark(posted.content)[0]] == ["update_id", "account_id"]
    found = await apart(
        requests.get,
        f"{address}/servicerequestupdates.xml",
        params={"api_key": city.key, "jurisdiction_id": DOMAIN},
    )
    [update] = spark(found.content)
    assert (update["service_request_id"], update["status"]) == (ticket, "investigating")
    assert re.fullmatch(r"[\w-]+", update["update_id"])
    assert re.fullmatch(r"[\w-]+", ticket)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", update["updated_datetime"])


def recorded(name: str) -> Iterator[tuple[str, str, bytes | None]]:
    """Requests that real clients sent to a mock server."""
    for line in (PAYLOADS / "open311" / name).read_text(encoding="utf-8").splitlines():
        if not line.startswith(("GET ", "POST ")):
            continue
        method, target, *rest = line.split(" ", 3)
        # a body stands as Python's bytes
        body = rest[-1][2:-1].encode() if rest else None
        yield method, target.removeprefix("/v2"), body


@pytest.mark.parametrize(
    "name", ["wire.fixmystreet-Open311.pm.txt", "wire.three-and-georeport.txt"]
)
async def test_what_real_clients_send_is_understood(city, name):
    if not (PAYLOADS / "open311" / name).exists():
        pytest.skip("the recorded requests of the clients are not here")
    ticket = await city.posted()
    known = {
        "jurisdiction_id": DOMAIN,
        "api_key": city.key,
        "service_code": "bridge",
        "service_request_id": ticket,
    }
    token = await city.database.fetchval("SELECT mention_id::text FROM mention")
    paths = {"/JLN.": "/bridge.", "/248.": f"/{ticket}.", "/t1.": f"/{token}."}
    for method, target, body in recorded(name):
        path, _, query = target.partition("?")
        for theirs, ours in paths.items():
            path = path.replace(theirs, ours)
        asked = dict(parse_qsl(query))
        fields = dict(parse_qsl(body.decode())) if body else {}
        for sent in (asked, fields):
            sent |= {key: value for key, value in known.items() if key in sent}
        answer = await city.http.request(
            method, f"/open311/v2{path}", params=asked, data=fields or None
        )
        assert answer.status_code == 200, (method, path, answer.text)
        told = spark(answer.content) if path.endswith(".xml") else answer.json()
        # what they asked of the past is not there any more
        assert told or "start_date" in asked
