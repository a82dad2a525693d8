"""The bundled day, held against the raw topics by code that shares nothing with the services."""

import hashlib
import json
from typing import Any

import pytest

from lintas.contracts.records import Record
from lintas.contracts.topics import COMPLAINTS, DIRECTORY

from .city import CHECKOUT, City
from .recompute import Raw, Recomputation

pytestmark = pytest.mark.stack

DAY = [
    json.loads(line)
    for line in (CHECKOUT / "deploy/packs/bogor/demo/mentions.ndjson").read_bytes().splitlines()
]
DISTINCT = {(m["channel"], m["account"], m["external_id"]): m for m in DAY}


def raw(records: list[Record]) -> list[Raw]:
    return [
        ({name: value.decode() for name, value in record.headers}, record.value or b"")
        for record in records
    ]


@pytest.fixture(scope="module")
def report(city: City) -> dict[str, Any]:
    with city.client("metrics") as metrics:
        return metrics.get("/v1/kpis").json()


@pytest.fixture(scope="module")
def recomputed(city: City, report: dict[str, Any]) -> Recomputation:
    return Recomputation(
        raw(city.records(COMPLAINTS)), raw(city.records(DIRECTORY)), report["as_of"]
    )


def test_every_distinct_mention_is_accepted_registered_and_decided_once(city: City):
    outcome = city.outcome
    assert outcome["accepted"] == len(DISTINCT)
    assert outcome["registered"] == outcome["accepted"]
    assert outcome["routed"] + outcome["triage"] + outcome["no_action"] == outcome["accepted"]


def test_the_day_is_decided_as_its_authors_expected(city: City):
    expected = [mention["demo"]["expect"]["outcome"] for mention in DISTINCT.values()]
    outcome = city.outcome
    assert {name: outcome[name] for name in ("routed", "triage", "no_action")} == {
        name: expected.count(name) for name in ("routed", "triage", "no_action")
    }


def test_every_published_answer_stands_on_its_ticket_page(city: City):
    assert city.outcome["published"] > 300
    assert city.outcome["delivered"] == city.outcome["published"]


def test_counts_equal_a_recomputation_from_raw_bytes(report, recomputed: Recomputation):
    (row,) = [row for row in report["kpis"] if row["metric"] == "counts"]
    counted = recomputed.counts()
    assert {name: row[name] for name in counted} == counted


@pytest.mark.parametrize("clock", ["wall", "working"])
@pytest.mark.parametrize(
    ("metric", "end", "due"),
    [
        ("time_to_assign", "assigned_at", None),
        ("time_to_accept", "accepted_at", None),
        ("first_response", "answered_at", "first_response_due"),
        ("resolution", "resolved_at", "resolution_due"),
    ],
)
def test_durations_equal_a_recomputation_from_raw_bytes(
    report, recomputed: Recomputation, metric: str, end: str, due: str | None, clock: str
):
    (row,) = [r for r in report["kpis"] if (r["metric"], r["clock"]) == (metric, clock)]
    mine = recomputed.duration(end, clock, due)
    assert row["n"] > 0
    assert (row["n"], row["n_open"], row["n_breached"]) == (
        mine["n"],
        mine["n_open"],
        mine["n_breached"],
    )
    # metrics rounds half up to the microsecond
    assert row["p50_s"] == pytest.approx(mine["p50_s"], abs=1e-6)
    assert row["p90_s"] == pytest.approx(mine["p90_s"], abs=1e-6)


@pytest.mark.parametrize("clock", ["wall", "working"])
def test_backlog_equals_a_recomputation_from_raw_bytes(
    report, recomputed: Recomputation, clock: str
):
    (row,) = [r for r in report["kpis"] if (r["metric"], r["clock"]) == ("backlog", clock)]
    mine = recomputed.backlog(clock)
    assert {name: row[name] for name in ("n", "n_open")} == {
        name: mine[name] for name in ("n", "n_open")
    }
    assert row["p50_s"] == pytest.approx(mine["p50_s"], abs=1e-6)
    assert row["p90_s"] == pytest.approx(mine["p90_s"], abs=1e-6)


@pytest.mark.parametrize(
    ("stage", "reached", "due"),
    [
        ("first_response", "answered_at", "first_response_due"),
        ("resolution", "resolved_at", "resolution_due"),
    ],
)
def test_deadline_compliance_equals_a_recomputation_from_raw_bytes(
    report, recomputed: Recomputation, stage: str, reached: str, due: str
):
    (row,) = [r for r in report["kpis"] if (r["metric"], r["stage"]) == ("sla_compliance", stage)]
    mine = recomputed.promises(reached, due)
    assert {name: row[name] for name in mine} == mine


def test_figures_by_channel_equal_a_recomputation_from_raw_bytes(
    city: City, recomputed: Recomputation
):
    with city.client("metrics") as metrics:
        grouped = metrics.get(
            "/v1/kpis",
            params={
                "metric": "time_to_assign",
                "group_by": "channel",
                "clock": "wall",
                "as_of": recomputed.as_of.isoformat(),
            },
        ).json()
    mine = recomputed.by_channel("assigned_at", "wall")
    assert {row["group"] for row in grouped["kpis"]} == mine.keys()
    for row in grouped["kpis"]:
        assert row["n"] == mine[row["group"]]["n"]
        if row["n"]:
            assert row["p50_s"] == pytest.approx(mine[row["group"]]["p50_s"], abs=1e-6)


def test_the_same_question_gives_the_same_bytes(city: City, report):
    with city.client("metrics") as metrics:
        answers = {
            metrics.get("/v1/kpis", params={"as_of": report["as_of"]}).content for _ in range(3)
        }
    assert len(answers) == 1


def test_every_lifecycle_is_gapless_and_its_hash_chain_holds(city: City):
    """Recomputed from bytes and headers alone; any edit, gap or swap breaks it."""
    last: dict[str, tuple[int, str]] = {}
    for record in city.records(COMPLAINTS):
        headers = {name: value.decode() for name, value in record.headers}
        body = json.loads(record.value or b"")
        seq, previous = last.get(body["complaint_id"], (0, "0" * 64))
        if body["seq"] <= seq:
            continue  # written twice: the relay may repeat
        assert body["seq"] == seq + 1
        assert body["previous_hash"] == previous
        claimed = body.pop("hash")
        covered = body | {
            name: headers[name] for name in ("ce_type", "ce_id", "ce_time", "ce_recordedtime")
        }
        canonical = json.dumps(
            covered, sort_keys=True, separators=(",", ":"), ensure_ascii=False
        ).encode()
        assert hashlib.sha256(previous.encode() + canonical).hexdigest() == claimed
        last[body["complaint_id"]] = (seq + 1, claimed)
    with city.client("metrics") as metrics:
        counts = metrics.get("/v1/kpis", params={"metric": "counts"}).json()["kpis"][0]
    assert len(last) == counts["registered"]


def test_no_service_logged_an_error_or_answered_500(city: City):
    for service in ("ingest", "router", "agency-gateway", "metrics"):
        lines = [
            json.loads(line) for line in city.log(service).splitlines() if line.startswith("{")
        ]
        ours = [line for line in lines if not line["logger"].startswith("aiokafka")]
        # the client calls a coordinator that is still being made an error, and asks again
        assert [line for line in ours if line["level"] in {"error", "critical"}] == []
        with city.client(service) as client:
            assert 'status="500"' not in client.get("/metrics").text
