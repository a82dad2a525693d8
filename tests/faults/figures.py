"""The figures three times: as shown, from the log, and from the gateway's own rows."""

from collections.abc import Iterable, Iterator
from typing import Any

import pandas as pd
from tests.e2e.recompute import Raw, Recomputation
from tests.faults.observe import Final

from lintas.contracts.topics import COMPLAINTS, DIRECTORY

_DURATIONS = (
    ("time_to_assign", "assigned_at", None),
    ("time_to_accept", "accepted_at", None),
    ("first_response", "answered_at", "first_response_due"),
    ("resolution", "resolved_at", "resolution_due"),
)
#: metrics rounds half up to the microsecond
_ROUNDING_S = 1e-6


def differences(final: Final) -> Iterator[str]:
    """Every figure that is not the same in all three."""
    if not final.report or not final.rows("agency-gateway", "history"):
        return
    as_of = final.report["as_of"]
    directory = list(_raw(final, DIRECTORY))
    try:
        from_log = Recomputation(_raw(final, COMPLAINTS), directory, as_of)
        from_rows = Recomputation(_rows(final), directory, as_of)
    except AssertionError as broken:
        yield f"nothing can be computed: {broken}"
        return
    for name, shown, *computed in _figures(final.report, from_log, from_rows):
        if not all(_same(shown, one) for one in computed):
            yield f"{name}: shown {shown}, log {computed[0]}, rows {computed[1]}"


def _figures(report: dict[str, Any], *sources: Recomputation) -> Iterator[tuple[str, Any, ...]]:
    rows = {(row["metric"], row.get("clock")): row for row in report["kpis"]}
    counts = next(row for (metric, _), row in rows.items() if metric == "counts")
    counted = [source.counts() for source in sources]
    for name in counted[0]:
        yield (name, counts[name], *(one[name] for one in counted))
    for metric, end, due in _DURATIONS:
        for clock in ("wall", "working"):
            row = rows[metric, clock]
            computed = [source.duration(end, clock, due) for source in sources]
            for name in computed[0]:
                yield (f"{metric}/{clock}/{name}", row[name], *(one[name] for one in computed))


def _same(shown: Any, computed: Any) -> bool:
    if shown is None or computed is None or isinstance(shown, int):
        return bool(shown == computed)
    return abs(shown - computed) <= _ROUNDING_S


def _raw(final: Final, topic: str) -> Iterable[Raw]:
    for record in final.of(topic):
        headers = {name: value.decode("utf-8", "replace") for name, value in record.headers}
        if "x-poison" not in headers:
            yield headers, record.value or b""


def _rows(final: Final) -> Iterable[Raw]:
    for row in final.rows("agency-gateway", "history"):
        at = pd.Timestamp(row["occurred_at"]).isoformat()
        yield (
            {"ce_id": row["event_id"], "ce_type": row["type"], "ce_time": at},
            row["body"].encode(),
        )
