"""`lintas import --history` against a running city, with rows of our own making."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from .city import CHECKOUT, LINTAS, City, wait_until

pytestmark = pytest.mark.stack

MAPPING = """
source: a-former-desk
format: csv
times: {zone: "+07:00"}
id: number
text: [words]
channel: desk
agency: {column: office, values: {Roads: dpupr, Waste: dlh}}
received_at: came
answered_at: answered
closed_at: closed
"""
ROWS = """\
number,words,office,came,answered,closed
1,Jalan berlubang di dekat pasar,Roads,2023-03-06T09:00:00,2023-03-06T12:00:00,2023-03-07T09:00:00
2,Sampah menumpuk sejak kemarin,Waste,2023-03-06T09:00:00,2023-03-06T10:00:00,
3,Sampah menumpuk sejak kemarin,Waste,2023-03-06T10:00:00,,
4,Siapa yang menjawab ini,Nobody,2023-03-06T10:00:00,,
5,,Roads,kemarin,,
"""
AS_OF = "2023-06-01T00:00:00+07:00"


@pytest.fixture(scope="module")
def files(home_folder: Path) -> Path:
    folder = home_folder / "past"
    folder.mkdir()
    (folder / "mapping.yaml").write_text(MAPPING, encoding="utf-8")
    (folder / "rows.csv").write_text(ROWS, encoding="utf-8")
    return folder


def imported(city: City, files: Path, *options: str) -> tuple[int, dict[str, Any]]:
    command = [LINTAS, "import", "--history", "--json", "--mapping", files / "mapping.yaml"]
    done = subprocess.run(
        [*command, *options, files / "rows.csv"],
        cwd=CHECKOUT,
        env=city.environ(),
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, json.loads(done.stdout)


def kpis(city: City, **query: str) -> list[dict[str, Any]]:
    with city.client("metrics") as metrics:
        asked = {"origin": "import", "as_of": AS_OF, **query}
        return metrics.get("/v1/kpis", params=asked).json()["kpis"]


def facts(city: City) -> set[str]:
    """Ids of every fact about an imported complaint."""
    return {
        dict(record.headers)["ce_id"].decode()
        for record in city.records("lintas.complaints.v1")
        if b'"origin":"import"' in (record.value or b"")
    }


def test_a_past_is_imported_once_told_by_row_and_counted_where_asked_for(city: City, files: Path):
    report = files / "report.ndjson"
    status, answer = imported(city, files, "--report", str(report))
    assert (status, answer["rows"], answer["accepted"], answer["rejected"]) == (1, 5, 3, 2)
    assert [json.loads(line) for line in report.read_text(encoding="utf-8").splitlines()] == [
        {
            "line": 5,
            "field": "office",
            "expected": "one of the values that the mapping lists",
        },
        {"line": 6, "field": "came", "expected": "a time as `iso` says"},
    ]
    wait_until(city, lambda: kpis(city, metric="counts")[0]["registered"] == 3, "three complaints")
    [row] = kpis(city, metric="first_response", clock="wall")
    assert (row["n"], row["n_open"]) == (0, 2)
    [row] = kpis(city, metric="first_response", clock="wall", imported_answers="true")
    assert (row["n"], row["n_open"], row["p50_s"]) == (2, 1, 7_200.0)
    told = facts(city)
    status, again = imported(city, files)
    assert (status, again["unchanged"], again["opened"]) == (1, 3, 0)
    assert facts(city) == told


def test_the_chain_of_an_imported_complaint_holds_and_its_open_work_is_queued(city: City):
    officer = city.session("petugas.dlh")
    with city.client("agency-gateway", officer) as gateway:
        queue = gateway.get("/v1/agencies/dlh/queue", params={"channel": "desk"}).json()["items"]
        # answered ones ask for nothing; what is still open has no deadline of today
        assert [item["due_at"] for item in queue] == [None]
        audit = gateway.get(f"/v1/audit/{queue[0]['complaint_id']}").json()
    assert audit["verified"]
    assert [fact["type"].split(".")[2] for fact in audit["items"]] == ["registered", "assigned"]
