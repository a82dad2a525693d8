import orjson
import pytest
from tests.bench import report

ORIGIN = {
    "machine": {"cpu": "abacus", "cores": 2, "memory_gb": 4, "kernel": "6", "python": "3.11"},
    "commit": "abc",
    "command": "make bench",
    "at": "2026-11-24T00:00:00+00:00",
}
SIDE = {
    "rate": 1_500.0,
    "min": 1_000.0,
    "max": 2_000.0,
    "cpu_us_per_event": {"ingest": 400.0},
    "cores_busy": {"ingest": 0.97},
    "cores_elsewhere": 0.1,
}


def result(name: str, **more):
    return {
        **{origin: ORIGIN[origin] for origin in ("commit", "command", "at")},
        "name": name,
        "rate": 1_500.0,
        "unit": "mentions/s",
        "yardstick_name": "no logic",
        "yardstick": 2_000.0,
        "ratio": 0.75,
        "target": 0.5,
        "missed": [],
        "service": SIDE,
        "beside": SIDE,
    } | more


def test_a_new_figure_replaces_its_old_one_and_leaves_the_others(tmp_path):
    report.keep(tmp_path, ORIGIN, result("metrics.fold"))
    report.keep(tmp_path, ORIGIN, result("ingest.single", rate=1))
    report.keep(tmp_path, {**ORIGIN, "commit": "def"}, result("ingest.single", rate=2))
    kept = orjson.loads((tmp_path / "bench.json").read_bytes())
    assert [(one["name"], one["rate"], one["commit"]) for one in kept["results"]] == [
        ("ingest.single", 2, "def"),
        ("metrics.fold", 1_500, "abc"),
    ]
    assert kept["machine"] == ORIGIN["machine"]
    assert kept["commit"] == "def"


def test_the_page_shows_every_figure_beside_its_yardstick_with_its_remark():
    kept = {**ORIGIN, "results": [result("ingest.single"), result("metrics.fold", target=None)]}
    page = report.benchmarks_page(kept, {"ingest.single": "Python is the limit."})
    assert (
        "| `ingest.single` | 1,500 mentions/s | 1,000..2,000 | 2,000 | 1,000..2,000 | 0.75 | ≥ 0.5 | `abc`, 2026-11-24T00:00 |"
        in page
    )
    assert "| `metrics.fold` |" in page
    assert "Python is the limit." in page
    assert "cores busy ingest 0.97" in page
    assert "* `make bench`" in page


def test_the_page_says_what_was_missed():
    missed = result("ingest.single", missed=["0.4 of its yardstick, at least 0.5 wanted"])
    page = report.benchmarks_page({**ORIGIN, "results": [missed]}, {})
    assert "**missed**: 0.4 of its yardstick, at least 0.5 wanted | `abc`" in page


def test_a_figure_without_a_yardstick_is_shown_too():
    alone = result("routing.rules_200", yardstick=None, ratio=None, target=None)
    del alone["beside"]
    assert "| - | - | - | - |" in report.benchmarks_page({**ORIGIN, "results": [alone]}, {})
    assert "yardstick" not in report.line(alone)


@pytest.mark.parametrize(
    ("value", "shown"), [(None, "-"), (0.5, "0.5"), (999.9, "999.9"), (12_345.6, "12,346")]
)
def test_figures_are_shown_as_people_read_them(value, shown):
    assert report._number(value) == shown


def test_the_page_of_the_client_names_what_a_ratio_is_held_against():
    row = {"operation": "getone", "rate": 10, "min": 9, "max": 11, "ratio": 0.2, "cpu_us": 5.0}
    client = {
        **ORIGIN,
        "partitions": 3,
        "record_bytes": 600,
        "lot": 500,
        "repeats": 3,
        "rows": [row | {"of": "getmany"}],
        "hops": [{"wait_ms": 500, "p50_ms": 1.0, "p95_ms": 2.0}],
    }
    page = report.kafka_page(client, {"kafka": "All is well."})
    assert "| getone | 10 | 9..11 | 0.2 × getmany | 5.0 |" in page
    assert "| 500 ms | 1.0 | 2.0 |" in page
    assert "All is well." in page
