"""`gateway.register`: decisions read, complaints opened, lifecycle published."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from time import perf_counter

from tests.bench import settings
from tests.bench.figures import Run, cpu_s, spent
from tests.bench.lab import BenchFailed, Lab, Running, twin, until
from tests.bench.recorded import Recorded
from tests.bench.sides import Bench, Side
from tests.bench.yardsticks.plain import Sender

from lintas.contracts.codec import header
from lintas.contracts.topics import COMPLAINTS, ROUTING
from lintas.messaging.reader import TopicReader


@dataclass(frozen=True, slots=True)
class _Registering:
    """Copies of recorded decisions go in; done when the last lifecycle record is out."""

    lab: Lab
    recorded: Recorded
    running: Sequence[Running]
    sender: Sender
    reader: TopicReader
    topic_in: str
    topic_out: str

    async def run(self, events: int) -> Run:
        records = list(self.recorded.copies(ROUTING, self.topic_in, events))
        keys = {key for _, key, _, _ in records}
        wanted = self.recorded.expected(COMPLAINTS, keys)
        pids = self.lab.cpu_parts(*self.running)
        before_head, before = await self.lab.head(self.topic_out), cpu_s(pids)
        started = perf_counter()
        await self.sender.send(records)

        async def out() -> bool:
            return await self.lab.head(self.topic_out) >= before_head + wanted

        await until(out, f"not all of {wanted} records came out")
        seconds = perf_counter() - started
        used = spent(before, cpu_s(pids))
        found = await self.reader.read_on()
        if len(found) != wanted or {record.key for record in found} != keys:
            raise BenchFailed(f"{wanted} records were to come out, {len(found)} did")
        ids = {(record.key, header(record.headers, "ce_id")) for record in found}
        if self.topic_out == COMPLAINTS and len(ids) != wanted:
            raise BenchFailed(f"{wanted - len(ids)} records came out twice")
        return Run(events, seconds, used)


@asynccontextmanager
async def sides(lab: Lab, recorded: Recorded) -> AsyncIterator[tuple[Side, Side]]:
    """The gateway, and its yardstick."""
    async with (
        lab.services("agency-gateway") as service,
        lab.yardsticks(gateway_yardstick=settings.registrar(lab, recorded)) as plain,
        Sender(lab.stack.kafka) as sender,
        lab.reading(COMPLAINTS) as published,
        lab.reading(twin(COMPLAINTS)) as relayed,
    ):
        yield (
            _Registering(lab, recorded, service, sender, published, ROUTING, COMPLAINTS),
            _Registering(lab, recorded, plain, sender, relayed, twin(ROUTING), twin(COMPLAINTS)),
        )


BENCH = Bench(
    name="gateway.register",
    unit="complaints/s",
    yardstick_name="consume, the same rows by unnest, commit, relay",
    target=0.5,
    sides=sides,
    first=1_500,
    services=("agency-gateway",),
)
