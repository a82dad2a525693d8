"""The smaller set, in every run of the tests; `make history` has both."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from tests.e2e.city import City, end, start_up

from .comparing import compare
from .history import SURABAYA, Result, kpis, run

pytestmark = [
    pytest.mark.stack,
    pytest.mark.skipif(SURABAYA.missing is not None, reason=str(SURABAYA.missing)),
]


@pytest.fixture(scope="module")
def city(home_folder: Path) -> Iterator[City]:
    city = start_up(home_folder / "surabaya", SURABAYA.folder / "pack")
    try:
        yield city
    finally:
        end(city)


@pytest.fixture(scope="module")
def result(city: City) -> Result:
    return compare(SURABAYA, city, run(SURABAYA, city))


def test_every_row_is_a_complaint(result: Result):
    assert (result.imported["rows"], result.imported["accepted"]) == (SURABAYA.rows, SURABAYA.rows)
    assert result.imported["rejected"] == 0


def test_every_figure_equals_the_one_computed_elsewhere(result: Result):
    assert len(result.figures) == 340
    assert result.differing == []


def test_importing_twice_changes_nothing(result: Result):
    assert result.again["unchanged"] == SURABAYA.rows
    assert result.changed == []


def test_history_promises_nothing_by_todays_policies(city: City, result: Result):
    rows = kpis(SURABAYA, city, metric="sla_compliance")["kpis"]
    assert {row["stage"]: row["n"] for row in rows} == {"first_response": 0, "resolution": 0}
    assert {row["excluded"]["no_target"] for row in rows} == {SURABAYA.rows}


def test_the_page_of_an_imported_complaint_says_that_it_was_answered(city: City, result: Result):
    told: dict[str, dict[str, dict[str, Any]]] = {}
    for record in city.records("lintas.complaints.v1"):
        kind = dict(record.headers)["ce_type"].decode().split(".")[2]
        body = json.loads(record.value or b"")
        told.setdefault(body["complaint_id"], {})[kind] = body
    facts = next(facts for facts in told.values() if "answered_elsewhere" in facts)
    ticket = facts["registered"]["ticket"]
    with city.client("ingest") as ingest:
        shown = ingest.get(f"/v1/complaints/{ticket}").json()
        page = ingest.get(f"/lacak/{ticket}")
    assert shown["status"] == "answered"
    assert shown["promised_at"] is None
    assert shown["received_at"] == facts["registered"]["received_at"]
    assert page.status_code == httpx2.codes.OK
    assert shown["status_text"]["id"] in page.text
