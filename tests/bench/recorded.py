"""A set of mentions taken the whole way once: the records and rows that benchmarks copy."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from os import urandom
from uuid import UUID

from tests.bench import http
from tests.bench.lab import Lab, until
from tests.bench.mentions import VARIETY, mentions
from tests.bench.yardsticks.plain import Out, complaint_of, template_of

from lintas.contracts.codec import header
from lintas.contracts.records import Record
from lintas.contracts.topics import COMPLAINTS, MENTIONS, ROUTING
from lintas.messaging.reader import read_to_end
from lintas_local.stack import SERVICES

#: complaints that everything else is a copy of; a Kafka batch holds fewer, so that its compression
#: finds no more repetition than in life
TEMPLATES = VARIETY


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of each mention; places are those of `complaints`."""

    complaints: list[UUID]
    #: by topic, then per complaint: its records in order
    records: dict[str, list[list[Record]]]

    @property
    def known_as(self) -> list[list[str]]:
        """Per complaint its id, then the ids of the events behind its rows."""
        return [
            [str(complaint)]
            + [
                header(record.headers, "ce_id") or ""
                for topic in self.records
                for record in self.records[topic][place]
            ]
            for place, complaint in enumerate(self.complaints)
        ]

    def headers(self, topic: str) -> list[tuple[str, str]]:
        """Headers of one record, for a yardstick that does not make its own."""
        return [(name, value.decode()) for name, value in self.records[topic][0][0].headers]

    def expected(self, topic: str, keys: Iterable[bytes]) -> int:
        """How many records of a topic copies with these keys will have."""
        found, size = self.records[topic], len(self.complaints)
        return sum(len(found[template_of(key, size)]) for key in keys)

    def copies(self, topic: str, to: str, number: int) -> Iterator[Out]:
        """Records of a topic under new ids, as if so many more people had spoken in turn."""
        for place in range(number):
            template, noise = place % len(self.complaints), urandom(32)
            complaint = complaint_of(template, noise)
            key = str(complaint).encode()
            old = str(self.complaints[template]).encode()
            for at, record in enumerate(self.records[topic][template]):
                event = str(UUID(bytes=noise[16:31] + bytes([at]), version=5)).encode()
                headers = [
                    (name, event if name == "ce_id" else value.replace(old, key))
                    for name, value in record.headers
                ]
                yield to, key, (record.value or b"").replace(old, key), headers


async def record(lab: Lab) -> Recorded:
    """Let mentions go the whole way: intake, decision, registration, figures."""
    source = mentions("recorded")
    lines = [next(source) for _ in range(TEMPLATES)]
    post = http.request(
        "/v1/mentions/batch",
        b"\n".join(lines),
        key=lab.stack.key("front-door"),
        kind="application/x-ndjson",
    )
    async with lab.services(*SERVICES):
        answers = await http.post_all(lab.address("ingest"), [post], connections=1)
        async with (
            lab.looking("agency-gateway") as gateway,
            lab.looking("metrics") as metrics,
            lab.looking("ingest") as ingest,
        ):

            async def arrived() -> bool:
                if await gateway.fetchval("SELECT count(*) FROM complaint") < TEMPLATES:
                    return False
                if await gateway.fetchval("SELECT count(*) FROM outbox WHERE published_at IS NULL"):
                    return False
                told = await lab.head(COMPLAINTS)
                folded = await metrics.fetchval("SELECT count(*) FROM fact")
                shown = await ingest.fetchval("SELECT count(*) FROM inbox")
                return bool(told == folded == shown)

            await until(arrived, "the recorded mentions did not arrive everywhere")
    complaints = [UUID(one.decode()) for one in answers.complaints]
    return Recorded(
        complaints,
        {
            topic: _by_complaint(await read_to_end(lab.stack.kafka, "bench", [topic]), complaints)
            for topic in (MENTIONS, ROUTING, COMPLAINTS)
        },
    )


def _by_complaint(records: Sequence[Record], complaints: Sequence[UUID]) -> list[list[Record]]:
    by_key: dict[bytes | None, list[Record]] = {}
    for one in sorted(records, key=lambda record: (record.partition, record.offset)):
        by_key.setdefault(one.key, []).append(one)
    return [by_key[str(complaint).encode()] for complaint in complaints]
