"""`pipeline.throughput` and `pipeline.latency`: the whole way, four services, four processes."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from time import perf_counter
from typing import Any
from uuid import UUID

import asyncpg
from tests.bench import http, settings
from tests.bench.benches.metrics_fold import folded_to
from tests.bench.figures import Run, cpu_s, percentile, spent
from tests.bench.lab import BenchFailed, Lab, Running, twin, until
from tests.bench.mentions import mentions
from tests.bench.recorded import Recorded
from tests.bench.sides import Asked, Bench, Side, in_turn, profiled, result

from lintas.contracts.topics import COMPLAINTS
from lintas_local.stack import SERVICES

_LINES = 500
_CONNECTIONS = 4
_PER_SECOND = 200
_LOOK_S = 0.003
_WARM_UP_S = 20
_labels = count()


@dataclass(frozen=True, slots=True)
class _Line:
    """Four processes in a row, and looks into what they wrote."""

    lab: Lab
    recorded: Recorded
    running: Sequence[Running]
    front: str
    queue: asyncpg.Connection
    folded: asyncpg.Connection
    topic: str

    def expected(self, complaints: Sequence[bytes]) -> int:
        """Lifecycle records of accepted complaints."""
        records = self.recorded.records[COMPLAINTS]
        if self.topic != COMPLAINTS:
            return self.recorded.expected(COMPLAINTS, complaints)
        # what is said decides here, and it comes round and round
        return sum(len(records[place % len(records)]) for place in range(len(complaints)))


@dataclass(frozen=True, slots=True)
class _Throughput:
    """Batches go in; done when every fact of theirs counts."""

    line: _Line

    @property
    def running(self) -> Sequence[Running]:
        """See `Side.running`."""
        return self.line.running

    async def run(self, events: int) -> Run:
        line, lab = self.line, self.line.lab
        source = mentions(f"line{next(_labels)}")
        requests = [
            http.request(
                "/v1/mentions/batch",
                b"\n".join(next(source) for _ in range(_LINES)),
                key=lab.stack.key("front-door"),
                kind="application/x-ndjson",
            )
            for _ in range(max(_CONNECTIONS, events // _LINES))
        ]
        sent = len(requests) * _LINES
        known = await line.folded.fetchval("SELECT count(*) FROM complaint_fact")
        head = await lab.head(line.topic)
        pids = lab.cpu_parts(*line.running)
        before = cpu_s(pids)
        started = perf_counter()
        answers = await http.post_all(line.front, requests, connections=_CONNECTIONS)
        head += line.expected(answers.complaints)

        async def counted() -> bool:
            return await folded_to(line.folded, line.topic, head)

        await until(counted, "not every fact was folded")
        seconds = perf_counter() - started
        used = spent(before, cpu_s(pids))
        accepted = len(set(answers.complaints))
        folded = await line.folded.fetchval("SELECT count(*) FROM complaint_fact") - known
        if not sent == accepted == folded or await lab.head(line.topic) != head:
            raise BenchFailed(f"{sent} mentions were sent, {accepted} accepted, {folded} counted")
        return Run(sent, seconds, used, answers.latencies_s, answers.put_off)


@dataclass(slots=True)
class _Latency:
    """Single mentions at a fixed rate; each done when its complaint stands in the queue."""

    line: _Line
    _sent_at: dict[UUID, float] = field(default_factory=dict)

    @property
    def running(self) -> Sequence[Running]:
        """See `Side.running`."""
        return self.line.running

    async def run(self, events: int) -> Run:
        line, lab = self.line, self.line.lab
        source = mentions(f"slow{next(_labels)}")
        key = lab.stack.key("front-door")
        requests = [http.request("/v1/mentions", next(source), key=key) for _ in range(events)]
        pids = lab.cpu_parts(*line.running)
        before = cpu_s(pids)
        arrivals: list[float] = []
        looking = asyncio.create_task(self._look(events, arrivals))
        started = perf_counter()
        answers = await http.post_all(
            line.front,
            requests,
            connections=_PER_SECOND // 4,
            per_second=_PER_SECOND,
            on_answer=self._accepted,
        )
        async with asyncio.timeout(60):
            await looking
        seconds = perf_counter() - started
        used = spent(before, cpu_s(pids))
        if len(set(answers.complaints)) != events:
            raise BenchFailed(f"{events} mentions were sent, {len(answers.complaints)} accepted")
        return Run(events, seconds, used, arrivals, answers.put_off)

    def _accepted(self, complaint: bytes, sent_at: float) -> None:
        self._sent_at[UUID(complaint.decode())] = sent_at

    async def _look(self, events: int, arrivals: list[float]) -> None:
        """Ask for those under way, again and again; what is seen counts up to the look."""
        # a plan made while the table was small would read all of it at every look, more as it grows
        await self.line.queue.execute("SET enable_seqscan = off")
        while len(arrivals) < events:
            if self._sent_at:
                rows = await self.line.queue.fetch(
                    "SELECT id FROM complaint WHERE id = ANY($1)", list(self._sent_at)
                )
                now = perf_counter()
                arrivals += [now - self._sent_at.pop(row["id"]) for row in rows]
            await asyncio.sleep(_LOOK_S)


@asynccontextmanager
async def _lines(lab: Lab, recorded: Recorded) -> AsyncIterator[tuple[_Line, _Line]]:
    yardsticks = {
        "front": settings.front(lab, recorded, follow=True),
        "decisions": settings.decisions(recorded),
        "registrar": settings.registrar(lab, recorded),
        "folder": settings.folder(lab, recorded),
    }
    async with (
        lab.services(*SERVICES) as services,
        lab.yardsticks(**yardsticks) as plain,
        lab.looking("agency-gateway") as queue,
        lab.looking("agency-gateway", yardstick=True) as plain_queue,
        lab.looking("metrics") as folded,
        lab.looking("metrics", yardstick=True) as plain_folded,
    ):
        yield (
            _Line(lab, recorded, services, services[0].address, queue, folded, COMPLAINTS),
            _Line(
                lab, recorded, plain, plain[0].address, plain_queue, plain_folded, twin(COMPLAINTS)
            ),
        )


@asynccontextmanager
async def _throughput(lab: Lab, recorded: Recorded) -> AsyncIterator[tuple[Side, Side]]:
    async with _lines(lab, recorded) as (ours, theirs):
        yield _Throughput(ours), _Throughput(theirs)


THROUGHPUT = Bench(
    name="pipeline.throughput",
    unit="mentions/s",
    yardstick_name="four hops in four processes, the same rows and acknowledgements",
    target=0.3,
    sides=_throughput,
    first=_CONNECTIONS * _LINES,
    services=("ingest", "agency-gateway", "metrics"),
)


@dataclass(frozen=True, slots=True)
class LatencyBench:
    """The time from a mention's request to its complaint in the queue, at a fixed rate."""

    name: str = "pipeline.latency"
    p50_ms: float = 60.0
    p99_ms: float = 200.0

    @property
    def names(self) -> tuple[str, ...]:
        """The results it gives."""
        return (self.name,)

    async def measure(self, lab: Lab, recorded: Recorded, asked: Asked) -> list[dict[str, Any]]:
        """The percentiles over runs made in turn."""
        async with _lines(lab, recorded) as lines:
            both = (_Latency(lines[0]), _Latency(lines[1]))
            # Kafka's virtual machine takes a second's work twice while it is cold
            warm = _PER_SECOND * _WARM_UP_S
            await in_turn(both, (warm, warm), 1)
            events = int(_PER_SECOND * asked.seconds)
            pairs = await in_turn(both, (events, events), asked.repeats)
            profile = await profiled(lab, self.name, both[0], events, asked.profiles)
        name = f"four hops without logic at {_PER_SECOND} mentions/s"
        told = result(self.name, "ms (p50)", name, pairs)
        ours, theirs = told["service"], told["beside"]
        for side, runs in zip((ours, theirs), zip(*pairs, strict=True), strict=True):
            medians = [percentile(run.latencies_s, 0.5) * 1000 for run in runs]
            side |= {"min": round(min(medians), 2), "max": round(max(medians), 2)}
        told |= {
            "rate": ours["p50_ms"],
            "yardstick": theirs["p50_ms"],
            "ratio": round(theirs["p50_ms"] / ours["p50_ms"], 3),
            "p50_ms": ours["p50_ms"],
            "p99_ms": ours["p99_ms"],
            "offered_per_second": _PER_SECOND,
            **profile,
        }
        for figure, most in (("p50_ms", self.p50_ms), ("p99_ms", self.p99_ms)):
            if told[figure] > most:
                told["missed"].append(f"{figure} is {told[figure]}, at most {most} wanted")
        return [told]


LATENCY = LatencyBench()
