"""Imported history held against figures that others computed: run, compare, write down.

`make history` runs it for both sets and writes docs/evidence/history.md. Only aggregate figures
leave a set.
"""

import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx2
import yaml

from tests.e2e.city import CHECKOUT, LINTAS, City, end, start_up

HERE = Path(__file__).parent
DATA = CHECKOUT.parent / "shared" / "data"
EVIDENCE = CHECKOUT / "docs" / "evidence" / "history.md"
RESULTS = CHECKOUT / ".lintas" / "history.json"
#: topics with a record for every complaint
TOPICS = ("lintas.mentions.v1", "lintas.routing.v1", "lintas.complaints.v1")
_PATIENCE_S = 900
_HOUR_S = 3_600


@dataclass(frozen=True)
class DataSet:
    """A source, and figures that were computed from it elsewhere."""

    name: str
    source: Path
    expected: Path
    rows: int
    #: when the source was taken, in its own time
    as_of: str

    @property
    def folder(self) -> Path:
        """Mapping and pack."""
        return HERE / self.name

    @property
    def missing(self) -> str | None:
        """Why it cannot be run here."""
        return None if self.source.exists() else f"{self.source} is not here"

    @property
    def agencies(self) -> Mapping[str, str]:
        """What the source calls an agency -> our code."""
        mapping = yaml.safe_load((self.folder / "mapping.yaml").read_text(encoding="utf-8"))
        return mapping["agency"]["values"]


SURABAYA = DataSet(
    "surabaya",
    DATA / "sby_mediacenter" / "dev.jsonl",
    DATA / "sby_mediacenter" / "expected_kpi_dev.json",
    7_524,
    "2023-12-31T00:00:00+07:00",
)
BOSTON = DataSet(
    "boston",
    DATA / "kpi_311" / "boston_2015.csv.gz",
    DATA / "kpi_311" / "expected_kpi_boston.json",
    121_145,
    "2016-01-13T00:00:00-05:00",
)
SETS = (SURABAYA, BOSTON)


@dataclass(frozen=True)
class Figure:
    """One figure, as expected and as `GET /v1/kpis` says."""

    what: str
    expected: float | None
    found: float | None

    @property
    def equal(self) -> bool:
        """Equal to the last digit that the expectation has."""
        return self.expected == self.found


@dataclass
class Result:
    """What a run came to."""

    name: str
    rows: int
    imported: dict[str, Any]
    again: dict[str, Any]
    #: from the first row to the last complaint in the figures
    seconds: float
    #: changed by the second import
    changed: list[str]
    figures: list[Figure] = field(default_factory=list)
    #: figures that nobody expected, for readers
    beside: dict[str, float | None] = field(default_factory=dict)

    @property
    def differing(self) -> list[Figure]:
        """Figures that are not as expected."""
        return [figure for figure in self.figures if not figure.equal]


@contextmanager
def city_of(which: DataSet) -> Iterator[City]:
    """A running city with the set's pack, its data gone afterwards."""
    with TemporaryDirectory(prefix="lintas-history-", ignore_cleanup_errors=True) as folder:
        city = start_up(Path(folder) / which.name, which.folder / "pack")
        try:
            yield city
        finally:
            end(city)


def run(which: DataSet, city: City) -> Result:
    """Import, wait for the figures, import again, compare."""
    started = time.monotonic()
    imported = import_set(which, city)
    wait_for(which, city, which.rows)
    seconds = round(time.monotonic() - started, 1)
    before = snapshot(which, city)
    again = import_set(which, city)
    # whatever the second import might have written is behind this in every partition
    time.sleep(2)
    after = snapshot(which, city)
    changed = [name for name, value in before.items() if after[name] != value]
    result = Result(which.name, which.rows, imported, again, seconds, changed)
    _COMPARE[which.name](which, city, result)
    return result


def import_set(which: DataSet, city: City) -> dict[str, Any]:
    """`lintas import --history`, as an operator runs it; its answer."""
    mapping = which.folder / "mapping.yaml"
    done = subprocess.run(
        [LINTAS, "import", "--history", "--json", "--mapping", mapping, which.source],
        cwd=CHECKOUT,
        env=city.environ(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2_000:] + done.stderr[-2_000:]
    return json.loads(done.stdout)


def wait_for(which: DataSet, city: City, rows: int) -> None:
    """Return once so many complaints are in the figures and no fact waits for another one."""
    give_up_at = time.monotonic() + _PATIENCE_S
    while True:
        report = kpis(which, city, metric="counts")
        row = report["kpis"][0]
        if row["registered"] == rows and row["undecided"] == 0 == report["n_waiting"]:
            return
        assert time.monotonic() < give_up_at, f"{row['registered']} of {rows} are in the figures"
        time.sleep(0.5)


def snapshot(which: DataSet, city: City) -> dict[str, object]:
    """What must not change: counts, distinct ids of the topics, the bytes of the figures."""
    ids = {topic: set() for topic in TOPICS}
    numbers = dict.fromkeys(TOPICS, 0)
    for record in city.records(*TOPICS):
        ids[record.topic].add(dict(record.headers)["ce_id"])
        numbers[record.topic] += 1
    with city.client("metrics") as metrics:
        figures = metrics.get("/v1/kpis", params={"as_of": which.as_of, "group_by": "agency"})
    return {**ids, **{f"{topic} records": n for topic, n in numbers.items()}, "kpis": figures.content}


def kpis(which: DataSet, city: City, **query: str | None) -> dict[str, Any]:
    """The answer of `GET /v1/kpis` as of the set's end."""
    asked = {name: value for name, value in query.items() if value is not None}
    with city.client("metrics") as metrics:
        answer = metrics.get("/v1/kpis", params={"as_of": which.as_of, **asked}, timeout=60)
    assert answer.status_code == httpx2.codes.OK, answer.text
    return answer.json()


def _hours(seconds: float | None) -> float | None:
    """As the expectations write durations: hours, six decimals."""
    return None if seconds is None else round(seconds / _HOUR_S, 6)


def _surabaya(which: DataSet, city: City, result: Result) -> None:
    expected = json.loads(which.expected.read_text(encoding="utf-8"))
    clocks = {"wall_clock": "wall", "office_hours": "working"}
    groups = {None: expected["overall"]}
    groups |= {which.agencies[name]: value for name, value in expected["by_agency_canon"].items()}
    for rank, suffix in (("nearest_rank", "nearest_rank"), ("linear", "linear")):
        rows = _rows(
            which, city, metric="first_response", imported_answers="true", percentiles=rank
        )
        for group, figures in groups.items():
            for named, clock in clocks.items():
                wanted, row = figures[named], rows[group, clock]
                what = f"first response, {group or 'overall'}, {clock}"
                result.figures += [
                    Figure(f"{what}, n", wanted["n"], row["n"]),
                    Figure(
                        f"{what}, median, {rank}",
                        wanted[f"median_hours_{suffix}"],
                        _hours(row["p50_s"]),
                    ),
                    Figure(
                        f"{what}, p90, {rank}", wanted[f"p90_hours_{suffix}"], _hours(row["p90_s"])
                    ),
                ]
    whole = rows[None, "wall"]
    counts = expected["counts"]
    result.figures += [
        Figure("rows", counts["rows"], which.rows),
        Figure("without an answer", counts["no_first_response"], whole["n_open"]),
        Figure("answered before asked", counts["negative_left_out"], whole["n_flagged"]),
    ]
    for zone, offset in (("wib", "+07:00"), ("utc", "+00:00")):
        for month, rows_then in expected[f"created_by_month_{zone}"].items():
            [row] = kpis(which, city, metric="counts", **_month(month, offset))["kpis"]
            result.figures.append(
                Figure(f"received in {month} ({zone})", rows_then, row["registered"])
            )
    result.beside = {
        "median first response, wall, h": _hours(whole["p50_s"]),
        "p90 first response, wall, h": _hours(whole["p90_s"]),
        "median first response, office hours, h": _hours(rows[None, "working"]["p50_s"]),
        "p90 first response, office hours, h": _hours(rows[None, "working"]["p90_s"]),
    }
    only_ours = _rows(which, city, metric="first_response")[None, "wall"]
    result.figures.append(Figure("first responses confirmed here", 0, only_ours["n"]))


def _month(month: str, offset: str) -> dict[str, str]:
    year, number = (int(part) for part in month.split("-"))
    following = f"{year + number // 12}-{number % 12 + 1:02d}"
    return {"from": f"{month}-01T00:00:00{offset}", "to": f"{following}-01T00:00:00{offset}"}


def _boston(which: DataSet, city: City, result: Result) -> None:
    expected = json.loads(which.expected.read_text(encoding="utf-8"))["boston_2015"]
    percentiles = {50: "p50_s", 90: "p90_s", 95: "p95_s"}
    for rank in ("nearest_rank", "linear"):
        for negative, named in (("keep", "all"), ("flag", "nonneg")):
            rows = _rows(
                which, city, metric="resolution", clock="wall", percentiles=rank, negative=negative
            )
            wanted, row = expected[f"resolution_hours_{named}"], rows[None, "wall"]
            what = f"resolution, negatives {'kept' if negative == 'keep' else 'flagged'}"
            result.figures.append(Figure(f"{what}, n", wanted["n"], row["n"]))
            for percent, field_name in percentiles.items():
                result.figures.append(
                    Figure(
                        f"{what}, p{percent}, {rank}",
                        wanted[f"p{percent}_{rank}"],
                        _hours(row[field_name]),
                    )
                )
            if negative == "flag":
                flagged = Figure("closed before opened", expected["negative_durations"], row["n_flagged"])
                result.figures += [flagged, Figure("open", expected["open"], row["n_open"])]
                continue
            for subject, figures in expected["by_subject"].items():
                row = rows[which.agencies[subject], "wall"]
                result.figures.append(Figure(f"{subject}, n", figures["closed_n"], row["n"]))
                for percent, field_name in percentiles.items():
                    result.figures.append(
                        Figure(
                            f"{subject}, p{percent}, {rank}",
                            figures[f"closed_p{percent}_{rank}"],
                            _hours(row[field_name]),
                        )
                    )
    for variant, rate in expected["sla_rate"].items():
        [row] = kpis(which, city, metric="sla_compliance", sla_variant=variant)["kpis"]
        result.figures.append(Figure(f"deadlines kept, {variant}", rate, row["compliance"]))
        left_out = row["excluded"].get("unjudged", 0)
        result.figures.append(
            Figure(f"without a verdict, {variant}", expected["published_label"]["NULL"], left_out)
        )
        if variant == "closed_with_target":
            judged = expected["sla_label_recomputed"]
            result.figures += [
                Figure(f"kept, {variant}", judged["ontime"], row["n_met"]),
                Figure(f"missed, {variant}", judged["overdue"], row["n_breached"]),
            ]
        else:
            labels = expected["published_label"]
            result.figures += [
                Figure(f"kept, {variant}", labels["ONTIME"], row["n_met"]),
                Figure(f"missed, {variant}", labels["OVERDUE"], row["n_breached"]),
            ]
    ours = kpis(which, city, metric="sla_compliance")["kpis"]
    [row] = [row for row in ours if row["stage"] == "resolution"]
    result.beside = {
        "deadlines kept, as_promised": row["compliance"],
        "deadlines kept, closed_with_target": expected["sla_rate"]["closed_with_target"],
        "deadlines kept, published_all_rows": expected["sla_rate"]["published_all_rows"],
    }


_COMPARE: dict[str, Callable[[DataSet, City, Result], None]] = {
    "surabaya": _surabaya,
    "boston": _boston,
}


def _rows(
    which: DataSet, city: City, **query: str
) -> dict[tuple[str | None, str], dict[str, Any]]:
    """A figure's rows, of the whole city and by agency."""
    found = {}
    for grouping in (None, "agency"):
        for row in kpis(which, city, group_by=grouping, **query)["kpis"]:
            if grouping is None or row["group"] is not None:
                found[row["group"], row["clock"]] = row
    return found
