"""`metrics.query`: a figure with its percentiles over many complaints."""

from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import asyncpg
from tests.bench import http, loading
from tests.bench.figures import Run, cpu_s, spent
from tests.bench.lab import Lab, Running
from tests.bench.recorded import Recorded
from tests.bench.sides import Asked, in_turn, profiled, result

_ASK = "/v1/kpis?metric=first_response&clock=wall&group_by=agency"
_PLAIN = """
SELECT lead, count(*),
    percentile_cont(ARRAY[0.5, 0.9, 0.95]) WITHIN GROUP (
        ORDER BY extract(epoch FROM first_response_at - received_at))
FROM complaint_fact
WHERE generation = 1 AND first_response_at IS NOT NULL GROUP BY lead
"""


@dataclass(frozen=True, slots=True)
class _Asking:
    """One caller who asks for the figure again and again."""

    lab: Lab
    running: Sequence[Running]

    async def run(self, events: int) -> Run:
        pids = self.lab.cpu_parts(*self.running)
        before = cpu_s(pids)
        started = perf_counter()
        answers = await http.post_all(
            self.running[0].address, [http.get(_ASK)] * events, connections=1, expected=200
        )
        seconds = perf_counter() - started
        return Run(events, seconds, spent(before, cpu_s(pids)), answers.latencies_s)


@dataclass(frozen=True, slots=True)
class _Plain:
    """The server's own percentiles of the same facts."""

    lab: Lab
    database: asyncpg.Connection
    running: Sequence[Running] = ()

    async def run(self, events: int) -> Run:
        pids = self.lab.cpu_parts()
        before = cpu_s(pids)
        latencies = []
        for _ in range(events):
            at = perf_counter()
            await self.database.fetch(_PLAIN)
            latencies.append(perf_counter() - at)
        return Run(events, sum(latencies), spent(before, cpu_s(pids)), latencies)


@dataclass(frozen=True, slots=True)
class QueryBench:
    """How long a caller waits for a figure, over so many answered complaints."""

    name: str = "metrics.query"
    complaints: int = 50_000

    @property
    def names(self) -> tuple[str, ...]:
        """The results it gives."""
        return (self.name,)

    async def measure(self, lab: Lab, recorded: Recorded, asked: Asked) -> list[dict[str, Any]]:
        """The p99 of the service and of the plain query."""
        async with lab.looking("metrics") as database, lab.services("metrics") as service:
            await self._load(database)
            facts = await database.fetchval("SELECT count(*) FROM complaint_fact")
            both = (_Asking(lab, service), _Plain(lab, database))
            await in_turn(both, (2, 2), 1)
            warm = await in_turn(both, (3, 3), 1)
            sizes = [max(5, int(run.rate * asked.seconds)) for run in warm[0]]
            pairs = await in_turn(both, sizes, asked.repeats)
            profile = await profiled(lab, self.name, both[0], sizes[0], asked.profiles)
        told = result(self.name, "ms (p99)", "percentile_cont over the same facts", pairs)
        ours, theirs = told["service"]["p99_ms"], told["beside"]["p99_ms"]
        told |= {
            "rate": ours,
            "yardstick": theirs,
            "ratio": round(theirs / ours, 3),
            "p50_ms": told["service"]["p50_ms"],
            "p99_ms": ours,
            "complaints": facts,
            **profile,
        }
        return [told]

    async def _load(self, database: asyncpg.Connection) -> None:
        row = await loading.one_row(database, "complaint_fact", "lead IS NOT NULL")
        spread = "interval '1 second' * round((random() * 864000)::numeric, 3)"
        answered = f"r.received_at + {spread}"
        changed = {
            "complaint_id": "gen_random_uuid()",
            "lead": "'agency_' || n.place % 40",
            "first_response_at": answered,
            "state": "'answered'",
        }
        rows = f"SELECT place FROM generate_series(1, {self.complaints}) AS place"
        await loading.multiply(database, "complaint_fact", row, changed, rows)
        await database.execute("ANALYZE complaint_fact")


BENCH = QueryBench()
