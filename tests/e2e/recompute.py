"""The KPIs once more, from the raw bytes of the topics, by pandas.

Written from the published definitions alone. Knows nothing of metrics, of the kit's working time or
of its event models: only JSON, headers and the calendar documents.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

#: (headers, value) of one record
Raw = tuple[Mapping[str, str], bytes]

_OPEN = {"registered", "triage", "assigned", "in_progress", "answered"}
#: the state a fact leaves a complaint in
_STATE = {
    "complaint.triaged": "triage",
    "complaint.no_action": "no_action",
    "complaint.assigned": "assigned",
    "assignment.accepted": "in_progress",
    "complaint.answered": "answered",
    "complaint.resolved": "resolved",
    "complaint.closed": "closed",
    "complaint.reopened": "in_progress",
    "complaint.rejected": "rejected",
    "complaint.merged": "merged",
    "complaint.withdrawn": "withdrawn",
}
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass
class OfficeHours:
    """A calendar document, read day by day."""

    body: Mapping[str, Any]

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.body["zone"])

    def spans(self, day: date) -> list[tuple[datetime, datetime]]:
        """When it is open on `day`."""
        if any(row["date"] == day.isoformat() for row in self.body["holidays"]):
            return []
        weekly = self.body["weekly"]
        for row in self.body["exceptions"]:
            if row["from"] <= day.isoformat() <= row["to"]:
                weekly = row["weekly"]
        return [
            (self._at(day, start), self._at(day, end))
            for start, end in weekly.get(_DAYS[day.weekday()], [])
        ]

    def seconds(self, start: datetime, end: datetime) -> int:
        """Open seconds between two instants, each cut to its whole second."""
        start, end = start.replace(microsecond=0), end.replace(microsecond=0)
        total, day = 0.0, start.astimezone(self.zone).date()
        while day <= end.astimezone(self.zone).date():
            for opens, closes in self.spans(day):
                overlap = min(closes, end) - max(opens, start)
                total += max(0.0, overlap.total_seconds())
            day += timedelta(days=1)
        return round(total)

    def _at(self, day: date, clock: str) -> datetime:
        if clock == "24:00":
            return datetime.combine(day + timedelta(days=1), time(), self.zone)
        return datetime.combine(day, time.fromisoformat(clock), self.zone)


class Recomputation:
    """Complaints and assignments as data frames, and the KPIs over them."""

    def __init__(self, complaints: Iterable[Raw], directory: Iterable[Raw], as_of: str) -> None:
        self.as_of = pd.Timestamp(as_of)
        self._calendars = {
            (body["id"], body["version"]): OfficeHours(body["body"])
            for body in (json.loads(value) for _, value in directory)
            if body["kind"] == "calendar"
        }
        self.facts = self._facts(complaints)
        self.complaints = pd.DataFrame(
            [self._complaint(group) for _, group in self.facts.groupby("complaint_id")]
        )
        self.shares = pd.DataFrame(self._shares())

    def _facts(self, raw: Iterable[Raw]) -> pd.DataFrame:
        rows = []
        for headers, value in raw:
            body = json.loads(value)
            rows.append(
                {
                    "event_id": headers["ce_id"],
                    "complaint_id": body["complaint_id"],
                    "seq": body["seq"],
                    "kind": headers["ce_type"].removeprefix("lintas.").removesuffix(".v1"),
                    "at": pd.Timestamp(headers["ce_time"]),
                    "body": body,
                }
            )
        frame = pd.DataFrame(rows).drop_duplicates("event_id")
        return frame[frame["at"] <= self.as_of].sort_values(["complaint_id", "seq"])

    def _complaint(self, facts: pd.DataFrame) -> dict[str, Any]:
        assert list(facts["seq"]) == list(range(1, len(facts) + 1)), "seq has a gap"
        first = facts.iloc[0]["body"]
        by_kind = facts.groupby("kind")["at"]
        earliest, latest = by_kind.min(), by_kind.max()
        state, ended_at = "registered", pd.NaT
        for kind, at in zip(facts["kind"], facts["at"], strict=True):
            if kind == "assignment.accepted" and state not in {"assigned", "in_progress"}:
                continue
            state = _STATE.get(kind, state)
            ended_at = at if state not in _OPEN | {"resolved"} else pd.NaT
        outcomes = facts[
            facts["kind"].isin({"complaint.assigned", "complaint.triaged", "complaint.no_action"})
        ]
        resolved_at = latest.get("complaint.resolved", pd.NaT)
        if resolved_at is not pd.NaT and resolved_at < latest.get(
            "complaint.reopened", pd.Timestamp.min.tz_localize("UTC")
        ):
            resolved_at = pd.NaT
        due = {row["stage"]: pd.Timestamp(row["due_at"]) for row in first["deadlines"]}
        return {
            "complaint_id": first["complaint_id"],
            "channel": first["channel"],
            "received_at": pd.Timestamp(first["received_at"]),
            "assigned_at": earliest.get("complaint.assigned", pd.NaT),
            "answered_at": earliest.get("complaint.answered", pd.NaT),
            "resolved_at": resolved_at,
            "ended_at": ended_at,
            "state": state,
            "outcome": outcomes.iloc[0]["kind"] if len(outcomes) else None,
            "first_response_due": due.get("first_response", pd.NaT),
            "resolution_due": due.get("resolution", pd.NaT),
            "hours": self._hours(first["deadlines"]),
        }

    def _shares(self) -> Iterable[dict[str, Any]]:
        accepted = self.facts[self.facts["kind"] == "assignment.accepted"]
        accepted_at = {
            body["assignment_id"]: at
            for body, at in zip(accepted["body"], accepted["at"], strict=True)
        }
        state = self.complaints.set_index("complaint_id")
        for body, at in self.facts[self.facts["kind"] == "complaint.assigned"][
            ["body", "at"]
        ].itertuples(index=False):
            complaint = state.loc[body["complaint_id"]]
            yield {
                "agency": body["agency"],
                "assigned_at": at,
                "accepted_at": accepted_at.get(body["assignment_id"], pd.NaT),
                "state": complaint["state"],
                "hours": self._hours(body["deadlines"]) or complaint["hours"],
            }

    def _hours(self, deadlines: list[dict[str, Any]]) -> OfficeHours | None:
        """The pinned calendar: that of the first-response deadline, else of the first one."""
        chosen = [row for row in deadlines if row["stage"] == "first_response"] or deadlines
        if not chosen:
            return None
        return self._calendars.get((chosen[0]["calendar"], chosen[0]["calendar_version"]))

    def counts(self) -> dict[str, int]:
        """How many there are, by their first outcome and their state."""
        frame = self.complaints
        outcome = frame["outcome"].value_counts()
        return {
            "registered": len(frame),
            "routed": int(outcome.get("complaint.assigned", 0)),
            "triage": int(outcome.get("complaint.triaged", 0)),
            "no_action": int(outcome.get("complaint.no_action", 0)),
            "answered": int(frame["answered_at"].notna().sum()),
            "resolved": int(frame["resolved_at"].notna().sum()),
            "closed": int((frame["state"] == "closed").sum()),
            "n_open": int(frame["state"].isin(_OPEN).sum()),
        }

    def duration(
        self, end: str, clock: str, due: str | None = None, frame: pd.DataFrame | None = None
    ) -> dict[str, Any]:
        """n, n open, n breached, median and p90 in seconds of one duration."""
        start = "received_at"
        if frame is None:
            frame = self.complaints
        if end == "accepted_at":
            frame, start = self.shares, "assigned_at"
        frame = frame[frame["state"] != "no_action"]
        done = frame[frame[end].notna()]
        open_ = frame[frame[end].isna() & frame["state"].isin(_OPEN)]
        late = None
        if due is not None:
            # a column in which nobody has a time yet has no zone either
            ended, promised, awaited = (
                pd.to_datetime(column, utc=True) for column in (done[end], done[due], open_[due])
            )
            late = int((ended > promised).sum() + (awaited < self.as_of).sum())
        seconds = self._seconds(done, start, end, clock)
        return {
            "n": len(seconds),
            "n_open": len(open_),
            "n_breached": late,
            "p50_s": _quantile(seconds, 0.5),
            "p90_s": _quantile(seconds, 0.9),
        }

    def backlog(self, clock: str) -> dict[str, Any]:
        """The ages of what is open."""
        frame = self.complaints[self.complaints["state"].isin(_OPEN)].assign(now=self.as_of)
        seconds = self._seconds(frame, "received_at", "now", clock)
        return {
            "n": len(seconds),
            "n_open": len(frame),
            "p50_s": _quantile(seconds, 0.5),
            "p90_s": _quantile(seconds, 0.9),
        }

    def promises(self, reached: str, due: str) -> dict[str, Any]:
        """Deadlines kept and missed, of those that fell."""
        frame = self.complaints[self.complaints["state"] != "no_action"]
        with_due = frame[frame[due].notna()]
        fallen = with_due[with_due[due] < self.as_of]
        met = fallen[fallen[reached] <= fallen[due]]
        left = fallen[fallen[reached].isna() & (fallen["ended_at"] <= fallen[due])]
        breached = fallen.drop(met.index).drop(left.index)
        return {
            "n_met": len(met),
            "n_breached": len(breached),
            "n_open": int(breached["state"].isin(_OPEN).sum()),
            "n_ahead": len(with_due) - len(fallen),
        }

    def by_channel(self, end: str, clock: str) -> dict[str, dict[str, Any]]:
        """One duration per channel."""
        return {
            str(channel): self.duration(end, clock, frame=frame)
            for channel, frame in self.complaints.groupby("channel")
        }

    @staticmethod
    def _seconds(frame: pd.DataFrame, start: str, end: str, clock: str) -> np.ndarray:
        frame = frame[frame[end] >= frame[start]]
        if clock == "wall":
            return ((frame[end] - frame[start]) / pd.Timedelta(microseconds=1)).to_numpy() / 1e6
        return np.array(
            [
                row.hours.seconds(getattr(row, start), getattr(row, end))
                for row in frame.itertuples()
                if row.hours is not None
            ],
            dtype=float,
        )


def _quantile(seconds: np.ndarray, q: float) -> float | None:
    if len(seconds) == 0:
        return None
    return float(np.quantile(seconds, q))
