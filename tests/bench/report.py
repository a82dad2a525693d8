"""What was measured: `.lintas/bench.json`, a line on the screen, the pages of docs/evidence."""

import os
import platform
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import orjson
import yaml

#: results as the design names them, in the order in which they are read
NAMES = (
    "ingest.single",
    "ingest.batch",
    "routing.rules_200",
    "routing.rules_20000",
    "routing.adversarial",
    "gateway.register",
    "gateway.claim",
    "pipeline.throughput",
    "pipeline.latency",
    "metrics.fold",
    "metrics.query",
)
_PACKAGES = ("aiokafka", "asyncpg", "fastapi", "pydantic", "sqlalchemy", "uvicorn", "uvloop")
_GENERATED = "<!-- written by `make bench`; remarks are in remarks.yaml -->"
Origin = Mapping[str, Any]


def origin(checkout: Path, command: str) -> Origin:
    """Where figures come from: machine, commit, command, moment."""
    run = subprocess.run(
        ["git", "describe", "--always", "--dirty", "--abbrev=12", "--exclude", "*"],
        cwd=checkout,
        capture_output=True,
        text=True,
        check=False,
    )
    return {
        "machine": _machine(),
        "commit": run.stdout.strip() or "unknown",
        "command": command,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def keep(home: Path, origin: Origin, result: Mapping[str, Any]) -> None:
    """Put a result into `bench.json`; results of other names stay, each with its own origin."""
    file = home / "bench.json"
    before = orjson.loads(file.read_bytes())["results"] if file.exists() else []
    own = {name: origin[name] for name in ("commit", "command", "at")}
    results = [one for one in before if one["name"] != result["name"]] + [{**result, **own}]
    results.sort(key=lambda one: NAMES.index(one["name"]))
    _write_json(file, {**origin, "results": results})


def keep_kafka(home: Path, origin: Origin, found: Mapping[str, Any]) -> None:
    """Put the client's figures beside `bench.json`."""
    _write_json(home / "bench" / "kafka.json", {**origin, **found})


def line(result: Mapping[str, Any]) -> str:
    """A result as one line for a person."""
    parts = [f"{result['name']}: {_number(result['rate'])} {result['unit']}"]
    if result["yardstick"] is not None:
        parts.append(f"yardstick {_number(result['yardstick'])}")
        parts.append(f"ratio {result['ratio']}")
    if "cpu_ratio" in result:
        parts.append(f"by processor time {result['cpu_ratio']}")
    parts += [f"{figure} {result[figure]}" for figure in _LATENCIES if figure in result]
    parts += [_ALSO[figure].format(result[figure]) for figure in _COSTS if figure in result]
    parts.append(f"{result['service']['cores_elsewhere']} cores busy elsewhere")
    return ", ".join(parts)


def kafka_lines(found: Mapping[str, Any]) -> str:
    """The client's figures as lines for a person."""
    rows = [
        f"kafka: {row['operation']}: {_number(row['rate'])} records/s, {row['cpu_us']} µs each"
        for row in found["rows"]
    ]
    hops = [
        f"kafka: one hop at fetch wait {hop['wait_ms']} ms: p50 {hop['p50_ms']}, p95 {hop['p95_ms']} ms"
        for hop in found["hops"]
    ]
    return "\n".join([*rows, *hops])


def write_pages(home: Path, folder: Path) -> None:
    """Write the pages of docs/evidence from what is kept and from the remarks beside them."""
    remarks = yaml.safe_load((folder / "remarks.yaml").read_text(encoding="utf-8"))
    kept = orjson.loads((home / "bench.json").read_bytes())
    client = orjson.loads((home / "bench" / "kafka.json").read_bytes())
    (folder / "benchmarks.md").write_text(benchmarks_page(kept, remarks), encoding="utf-8")
    (folder / "kafka-client.md").write_text(kafka_page(client, remarks), encoding="utf-8")


def benchmarks_page(kept: Mapping[str, Any], remarks: Mapping[str, str]) -> str:
    """Every result beside its yardstick, and what limits it."""
    rows = [
        (
            f"`{one['name']}`",
            f"{_number(one['rate'])} {one['unit']}",
            _spread(one["service"]),
            _number(one["yardstick"]),
            _spread(one.get("beside")),
            _number(one["ratio"]),
            _wanted(one),
            f"`{one['commit']}`, {one['at'][:16]}",
        )
        for one in kept["results"]
    ]
    header = ("name", "rate", "min..max", "yardstick", "min..max", "ratio", "wanted", "of")
    return "\n".join(
        [
            "# Benchmarks",
            "",
            _GENERATED,
            "",
            _machine_told(kept),
            "",
            (
                "Medians of the runs; the ratio is the median of the ratios of neighbouring runs. What a"
                " yardstick is, and how to repeat all this: [README](README.md)."
            ),
            "",
            *_table(header, rows),
            "",
            "## What limits each",
            "",
            *(text for one in kept["results"] for text in _limits(one, remarks)),
        ]
    )


def kafka_page(client: Mapping[str, Any], remarks: Mapping[str, str]) -> str:
    """What the client costs, and one hop by fetch wait."""
    rows = [
        (
            row["operation"],
            f"{row['rate']:,}",
            f"{row['min']:,}..{row['max']:,}",
            f"{row['ratio']} × {'getmany' if row['of'] == 'getmany' else 'send()'}",
            str(row["cpu_us"]),
        )
        for row in client["rows"]
    ]
    hops = [
        (f"{hop['wait_ms']} ms", str(hop["p50_ms"]), str(hop["p95_ms"])) for hop in client["hops"]
    ]
    return "\n".join(
        [
            "# The Kafka client on Apache Kafka",
            "",
            _GENERATED,
            "",
            *_told(client),
            (
                f"One broker, {client['partitions']} partitions, acks=all, idempotent and linger 5 ms"
                f" unless said otherwise, records of {client['record_bytes']} bytes with keys of 36, lots"
                f" of {client['lot']}; medians of {client['repeats']} runs. µs is processor time of the"
                " client's process per record."
            ),
            "",
            *_table(("operation", "records/s", "min..max", "ratio", "µs"), rows),
            "",
            "One hop, linger 0, a waiting consumer, by its `fetch_max_wait_ms`:",
            "",
            *_table(("fetch wait", "p50 ms", "p95 ms"), hops),
            "",
            remarks.get("kafka", "").strip(),
            "",
        ]
    )


_LATENCIES = ("p50_ms", "p99_ms", "claim_p99_ms", "list_p99_ms")
_COSTS = ("times_the_loop", "compile_s", "pack_compile_s", "dearest", "warm_ms")
_ALSO = {
    "p50_ms": "p50 {} ms",
    "p99_ms": "p99 {} ms",
    "claim_p99_ms": "claim p99 {} ms",
    "list_p99_ms": "list p99 {} ms",
    "open_complaints": "{:,} open complaints",
    "complaints": "{:,} complaints",
    "hits_per_text": "{} rules met per text",
    "offered_per_second": "{} mentions a second offered",
    "times_the_loop": "{} times as fast as a loop over the rules (wanted ≥ 50)",
    "compile_s": "compiled in {} s (wanted ≤ 2)",
    "pack_compile_s": "the general pack's rules in {} s",
    "dearest": "the dearest when first read: {}",
    "warm_ms": "read again no case costs more than {} ms",
}
#: functions of a profile that a page shows
_HOT = 6


def _limits(one: Mapping[str, Any], remarks: Mapping[str, str]) -> Iterator[str]:
    yield f"### {one['name']}"
    yield ""
    yield f"* `{one['command']}`"
    if one["name"] in remarks:
        yield remarks[one["name"]].strip()
        yield ""
    also = [text.format(one[name]) for name, text in _ALSO.items() if name in one]
    if also:
        yield f"* {', '.join(also)}"
    for title, side in (("Ours", one["service"]), ("Yardstick", one.get("beside"))):
        if side:
            busy = _pairs(side["cores_busy"])
            yield f"* {title}: µs per event {_pairs(side['cpu_us_per_event'])}; cores busy {busy}"
    if one.get("rows_per_event"):
        yield f"* Rows per event, both sides: {_pairs(one['rows_per_event'])}"
    if cases := one.get("cases"):
        yield ""
        rows = [
            (name, _number(case["cold_ms"]), _number(case["warm_ms"]))
            for name, case in cases.items()
        ]
        yield from _table(("case", "ms when first read", "again"), rows)
    profile = one.get("profile", {})
    for database, told in profile.get("statements", {}).items():
        yield (
            f"* Statements of `{database}`: {told['calls_per_event']} per event,"
            f" {told['us_per_event']} µs in the server"
        )
    for process, functions in profile.get("hot", {}).items():
        shown = ", ".join(f"`{hot['function']}` {hot['share']:.0%}" for hot in functions[:_HOT])
        yield f"* Samples of `{process}`: {shown}"
    yield ""


def _told(kept: Mapping[str, Any]) -> list[str]:
    return [
        f"{kept['at']}, commit `{kept['commit']}`, `{kept['command']}`.",
        _machine_told(kept),
        "",
    ]


def _machine_told(kept: Mapping[str, Any]) -> str:
    machine = kept["machine"]
    return (
        f"{machine['cores']} cores ({machine['cpu']}), {machine['memory_gb']} GB, Linux"
        f" {machine['kernel']}, Python {machine['python']}; everything, brokers and load too, on this"
        " machine."
    )


def _wanted(one: Mapping[str, Any]) -> str:
    if one["missed"]:
        return "**missed**: " + "; ".join(one["missed"])
    if "at_most" in one:
        return f"≤ {one['at_most']}"
    return f"≥ {one['target']}" if one["target"] else "-"


def _spread(side: Mapping[str, Any] | None) -> str:
    return f"{_number(side['min'])}..{_number(side['max'])}" if side else "-"


def _pairs(figures: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {figure}" for name, figure in figures.items())


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    lines = [header, ["---"] * len(header), *rows]
    return [f"| {' | '.join(line)} |" for line in lines]


def _number(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:g}"


def _machine() -> dict[str, Any]:
    model = [
        text.partition(":")[2].strip()
        for text in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        if text.startswith("model name")
    ]
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return {
        "cpu": model[0] if model else platform.machine(),
        "cores": os.cpu_count(),
        "memory_gb": round(pages / 2**30),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "packages": {name: version(name) for name in _PACKAGES},
    }


def _write_json(file: Path, content: Mapping[str, Any]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(orjson.dumps(content, option=orjson.OPT_INDENT_2) + b"\n")
