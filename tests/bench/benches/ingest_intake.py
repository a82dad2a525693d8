"""`ingest.single` and `ingest.batch`: mentions accepted over HTTP, until the relay has published."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from itertools import count
from time import perf_counter

from tests.bench import http, settings
from tests.bench.figures import Run, cpu_s, spent
from tests.bench.lab import BenchFailed, Lab, Running, twin, until
from tests.bench.mentions import mentions
from tests.bench.recorded import Recorded
from tests.bench.sides import Bench, Side

from lintas.contracts.topics import MENTIONS
from lintas.messaging.reader import TopicReader

_LINES = 500
#: mentions of different runs never meet
_labels = count()


@dataclass(frozen=True, slots=True)
class _Accepting:
    """Requests made beforehand go in; done when all are answered and their records are out."""

    lab: Lab
    running: Sequence[Running]
    reader: TopicReader
    topic: str
    lines: int
    connections: int

    async def run(self, events: int) -> Run:
        requests = self._requests(events)
        sent = len(requests) * self.lines
        pids = self.lab.cpu_parts(*self.running)
        before_head, before = await self.lab.head(self.topic), cpu_s(pids)
        started = perf_counter()
        answers = await http.post_all(
            self.running[0].address, requests, connections=self.connections
        )

        async def out() -> bool:
            return await self.lab.head(self.topic) >= before_head + sent

        await until(out, "not every mention was published")
        seconds = perf_counter() - started
        used = spent(before, cpu_s(pids))
        accepted = set(answers.complaints)
        published = [record.key for record in await self.reader.read_on()]
        if not len(accepted) == len(published) == sent or accepted != set(published):
            raise BenchFailed(
                f"{sent} mentions were sent, {len(accepted)} accepted, {len(published)} published"
            )
        return Run(sent, seconds, used, answers.latencies_s, answers.put_off)

    def _requests(self, events: int) -> list[bytes]:
        key = self.lab.stack.key("front-door")
        source = mentions(f"run{next(_labels)}")
        if self.lines == 1:
            return [http.request("/v1/mentions", next(source), key=key) for _ in range(events)]
        return [
            http.request(
                "/v1/mentions/batch",
                b"\n".join(next(source) for _ in range(self.lines)),
                key=key,
                kind="application/x-ndjson",
            )
            for _ in range(max(1, events // self.lines))
        ]


@asynccontextmanager
async def sides(
    lab: Lab, recorded: Recorded, *, lines: int, connections: int
) -> AsyncIterator[tuple[Side, Side]]:
    """Ingest, and its yardstick."""
    async with (
        lab.services("ingest") as service,
        lab.yardsticks(ingest_yardstick=settings.front(lab, recorded)) as plain,
        lab.reading(MENTIONS) as published,
        lab.reading(twin(MENTIONS)) as relayed,
    ):
        yield (
            _Accepting(lab, service, published, MENTIONS, lines, connections),
            _Accepting(lab, plain, relayed, twin(MENTIONS), lines, connections),
        )


SINGLE = Bench(
    name="ingest.single",
    unit="mentions/s",
    yardstick_name="raw body, the same rows in a shared commit, 202, relay",
    target=0.5,
    sides=partial(sides, lines=1, connections=32),
    first=500,
    services=("ingest",),
)
BATCH = Bench(
    name="ingest.batch",
    unit="mentions/s",
    yardstick_name="raw NDJSON lines, the same rows in a shared commit, 202, relay",
    target=0.5,
    sides=partial(sides, lines=_LINES, connections=4),
    first=4 * _LINES,
    services=("ingest",),
)
