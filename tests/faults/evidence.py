"""What a row of the campaign came to: one JSON file each, and one page of all of them."""

import hashlib
import json
import os
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.faults.checker import Violation
from tests.faults.planted import Bug
from tests.faults.scene import Fault, Played

from lintas_local.layout import CHECKOUT

EVIDENCE = CHECKOUT / "docs" / "evidence"
ROWS = EVIDENCE / "faults"
PAGE = EVIDENCE / "faults.md"
#: what a result hangs on; evidence and pages may change without making it stale
_CODE = ("services", "shared", "deploy", "tests/faults", "requirements")


@dataclass(frozen=True, slots=True)
class Code:
    """Which code was tried."""

    commit: str
    #: a digest of the folders a result hangs on
    tree: str
    #: whether it was changed beyond the commit
    dirty: bool

    @classmethod
    def present(cls) -> "Code":
        """The code of this checkout."""
        listed = _git("ls-tree", "HEAD", *_CODE)
        return cls(
            commit=_git("rev-parse", "--short=12", "HEAD"),
            tree=hashlib.sha256(listed.encode()).hexdigest()[:16],
            dirty=bool(_git("status", "--porcelain", "--", *_CODE)),
        )


def path_of(slug: str) -> Path:
    """The file of a row."""
    return ROWS / f"{slug}.json"


def is_kept(slug: str, code: Code, runs: int) -> bool:
    """Whether so many runs of this very code are on file."""
    path = path_of(slug)
    if code.dirty or not path.exists():
        return False
    row = json.loads(path.read_text(encoding="utf-8"))
    return bool(row["tree"] == code.tree and not row["dirty"] and len(row["runs"]) >= runs)


def keep_fault(fault: Fault, code: Code, played: Sequence[Played]) -> None:
    """Write a row's file."""
    _keep(
        fault.slug,
        code,
        {
            "fault": fault.number,
            "title": fault.title,
            "command": f"make faults FAULTS={fault.number} RUNS={len(played)}",
            "load": asdict(fault.load),
            "goal_s": fault.goal_s,
            "runs": [_run(one) for one in played],
        },
    )


def keep_planted(bug: Bug, code: Code, played: Sequence[Played], *, caught: bool) -> None:
    """Write a planted bug's file."""
    _keep(
        f"planted-{bug.name}",
        code,
        {
            "planted": bug.name,
            "title": bug.title,
            "command": f"make faults PLANTED={bug.name}",
            "caught": caught,
            "caught_by": sorted(bug.caught_by),
            "runs": [_run(one) for one in played],
        },
    )


def write_page() -> None:
    """Write the page of everything on file."""
    rows = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(ROWS.glob("*.json"))]
    PAGE.write_text("\n".join(_page(rows)) + "\n", encoding="utf-8")


def _keep(slug: str, code: Code, row: dict[str, Any]) -> None:
    ROWS.mkdir(parents=True, exist_ok=True)
    whole = {
        **row,
        "date": datetime.now(UTC).isoformat(timespec="minutes"),
        **asdict(code),
        "machine": _machine(),
    }
    text = json.dumps(whole, indent=1, ensure_ascii=False, default=str)
    path_of(slug).write_text(text + "\n", encoding="utf-8")
    write_page()


def _run(played: Played) -> dict[str, Any]:
    return {**asdict(played), "violations": [_violation(one) for one in played.violations]}


def _violation(violation: Violation) -> dict[str, Any]:
    return {
        "invariant": violation.invariant,
        "what": violation.what,
        "number": violation.number,
        "examples": violation.examples,
    }


def _page(rows: Sequence[dict[str, Any]]) -> Iterable[str]:
    faults = [row for row in rows if "fault" in row]
    planted = [row for row in rows if "planted" in row]
    runs = [run for row in faults for run in row["runs"]]
    broken = sum(bool(run["violations"]) for run in runs)
    yield "# Faults"
    yield ""
    yield "Generated from `docs/evidence/faults/*.json` by `make faults`; `tests/faults/README.md` says how"
    yield "a run goes and what the checker holds it against. Recovery is from the end of the fault to"
    yield "lag 0 and empty outboxes, in seconds, one figure per run; the goal is that of a release."
    yield ""
    complaints = sum(run["counts"]["complaints"] for run in runs)
    operations = sum(run["counts"]["operations"] for run in runs)
    yield f"**{len(faults)} faults, {len(runs)} runs, {broken} with a violation**;"
    yield f"{operations} operations, {complaints} complaints accepted."
    yield ""
    yield "| # | fault | recovery | goal | complaints | unknown | 503 | violations | of |"
    yield "|---|---|---|---|---|---|---|---|---|"
    for row in faults:
        yield _fault_line(row)
    measured = [(row, run) for row in faults for run in row["runs"] if run["measured"]]
    if measured:
        yield ""
        yield "## What else was measured"
        yield ""
        for row, run in measured:
            told = "; ".join(f"{name}: {value}" for name, value in run["measured"].items())
            yield f"- {row['fault']}, run {run['run']} (seed {run['seed']}): {told}"
    if planted:
        yield ""
        yield "## Planted bugs"
        yield ""
        yield "Each is put into a service by a launcher of the tests, and must be caught by an invariant."
        yield ""
        yield "| bug | caught by | runs | as | of |"
        yield "|---|---|---|---|---|"
        for row in planted:
            yield _planted_line(row)
    yield ""
    machines = {row["machine"] for row in rows}
    yield f"Machine: {'; '.join(sorted(machines))}. All of it again: `make faults FORCE=1 RUNS=3`."


def _fault_line(row: dict[str, Any]) -> str:
    runs = row["runs"]
    recovery = ", ".join(
        "-" if run["recovery_s"] is None else f"{run['recovery_s']:.1f}" for run in runs
    )
    broken = sorted({one["invariant"] for run in runs for one in run["violations"]})
    number = sum(len(run["violations"]) for run in runs)
    cells = [
        row["fault"],
        row["title"],
        recovery,
        f"{row['goal_s']:g}",
        *(
            sum(run["counts"][name] for run in runs)
            for name in ("complaints", "unknown", "answers 503")
        ),
        f"{number} ({', '.join(broken)})" if number else 0,
        _of(row),
    ]
    return f"| {' | '.join(map(str, cells))} |"


def _planted_line(row: dict[str, Any]) -> str:
    found = [one for run in row["runs"] for one in run["violations"]]
    telling = [one for one in found if one["invariant"] in row["caught_by"]]
    invariants = sorted({one["invariant"] for one in found})
    first = f"{telling[0]['number']} × {telling[0]['what']}" if telling else ""
    cells = [
        row["title"],
        ", ".join(invariants) if row["caught"] else "**not caught**",
        len(row["runs"]),
        first,
        _of(row),
    ]
    return f"| {' | '.join(map(str, cells))} |"


def _of(row: dict[str, Any]) -> str:
    changed = " and changes" if row["dirty"] else ""
    return f"{row['date'][:10]}, {row['commit']}{changed}"


def _machine() -> str:
    pages = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return f"{os.cpu_count()} cores, {pages / 2**30:.0f} GB, one box without containers"


def _git(*arguments: str) -> str:
    run = subprocess.run(
        ["git", *arguments], cwd=CHECKOUT, capture_output=True, text=True, check=True
    )
    return run.stdout.strip()
