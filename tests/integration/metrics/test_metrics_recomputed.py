"""Every figure once more, from the raw bytes of the topics, with pandas and nothing of metrics."""

import json
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx2
import pandas as pd
import pytest
from metrics_lives import NOON, Life, document, office, received, records, statement, varied

from lintas.contracts.records import Record
from lintas.database.work import UnitOfWork
from lintas_local.stack import Stack
from metrics.app import create_app
from metrics.usecases.folding import Folder

pytestmark = pytest.mark.stack

OPEN = {"registered", "triage", "assigned", "in_progress", "answered"}
BUCKETS = {"0-5": (0, 5), "6-14": (6, 14), "15-60": (15, 60), "61+": (61, 10**9)}


def read(found: Iterable[Record]) -> pd.DataFrame:
    """One row per record: its body, its type and when it happened."""
    rows = []
    for record in found:
        headers = {name: value.decode() for name, value in record.headers}
        body = json.loads(record.value or b"{}")
        kind = headers["ce_type"].removeprefix("lintas.").removesuffix(".v1")
        rows.append({"kind": kind, "at": pd.Timestamp(headers["ce_time"]), "body": body})
    return pd.DataFrame(rows)


class Office:
    """Working time by walking through the days."""

    def __init__(self, body: dict[str, Any]) -> None:
        self.zone = ZoneInfo(body["zone"])
        self.weekly = body["weekly"]
        self.closed = {date.fromisoformat(row["date"]) for row in body["holidays"]}

    def spans(self, day: date) -> list[tuple[datetime, datetime]]:
        name = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")[day.weekday()]
        if day in self.closed:
            return []
        return [
            (
                datetime.combine(day, time.fromisoformat(opens), self.zone),
                datetime.combine(day, time.fromisoformat(closes), self.zone),
            )
            for opens, closes in self.weekly.get(name, [])
        ]

    def days(self, start: datetime, end: datetime) -> list[date]:
        first, last = (at.astimezone(self.zone).date() for at in (start, end))
        return [first + timedelta(days=n) for n in range((last - first).days + 1)]

    def seconds(self, start: datetime, end: datetime) -> int:
        start, end = start.replace(microsecond=0), end.replace(microsecond=0)
        total = 0
        for day in self.days(start, end):
            for opens, closes in self.spans(day):
                total += max(0, (min(end, closes) - max(start, opens)).total_seconds())
        return int(total)

    def age(self, start: datetime, end: datetime) -> int:
        return sum(bool(self.spans(day)) for day in self.days(start, end)[1:])


SIMPLE = {
    "complaint.no_action": "no_action",
    "complaint.reopened": "in_progress",
    **{
        f"complaint.{end}": end for end in ("resolved", "closed", "rejected", "merged", "withdrawn")
    },
}
GIVEN_UP = {"assignment.returned", "assignment.transferred", "assignment.withdrawn"}


def state_after(kinds: list[tuple[str, dict[str, Any]]]) -> tuple[str, str | None]:
    """The state and the leading agency after these facts."""
    state, lead = "registered", None
    helping = {body["assignment_id"] for _, body in kinds if body.get("role") == "contributor"}
    for kind, body in kinds:
        if body.get("assignment_id") in helping:
            continue
        state = SIMPLE.get(kind, state)
        if kind == "complaint.triaged":
            state, lead = "triage", None
        elif kind == "complaint.assigned":
            state, lead = "assigned", body["agency"]
        elif kind == "assignment.accepted" and state in {"assigned", "triage", "registered"}:
            state = "in_progress"
        elif kind in GIVEN_UP and lead == body["agency"]:
            state, lead = "registered" if state in OPEN else state, None
        elif kind == "complaint.answered" and state not in {"resolved", "closed"}:
            state = "answered"
    return state, lead


def told_of(facts: pd.DataFrame) -> list[tuple[str, dict[str, Any]]]:
    return list(zip(facts.kind, facts.body, strict=True))


def complaints(facts: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """One row per complaint, from its facts up to `as_of`."""
    rows = []
    published = [body for kind, body in told_of(facts) if kind == "directory.published"]
    latest = {body["id"]: body["version"] for body in published if body["kind"] == "calendar"}
    versions = {
        body["id"]: latest[body["body"]["calendar"]]
        for body in published
        if body["kind"] == "agency"
    }
    told = facts[facts.kind.str.startswith(("complaint.", "assignment.")) & (facts["at"] <= as_of)]
    told = told.assign(
        complaint=[body["complaint_id"] for body in told.body],
        seq=[body["seq"] for body in told.body],
    ).drop_duplicates(["complaint", "seq"])
    for complaint, mine in told.sort_values("seq").groupby("complaint"):
        first = mine.body.iloc[0]
        at = {kind: list(group["at"]) for kind, group in mine.groupby("kind")}
        state, lead = state_after(told_of(mine))
        settled = at.get("complaint.resolved", [])
        due = {row["stage"]: pd.Timestamp(row["due_at"]) for row in first["deadlines"]}
        calendars = {row["stage"]: row["calendar_version"] for row in first["deadlines"]}
        decided = [kind for kind in mine.kind if kind in DECISIONS]
        gone = [
            moment
            for name in ("rejected", "merged", "withdrawn")
            for moment in at.get(f"complaint.{name}", [])
        ]
        rows.append(
            {
                "complaint": complaint,
                "received": pd.Timestamp(first["received_at"]),
                "state": state,
                "agency": lead,
                "outcome": DECISIONS[decided[0]] if decided else "undecided",
                "assigned": min(at.get("complaint.assigned", [pd.NaT])),
                "answered": min(at.get("complaint.answered", [pd.NaT])),
                "resolved": settled[-1] if settled and state in {"resolved", "closed"} else pd.NaT,
                "ended": gone[-1] if gone else pd.NaT,
                "response_due": due.get("first_response", pd.NaT),
                "resolution_due": due.get("resolution", pd.NaT),
                # without a promise that of the leading agency
                "calendar": calendars.get("first_response", versions.get(lead)),
            }
        )
    frame = pd.DataFrame(rows)
    for name in ("assigned", "answered", "resolved", "ended", "response_due", "resolution_due"):
        frame[name] = pd.to_datetime(frame[name], utc=True)
    return frame


DECISIONS = {
    "complaint.assigned": "routed",
    "complaint.triaged": "triage",
    "complaint.no_action": "no_action",
}


def spread(values: list[float]) -> dict[str, float | None]:
    if not values:
        return {"n": 0, "p50_s": None, "p90_s": None}
    series = pd.Series(values, dtype="float64")
    return {"n": len(values), "p50_s": series.quantile(0.5), "p90_s": series.quantile(0.9)}


def durations(
    cases: pd.DataFrame, reached: str, offices: dict[str, Office], clock: str
) -> dict[str, Any]:
    live = cases[cases.state != "no_action"]
    done = live[live[reached].notna()]
    if clock == "wall":
        values = list((done[reached] - done.received).dt.total_seconds())
    else:
        values = [
            offices[row.calendar].seconds(row.received, row[reached])
            for _, row in done.iterrows()
            if row.calendar in offices
        ]
    waiting = live[live[reached].isna() & live.state.isin(OPEN)]
    return {**spread(values), "n_open": len(waiting)}


def promises(cases: pd.DataFrame, due: str, reached: str, as_of: pd.Timestamp) -> dict[str, Any]:
    fallen = cases[(cases.state != "no_action") & cases[due].notna() & (cases[due] < as_of)]
    met = fallen[reached].notna() & (fallen[reached] <= fallen[due])
    left = fallen[reached].isna() & fallen.ended.notna() & (fallen.ended <= fallen[due])
    counted = int((~left).sum())
    return {
        "n": counted,
        "n_met": int(met.sum()),
        "n_breached": counted - int(met.sum()),
        "compliance": round(int(met.sum()) / counted, 6) if counted else None,
    }


def recompute(
    facts: pd.DataFrame, cases: pd.DataFrame, as_of: pd.Timestamp
) -> list[dict[str, Any]]:
    """The rows of a report about `cases`, as far as they are compared."""
    offices = {
        body["version"]: Office(body["body"])
        for kind, body in told_of(facts)
        if kind == "directory.published" and body["kind"] == "calendar"
    }
    rows: list[dict[str, Any]] = [
        {
            "metric": "counts",
            "registered": len(cases),
            **{name: int((cases.outcome == name).sum()) for name in DECISIONS.values()},
            "n_open": int(cases.state.isin(OPEN).sum()),
            "answered": int(cases.answered.notna().sum()),
            "resolved": int(cases.resolved.notna().sum()),
        }
    ]
    for metric, reached in (
        ("time_to_assign", "assigned"),
        ("first_response", "answered"),
        ("resolution", "resolved"),
    ):
        rows.extend(
            {"metric": metric, "clock": clock, **durations(cases, reached, offices, clock)}
            for clock in ("wall", "working")
        )
    for stage, due, reached in (
        ("first_response", "response_due", "answered"),
        ("resolution", "resolution_due", "resolved"),
    ):
        kept = promises(cases, due, reached, as_of)
        rows.append({"metric": "sla_compliance", "stage": stage, **kept})
    waiting = cases[cases.state.isin(OPEN)]
    ages = [offices[row.calendar].age(row.received, as_of) for _, row in waiting.iterrows()]
    rows.append(
        {
            "metric": "backlog",
            "clock": "wall",
            **spread(list((as_of - waiting.received).dt.total_seconds())),
            "buckets": {
                **{name: sum(a <= age <= b for age in ages) for name, (a, b) in BUCKETS.items()},
                "unknown": 0,
            },
        }
    )
    return rows


def same(mine: Any, theirs: Any) -> bool:
    if isinstance(mine, float) and theirs is not None:
        return mine == pytest.approx(theirs, abs=1e-6)
    return bool(mine == theirs)


@pytest.mark.parametrize("days", [0.05, 2.3, 120.0])
async def test_every_figure_equals_a_recomputation_from_the_raw_bytes(
    stack: Stack, database: str, work: UnitOfWork, days: float
):
    lives: list[Life] = varied(32)
    agencies = [
        document("agency", code, {"calendar": "office", "name": {"id": code}})
        for code in ("dpupr", "dishub", "dlh", "disdik")
    ]
    raw = records(
        [office(), *agencies, statement(1), *(event for life in lives for event in life.events)]
    )
    await Folder(work, 1).fold(received(raw))
    facts = read(raw)
    as_of = pd.Timestamp(NOON + timedelta(days=days))
    cases = complaints(facts, as_of)
    app = create_app({**stack.environ("metrics"), "LINTAS_DATABASE_URL": database})
    transport = httpx2.ASGITransport(app=app)
    query = {"as_of": as_of.isoformat()}
    async with httpx2.AsyncClient(transport=transport, base_url="http://metrics") as http:
        for agency in (None, "dpupr", "dlh", "dishub"):
            asked = query | ({"agency": agency} if agency else {})
            told = (await http.get("/v1/kpis", params=asked)).json()["kpis"]
            mine = cases[cases.agency == agency] if agency else cases
            for row in recompute(facts, mine, as_of):
                keys = ("metric", "stage", "clock")
                (answer,) = [one for one in told if all(one[key] == row.get(key) for key in keys)]
                assert {k: v for k, v in row.items() if not same(v, answer[k])} == {}, answer
