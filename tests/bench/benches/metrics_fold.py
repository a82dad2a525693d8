"""`metrics.fold`: lifecycle facts read, kept and added up."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from time import perf_counter

import asyncpg
from tests.bench import settings
from tests.bench.figures import Run, cpu_s, spent
from tests.bench.lab import BenchFailed, Lab, Running, twin, until
from tests.bench.mentions import VARIETY
from tests.bench.recorded import Recorded
from tests.bench.sides import Bench, Side
from tests.bench.yardsticks.plain import Sender

from lintas.contracts.topics import COMPLAINTS


@dataclass(frozen=True, slots=True)
class _Folding:
    """Copies of recorded lifecycles go in; done when all are folded."""

    lab: Lab
    recorded: Recorded
    running: Sequence[Running]
    sender: Sender
    database: asyncpg.Connection
    topic: str

    async def run(self, events: int) -> Run:
        # a complaint has about two facts; whole rounds of what was recorded
        complaints = -(-events // 2 // VARIETY) * VARIETY
        records = list(self.recorded.copies(COMPLAINTS, self.topic, complaints))
        pids = self.lab.cpu_parts(*self.running)
        known = await self.database.fetchval("SELECT count(*) FROM complaint_fact")
        before = cpu_s(pids)
        started = perf_counter()
        await self.sender.send(records)
        head = await self.lab.head(self.topic)
        await until(lambda: folded_to(self.database, self.topic, head), "not every fact was folded")
        seconds = perf_counter() - started
        used = spent(before, cpu_s(pids))
        found = await self.database.fetchval("SELECT count(*) FROM complaint_fact") - known
        if found != complaints:
            raise BenchFailed(f"{complaints} complaints were sent, {found} folded")
        return Run(len(records), seconds, used)


async def folded_to(database: asyncpg.Connection, topic: str, head: int) -> bool:
    """Whether everything up to the head of the topic is in the database."""
    found = await database.fetchval("SELECT sum(next) FROM kafka_pos WHERE topic = $1", topic)
    return int(found or 0) >= head


@asynccontextmanager
async def sides(lab: Lab, recorded: Recorded) -> AsyncIterator[tuple[Side, Side]]:
    """Metrics, and its yardstick."""
    async with (
        lab.services("metrics") as service,
        lab.yardsticks(metrics_yardstick=settings.folder(lab, recorded)) as plain,
        Sender(lab.stack.kafka) as sender,
        lab.looking("metrics") as folded,
        lab.looking("metrics", yardstick=True) as kept,
    ):
        yield (
            _Folding(lab, recorded, service, sender, folded, COMPLAINTS),
            _Folding(lab, recorded, plain, sender, kept, twin(COMPLAINTS)),
        )


BENCH = Bench(
    name="metrics.fold",
    unit="events/s",
    yardstick_name="consume, the same rows, commit",
    target=None,
    sides=sides,
    first=4_000,
    services=("metrics",),
)
