"""Past complaints of two cities, imported as an operator does it. Only aggregate figures leave a set."""

import json
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx2
import yaml
from tests.beside import DATA
from tests.e2e.city import CHECKOUT, LINTAS, City, end, start_up

HERE = Path(__file__).parent
#: topics with a record for every complaint
TOPICS = ("lintas.mentions.v1", "lintas.routing.v1", "lintas.complaints.v1")
_PATIENCE_S = 900


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
    """Import, wait for the figures, import again."""
    started = time.monotonic()
    imported = import_set(which, city)
    wait_for(which, city, which.rows)
    seconds = round(time.monotonic() - started, 1)
    before = snapshot(which, city)
    assert before["new mentions"] == which.rows
    again = import_set(which, city)
    after = snapshot(which, city)
    changed = [name for name, value in before.items() if after[name] != value]
    return Result(which.name, which.rows, imported, again, seconds, changed)


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
        # every question costs time that the import needs
        time.sleep(0.5)


def snapshot(which: DataSet, city: City) -> dict[str, object]:
    """What must not change: what was accepted, distinct ids of the topics, the bytes of the figures.

    What is accepted and not yet on a topic is seen by the services' own counters, which move with
    the commit; so there is nothing to wait for.
    """
    ids = {topic: set() for topic in TOPICS}
    numbers = dict.fromkeys(TOPICS, 0)
    for record in city.records(*TOPICS):
        ids[record.topic].add(dict(record.headers)["ce_id"])
        numbers[record.topic] += 1
    with city.client("metrics") as metrics:
        figures = metrics.get("/v1/kpis", params={"as_of": which.as_of, "group_by": "agency"})
    return {
        **{name: counted(city, *of) for name, of in _COUNTERS.items()},
        **ids,
        **{f"{topic} records": n for topic, n in numbers.items()},
        "kpis": figures.content,
    }


_COUNTERS = {
    "new mentions": ("ingest", "lintas_mentions_total{", 'outcome="new"'),
    "states of complaints": ("agency-gateway", "lintas_transitions_total{", ""),
}


def counted(city: City, service: str, name: str, label: str) -> float:
    """The sum of a service's counter, over the lines with a label."""
    with city.client(service) as client:
        lines = client.get("/metrics").text.splitlines()
    return sum(
        float(line.rpartition(" ")[2]) for line in lines if line.startswith(name) and label in line
    )


def kpis(which: DataSet, city: City, **query: str | None) -> dict[str, Any]:
    """The answer of `GET /v1/kpis` as of the set's end."""
    asked = {name: value for name, value in query.items() if value is not None}
    with city.client("metrics") as metrics:
        answer = metrics.get("/v1/kpis", params={"as_of": which.as_of, **asked}, timeout=60)
    assert answer.status_code == httpx2.codes.OK, answer.text
    return answer.json()
