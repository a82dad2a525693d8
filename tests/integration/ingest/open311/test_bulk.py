"""All requests as one download: three forms that say the same, and what none of them says."""

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest
from tests.open311 import as_text, spark

from ingest.api.open311 import bulk
from lintas.contracts.events import complaints

pytestmark = pytest.mark.stack

REGISTERED, CLOSED = complaints.ComplaintRegistered, complaints.ComplaintClosed
FIELDS = [
    "service_request_id", "requested_datetime", "updated_datetime", "closed_date",
    "status_description", "status_notes", "source", "service_name", "service_subtype",
    "description", "agency_responsible", "address", "lat", "long",
]  # fmt: skip
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xml": "text/xml; charset=utf-8",
    "json": "application/json; charset=utf-8",
}


@pytest.fixture
async def city(learned):
    """One that lets an address download as often as the tests do."""
    async with learned(LINTAS_QUOTA_DOWNLOADS="100") as city:
        yield city


async def downloaded(city, **query: str) -> list[dict]:
    """What the three forms hold, once they are known to hold the same."""
    answers = {form: await city.get("bulk", form, **query) for form in TYPES}
    for form, answer in answers.items():
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == TYPES[form]
        assert answer.headers["content-disposition"] == f'attachment; filename="requests.{form}"'
    found = answers["json"].json()
    assert spark(answers["xml"].content) == as_text(found)
    table = csv.DictReader(io.StringIO(answers["csv"].text, newline=""), strict=True)
    rows = [{name: text or None for name, text in row.items()} for row in table]
    assert table.fieldnames == FIELDS
    assert [*map(safe, rows)] == [*map(safe, as_text(found))]
    assert answers["csv"].text.endswith("\r\n")
    return found


def safe(row: dict) -> dict:
    """A row without the sign that keeps a cell from being run."""
    return {name: text and text.removeprefix("'") for name, text in row.items()}


async def test_every_request_is_listed_with_the_fields_of_the_draft(city):
    first = await city.posted(
        lat="-6.5971", long="106.806", description='Lubang "besar", dalam\nsekali'
    )
    second = await city.posted(description="Sudah selesai")
    await city.told(second, REGISTERED, complaints.ComplaintAssigned, CLOSED)
    newest, oldest = await downloaded(city)
    assert [*newest] == [*oldest] == FIELDS
    assert (newest["service_request_id"], oldest["service_request_id"]) == (second, first)
    assert newest["closed_date"] == newest["updated_datetime"]
    assert newest["status_description"] == "closed"
    requested, updated = oldest.pop("requested_datetime"), oldest.pop("updated_datetime")
    assert requested == updated
    assert oldest == {
        "service_request_id": first,
        "closed_date": None,
        "status_description": "open",
        "status_notes": "Laporan Anda sudah kami terima dan akan segera ditangani.",
        "source": "open311",
        "service_name": "Jalan rusak",
        "service_subtype": None,
        "description": 'Lubang "besar", dalam\nsekali\n\nJenis kerusakan: Lubang',
        "agency_responsible": None,
        "address": "Jalan Pajajaran 12, Bogor Tengah, Kota Bogor",
        "lat": -6.5971,
        "long": 106.806,
    }


async def test_without_requests_each_form_is_whole(city):
    assert await downloaded(city) == []


async def test_a_download_goes_on_beyond_a_page_and_misses_none(city, monkeypatch):
    monkeypatch.setattr(bulk, "PAGE", 2)
    tickets = [await city.posted(description=f"Laporan {one}") for one in range(6)]
    # also where several came at one moment
    await city.database.execute(
        "UPDATE open311_request SET requested_at = date_trunc('hour', requested_at)"
    )
    await city.database.execute(
        "UPDATE open311_request SET requested_at = requested_at - interval '400 days' WHERE"
        " complaint_id = (SELECT complaint_id FROM complaint WHERE ticket = $1)",
        tickets[3],
    )
    found = [one["service_request_id"] for one in await downloaded(city)]
    assert sorted(found) == sorted(tickets)
    assert found[-1] == tickets[3]


async def test_a_download_is_filtered(city):
    open_one = await city.posted()
    closed = await city.posted(service_code="bridge", description="Retak")
    await city.told(closed, (REGISTERED, {"category": "bridge"}), CLOSED)
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    for query, wanted in (
        ({"status": "open"}, [open_one]),
        ({"status": "closed"}, [closed]),
        ({"service_code": "bridge,nothing"}, [closed]),
        ({"start_date": "2020-01-01T00:00:00Z"}, [closed, open_one]),
        ({"end_date": "2020-01-01T00:00:00Z"}, []),
        ({"start_date": tomorrow}, []),
    ):
        found = [one["service_request_id"] for one in await downloaded(city, **query)]
        assert found == wanted, query


FORMULAS = ["=1+1", "+62", "-1", "@ 1", " =1+1", "\t=1", "\uff1d1", "|x", "%x"]


@pytest.mark.parametrize("formula", FORMULAS)
async def test_no_cell_is_a_formula(city, formula):
    await city.posted(description=formula, address_string=f"{formula.strip()} x", lat=-6, long=-1)
    await downloaded(city)
    answer = await city.get("bulk", "csv")
    [row] = csv.DictReader(io.StringIO(answer.text, newline=""))
    assert row["description"].startswith("'")
    assert row["address"].startswith("'")
    # a number is no formula
    assert (row["lat"], row["long"]) == ("-6.0", "-1.0")


async def test_a_secret_request_is_in_no_download(city):
    ticket = await city.posted(non_public="1", description="Rahasia sekali")
    await city.told(ticket, REGISTERED, complaints.ComplaintAssigned)
    shown = await city.posted(description="Terbuka", email="a@b.example", first_name="Budi")
    for form in TYPES:
        answer = await city.get("bulk", form)
        assert shown in answer.text
        for hidden in (ticket, "Rahasia", "a@b.example", "Budi"):
            assert hidden not in answer.text


REFUSED = [
    ("bulk.html", {}, 404),
    ("bulk", {}, 404),
    ("bulk.csv", {"jurisdiction_id": "x"}, 404),
    ("bulk.csv", {"start_date": "x"}, 400),
    ("bulk.csv", {"status": "x"}, 400),
    (
        "bulk.csv",
        {"start_date": "2026-02-01T00:00:00Z", "end_date": "2026-01-01T00:00:00Z"},
        400,
    ),
]


async def test_what_cannot_be_downloaded_is_refused_by_the_standard(city):
    for path, query, status in REFUSED:
        answer = await city.http.get(f"/open311/v2/{path}", params=query)
        assert answer.status_code == status, (path, answer.text)
        assert spark(answer.content)[0]["code"] == str(status)
