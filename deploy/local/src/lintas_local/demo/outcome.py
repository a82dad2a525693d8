"""What a day came to: counted from the log, shown as a table, kept as `demo.json`."""

import csv
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.table import Table

_REGISTERED = "complaint.registered"
_ANSWERED = "complaint.answered"
_OUTCOMES = {
    "complaint.assigned": "routed",
    "complaint.triaged": "triage",
    "complaint.no_action": "no_action",
}


@dataclass
class Outcome:
    """The counts of design's `demo.json`; every number is of distinct complaints."""

    accepted: int = 0
    registered: int = 0
    routed: int = 0
    triage: int = 0
    no_action: int = 0
    published: int = 0
    delivered: int = 0
    kpis: list[dict[str, Any]] = field(default_factory=list)
    addresses: Mapping[str, str] = field(default_factory=dict)

    @property
    def adds_up(self) -> bool:
        """Nothing lost, nothing twice: accepted = registered = routed + triage + no action."""
        decided = self.routed + self.triage + self.no_action
        return self.accepted == self.registered == decided

    def write(self, path: Path) -> None:
        """Keep it as JSON."""
        document = {name: getattr(self, name) for name in self.__dataclass_fields__}
        path.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Counted:
    """What the facts say about the complaints of a day."""

    registered: int
    outcomes: Mapping[str, int]
    answered: frozenset[str]

    @property
    def decided(self) -> int:
        """How many have a first outcome."""
        return sum(self.outcomes.values())


def count_facts(facts_csv: str, complaints: frozenset[str]) -> Counted:
    """Count metrics' facts (`/v1/facts.csv`), of `complaints` only."""
    registered: set[str] = set()
    first: dict[str, tuple[int, str]] = {}
    answered: set[str] = set()
    for row in csv.DictReader(io.StringIO(facts_csv)):
        complaint = row["complaint_id"]
        if complaint not in complaints:
            continue
        if row["kind"] == _REGISTERED:
            registered.add(complaint)
        elif row["kind"] == _ANSWERED:
            answered.add(complaint)
        elif row["kind"] in _OUTCOMES:
            found = (int(row["seq"]), _OUTCOMES[row["kind"]])
            first[complaint] = min(first.get(complaint, found), found)
    outcomes = dict.fromkeys(_OUTCOMES.values(), 0)
    for _, outcome in first.values():
        outcomes[outcome] += 1
    return Counted(len(registered), outcomes, frozenset(answered))


def kpi_table(kpis: list[dict[str, Any]]) -> Table:
    """The figures with their n, on both clocks."""
    table = Table(title="Response times", title_justify="left")
    for heading in ("figure", "clock"):
        table.add_column(heading)
    for heading in ("n", "open", "late", "median", "p90"):
        table.add_column(heading, justify="right")
    for row in kpis:
        name = row["metric"] if row.get("stage") is None else f"{row['metric']} {row['stage']}"
        table.add_row(
            name.replace("_", " "),
            row.get("clock") or "",
            str(row["n"]),
            _shown(row.get("n_open")),
            _shown(row.get("n_breached")),
            _duration(row.get("p50_s")),
            _duration(row.get("p90_s")),
        )
    return table


def _shown(number: int | None) -> str:
    return "" if number is None else str(number)


def _duration(seconds: float | None) -> str:
    if seconds is None:
        return ""
    if seconds < 60:  # noqa: PLR2004  # a minute
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min {rest:02d} s"
