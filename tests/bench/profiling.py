"""Where the time goes: samples of the services' stacks, and what they ask of the database."""

import asyncio
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
from tests.bench.lab import Lab, Running

_PER_SECOND = 200
_SHOWN = 12
_STATEMENTS = """
SELECT d.datname AS database, s.query, s.calls, s.rows, s.total_exec_time AS ms
FROM pg_stat_statements s JOIN pg_database d ON d.oid = s.dbid
WHERE d.datname LIKE 'lintas%' ORDER BY s.total_exec_time DESC
"""


@asynccontextmanager
async def profile(
    lab: Lab, name: str, running: Sequence[Running], events: int, folder: Path
) -> AsyncIterator[dict[str, Any]]:
    """Profile the processes for the length of a block; files go to `folder`, the gist is yielded.

    The gist is filled in at the end of the block.
    """
    told: dict[str, Any] = {}
    files = {one.name: folder / f"{name}.{one.name}.stacks.txt" for one in running}
    admin = await asyncpg.connect(lab.stack.admin_url)
    await admin.execute("SELECT pg_stat_statements_reset()")
    samplers = [await _sample(one.pid, files[one.name]) for one in running]
    try:
        yield told
    finally:
        for sampler in samplers:
            if sampler.returncode is None:
                # it writes what it has and ends
                sampler.send_signal(signal.SIGINT)
        await asyncio.gather(*(sampler.wait() for sampler in samplers))
        statements = await admin.fetch(_STATEMENTS)
        await admin.close()
    told["statements"] = _statements(statements, events, folder / f"{name}.statements.txt")
    told["hot"] = {one: hottest(file) for one, file in files.items() if file.exists()}


async def _sample(pid: int, file: Path) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        str(Path(sys.executable).with_name("py-spy")),
        *("record", "--pid", str(pid), "--rate", str(_PER_SECOND), "--duration", "600"),
        *("--format", "raw", "--output", str(file), "--nonblocking"),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )


def hottest(stacks: Path) -> list[dict[str, Any]]:
    """The functions in which most samples were taken, with their share of all."""
    own: Counter[str] = Counter()
    for line in stacks.read_text(encoding="utf-8").splitlines():
        frames, _, number = line.rpartition(" ")
        own[_place(frames.rpartition(";")[2])] += int(number)
    total = sum(own.values()) or 1
    return [
        {"function": function, "share": round(number / total, 3)}
        for function, number in own.most_common(_SHOWN)
    ]


def _place(frame: str) -> str:
    """Function and file, without the line and the folders before the package."""
    function, _, place = frame.partition(" (")
    file = place.rstrip(")").rpartition(":")[0]
    return f"{function} ({'/'.join(Path(file).parts[-2:])})"


def _statements(
    rows: Sequence[asyncpg.Record], events: int, file: Path
) -> dict[str, dict[str, float]]:
    """How many statements, and milliseconds in them, an event costs each service."""
    lines = [
        f"{row['calls'] / events:9.4f} calls {row['ms'] / events:9.4f} ms per event"
        f"  {row['database']}: {' '.join(row['query'].split())[:300]}"
        for row in rows
    ]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    told: dict[str, dict[str, float]] = {}
    for row in rows:
        one = told.setdefault(row["database"], {"calls_per_event": 0.0, "us_per_event": 0.0})
        one["calls_per_event"] = round(one["calls_per_event"] + row["calls"] / events, 4)
        one["us_per_event"] = round(one["us_per_event"] + row["ms"] * 1000 / events, 1)
    return told
