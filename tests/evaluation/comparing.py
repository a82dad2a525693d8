"""Figures of `GET /v1/kpis` beside those that others computed from the same source."""

import json
from collections.abc import Callable
from typing import Any

from tests.e2e.city import City

from .history import DataSet, Figure, Result, kpis

_HOUR_S = 3_600


def compare(which: DataSet, city: City, result: Result) -> Result:
    """`result` with every figure that is expected of the set."""
    _COMPARISONS[which.name](which, city, result)
    return result


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
                flagged = Figure(
                    "closed before opened", expected["negative_durations"], row["n_flagged"]
                )
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


_COMPARISONS: dict[str, Callable[[DataSet, City, Result], None]] = {
    "surabaya": _surabaya,
    "boston": _boston,
}


def _rows(which: DataSet, city: City, **query: str) -> dict[tuple[str | None, str], dict[str, Any]]:
    """A figure's rows, of the whole city and by agency."""
    found = {}
    for grouping in (None, "agency"):
        for row in kpis(which, city, group_by=grouping, **query)["kpis"]:
            if grouping is None or row["group"] is not None:
                found[row["group"], row["clock"]] = row
    return found
