"""Reads everything there is once a run is over, so that the checker can judge without a city."""

import asyncio
import gzip
import json
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any, Self

import asyncpg
import httpx2
from aiokafka import AIOKafkaConsumer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.structs import TopicPartition as Partition
from tests.faults.city import City
from tests.faults.clients import canaries_in
from tests.faults.history import History

from lintas.contracts.records import Record
from lintas.contracts.topics import COMPLAINTS, DIRECTORY, MENTIONS, ROUTING, STATEMENTS
from lintas.messaging.client import stop_client
from lintas.messaging.ports import TopicsDiffer
from lintas.messaging.reader import read_to_end

#: who reads what, upstream first
GROUPS: Mapping[str, tuple[str, ...]] = {
    "router.decide": (MENTIONS,),
    "router.reroute": (COMPLAINTS,),
    "agency-gateway.register": (ROUTING,),
    "ingest.status": (COMPLAINTS, STATEMENTS),
}
#: what metrics folds; its positions are in its own database
FOLDED = (COMPLAINTS, STATEMENTS, DIRECTORY)
#: what the router's corpus takes in; its positions are in its own database, too
COLLECTED = (ROUTING, COMPLAINTS)
QUARANTINES = tuple(
    f"lintas.quarantine.{service}.v1"
    for service in ("ingest", "router", "agency-gateway", "metrics")
)
TOPICS = (MENTIONS, ROUTING, COMPLAINTS, STATEMENTS, DIRECTORY, *QUARANTINES)

_OUTBOX = (
    "SELECT (SELECT h ->> 1 FROM jsonb_array_elements(headers) h WHERE h ->> 0 = 'ce_id')"
    " AS event_id, topic, published_at IS NOT NULL AS published FROM outbox"
)
_QUERIES: Mapping[str, Mapping[str, str]] = {
    "ingest": {
        "complaint": "SELECT complaint_id, ticket FROM complaint",
        "mention": "SELECT mention_id, complaint_id FROM mention",
        "public_status": "SELECT complaint_id, seq, status FROM public_status",
        "published_answer": "SELECT complaint_id, statement_id, version FROM published_answer",
        "outbox": _OUTBOX,
        "parked_event": "SELECT topic, partition, record_offset, reason FROM parked_event",
    },
    "router": {
        "outbox": _OUTBOX,
        "parked_event": "SELECT topic, partition, record_offset, reason FROM parked_event",
    },
    "agency-gateway": {
        "complaint": "SELECT id, ticket, mention_id, state, seq, text FROM complaint",
        "assignment": "SELECT id, complaint_id, agency, role, state FROM assignment",
        "access": "SELECT agency, complaint_id FROM access",
        "history": "SELECT complaint_id, seq, event_id, type, occurred_at, recorded_at, body"
        " FROM history ORDER BY complaint_id, seq",
        "contribution": "SELECT complaint_id, agency FROM contribution",
        "statement": "SELECT s.id, s.agency, v.version, v.state, c.complaint_id FROM statement s"
        " JOIN statement_version v ON v.statement_id = s.id"
        " LEFT JOIN statement_complaint c ON c.statement_id = s.id",
        "outbox": _OUTBOX,
        "parked_event": "SELECT topic, partition, record_offset, reason FROM parked_event",
    },
    "metrics": {
        "complaint_fact": "SELECT complaint_id, seq, state FROM complaint_fact"
        " WHERE generation = (SELECT generation FROM fold)",
        "fact": "SELECT event_id, complaint_id, seq FROM fact"
        " WHERE generation = (SELECT generation FROM fold)",
        "waiting": "SELECT complaint_id, facts FROM waiting WHERE facts > 0"
        " AND generation = (SELECT generation FROM fold)",
        "parked_event": "SELECT topic, partition, record_offset, reason FROM parked_event",
    },
}
_TICKETS = 200


@dataclass
class Final:
    """Everything as it stands after a run."""

    records: list[Record] = field(default_factory=list)
    #: service → table → rows
    tables: dict[str, dict[str, list[dict[str, Any]]]] = field(default_factory=dict)
    #: what `GET /v1/kpis` says
    report: dict[str, Any] = field(default_factory=dict)
    #: ticket → HTTP status of its page
    tickets: dict[str, int] = field(default_factory=dict)
    #: log → canaries found in it
    leaks: dict[str, list[str]] = field(default_factory=dict)
    #: processes that ended although nobody ended them
    exits: list[str] = field(default_factory=list)
    #: what was still on its way when patience ended; empty once all was drained
    undrained: list[str] = field(default_factory=list)

    def of(self, topic: str) -> list[Record]:
        """The records of a topic, in order per partition."""
        return [record for record in self.records if record.topic == topic]

    def rows(self, service: str, table: str) -> list[dict[str, Any]]:
        """The rows of a table."""
        return self.tables[service][table]

    def write(self, path: Path) -> None:
        """Keep it for a later check."""
        plain = {**self.__dict__, "records": [_plain(record) for record in self.records]}
        with gzip.open(path, "wt", encoding="utf-8") as file:
            json.dump(plain, file, default=str)

    @classmethod
    def read(cls, path: Path) -> Self:
        """What was kept."""
        with gzip.open(path, "rt", encoding="utf-8") as file:
            plain = json.load(file)
        plain["records"] = [_record(row) for row in plain["records"]]
        return cls(**plain)


class Watcher:
    """Sees how much is still on its way, in the databases and in the log."""

    def __init__(self, city: City) -> None:
        self._city = city
        self._databases: dict[str, asyncpg.Connection] = {}
        self._admin: AIOKafkaAdminClient | None = None
        self._consumer: AIOKafkaConsumer | None = None

    async def close(self) -> None:
        """Hang up."""
        for client in (self._admin, self._consumer):
            if client is not None:
                await stop_client(client)
        self._admin = self._consumer = None
        for connection in self._databases.values():
            connection.terminate()
        self._databases.clear()

    async def drained(self, within_s: float, history: History) -> list[str]:
        """Wait until nothing is on its way; what still is if patience ends.

        The history tells when what was last on its way.
        """
        end = monotonic() + within_s
        before: list[str] = []
        while True:
            try:
                async with asyncio.timeout(20):
                    left = await self.on_its_way()
            except Exception as error:  # noqa: BLE001  # whatever is away, it is not drained
                await self.close()
                left = [f"not to be seen: {type(error).__name__}: {error}"]
            if left != before:
                history.note("on its way", left=left)
            before = left
            if not left or monotonic() > end:
                return left
            await asyncio.sleep(0.1)

    async def on_its_way(self) -> list[str]:
        """What is on its way, upstream first: whatever has left one stage is in a later one."""
        left: list[str] = []
        left += await self._outbox("ingest")
        left += await self._lag("router.decide")
        left += await self._parked("router")
        # a complaint that is given back goes round once more, so they are looked at twice
        for _ in range(2):
            left += await self._lag("agency-gateway.register")
            left += await self._parked("agency-gateway")
            left += await self._outbox("agency-gateway")
            left += await self._lag("router.reroute")
        left += await self._outbox("router")
        left += await self._lag("ingest.status")
        left += await self._parked("ingest")
        left += await self._corpus()
        left += await self._fold()
        return list(dict.fromkeys(left))

    async def _corpus(self) -> list[str]:
        query = "SELECT topic, partition, next FROM corpus_position"
        behind = await self._behind("router", query, COLLECTED)
        return [f"{behind} records not in the corpus"] if behind else []

    async def _outbox(self, service: str) -> list[str]:
        waiting = await self._value(
            service, "SELECT count(*) FROM outbox WHERE published_at IS NULL"
        )
        return [f"{waiting} in the outbox of {service}"] if waiting else []

    async def _parked(self, service: str) -> list[str]:
        parked = await self._value(service, "SELECT count(*) FROM parked_event")
        return [f"{parked} parked in {service}"] if parked else []

    async def _fold(self) -> list[str]:
        query = (
            "SELECT topic, partition, next FROM kafka_pos"
            " WHERE generation = (SELECT generation FROM fold)"
        )
        behind = await self._behind("metrics", query, FOLDED)
        waiting = await self._value(
            "metrics",
            "SELECT count(*) FROM waiting WHERE facts > 0"
            " AND generation = (SELECT generation FROM fold)",
        )
        left = [f"{behind} records not folded"] if behind else []
        return left + ([f"{waiting} complaints behind a gap"] if waiting else [])

    async def _behind(self, service: str, positions: str, topics: tuple[str, ...]) -> int:
        """How many records are after the positions that a service keeps in its database."""
        rows = await (await self._connection(service)).fetch(positions)
        at = {Partition(row["topic"], row["partition"]): row["next"] for row in rows}
        ends = await self._ends(topics)
        return sum(max(0, end - at.get(tp, 0)) for tp, end in ends.items())

    async def _lag(self, group: str) -> list[str]:
        offsets = await self.committed(group)
        ends = await self._ends(GROUPS[group])
        behind = sum(max(0, end - offsets.get(tp, 0)) for tp, end in ends.items())
        return [f"{behind} records not read by {group}"] if behind else []

    async def committed(self, group: str) -> dict[Partition, int]:
        """The next offset of each partition a group has committed."""
        if self._admin is None:
            self._admin = await _started(AIOKafkaAdminClient, self._city.bootstrap)
        offsets = await self._admin.list_consumer_group_offsets(group)
        return {tp: found.offset for tp, found in offsets.items()}

    async def _ends(self, topics: tuple[str, ...]) -> dict[Partition, int]:
        if self._consumer is None:
            self._consumer = await _started(AIOKafkaConsumer, self._city.bootstrap)
        found: dict[Partition, int] = await self._consumer.end_offsets(
            [
                Partition(topic.name, number)
                for topic in self._city.topics()
                if topic.name in topics
                for number in range(topic.partitions)
            ]
        )
        return found

    async def _value(self, service: str, query: str) -> int:
        connection = await self._connection(service)
        return int(await connection.fetchval(query))

    async def _connection(self, service: str) -> asyncpg.Connection:
        if service not in self._databases or self._databases[service].is_closed():
            self._databases[service] = await self._city.database(service)
        return self._databases[service]


async def _started(kind: type[Any], bootstrap: str) -> Any:
    client = kind(bootstrap_servers=bootstrap)
    try:
        await client.start()
    except BaseException:
        # bounded: a client that never came up may never stop
        await stop_client(client)
        raise
    return client


async def observe(city: City, *, since: float, undrained: list[str], seed: int) -> Final:
    """Read everything. `since` is when the run began, on the monotonic clock."""
    final = Final(undrained=undrained)
    final.records = await _records(city)
    for service, queries in _QUERIES.items():
        connection = await city.database(service)
        try:
            final.tables[service] = {
                table: [_row(row) for row in await connection.fetch(query)]
                for table, query in queries.items()
            }
        finally:
            await connection.close()
    final.report = await _report(city)
    final.tickets = await _pages(city, final, seed)
    final.leaks = {
        log.name: found
        for log in sorted(city.home.logs.glob("*.log"))
        if (found := canaries_in(log.read_text(encoding="utf-8", errors="replace")))
    }
    final.exits = [str(one) for one in city.unexpected_exits(since)]
    return final


async def _records(city: City) -> list[Record]:
    try:
        return await read_to_end(city.bootstrap, "faults", TOPICS)
    except TopicsDiffer:
        # a fault may have taken quarantine topics away
        return await read_to_end(city.bootstrap, "faults", TOPICS[: -len(QUARANTINES)])


async def _report(city: City) -> dict[str, Any]:
    """The figures as of a moment after everything that happened."""
    connection = await city.database("agency-gateway")
    try:
        last = await connection.fetchval("SELECT max(recorded_at) FROM history")
    finally:
        await connection.close()
    async with httpx2.AsyncClient(trust_env=False, timeout=30) as client:
        as_of = {"as_of": last.isoformat()} if last is not None else {}
        answer = await client.get(f"{city.addresses('metrics')[0]}/v1/kpis", params=as_of)
    answer.raise_for_status()
    report: dict[str, Any] = answer.json()
    return report


async def _pages(city: City, final: Final, seed: int) -> dict[str, int]:
    """The public pages of some accepted complaints, the newest among them."""
    tickets = [row["ticket"] for row in final.rows("ingest", "complaint")]
    step = max(1, len(tickets) // _TICKETS)
    found: dict[str, int] = {}
    async with httpx2.AsyncClient(
        base_url=city.addresses("ingest")[0], trust_env=False, timeout=15
    ) as client:
        for ticket in tickets[seed % step :: step]:
            found[ticket] = (await client.get(f"/v1/complaints/{ticket}")).status_code
    return found


def _row(row: asyncpg.Record) -> dict[str, Any]:
    return {
        name: value if isinstance(value, int | str | bool | None) else _text(value)
        for name, value in row.items()
    }


def _text(value: Any) -> str:
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _plain(record: Record) -> list[Any]:
    topic, partition, offset, timestamp, key, value, headers = (
        getattr(record, name) for name in record.__slots__
    )
    return [
        *(topic, partition, offset, timestamp),
        *(None if one is None else b64encode(one).decode() for one in (key, value)),
        [[name, b64encode(content).decode()] for name, content in headers],
    ]


def _record(row: list[Any]) -> Record:
    topic, partition, offset, timestamp, key, value, headers = row
    return Record(
        *(topic, partition, offset, timestamp),
        *(None if one is None else b64decode(one) for one in (key, value)),
        tuple((name, b64decode(content)) for name, content in headers),
    )
