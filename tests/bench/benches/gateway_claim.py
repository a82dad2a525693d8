"""`gateway.claim`: leases on a queue among many open complaints."""

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import asyncpg
import orjson
from tests.bench import http, loading
from tests.bench.figures import Run, cpu_s, percentile, spent
from tests.bench.lab import BenchFailed, Lab, Running, free_port
from tests.bench.recorded import Recorded
from tests.bench.sides import Asked, Bench, Side

AGENCY = "dishub"
_AGENCIES = 40
_AT_ONCE = 50
_CONNECTIONS = 4
_LISTS = 200
_CLAIM_ID = re.compile(rb'"claim_id": *"([0-9a-f-]{36})"')
_OPENED = (
    f"SELECT id, due, CASE WHEN place % {_AGENCIES} = 0 THEN '{AGENCY}'"
    f" ELSE 'agency_' || place % {_AGENCIES} END AS agency FROM opened"
)


@dataclass(frozen=True, slots=True)
class _Claiming:
    """Callers that lease fifty, and give them back, over and over."""

    lab: Lab
    running: Sequence[Running]
    key: str
    database: asyncpg.Connection

    async def run(self, events: int) -> Run:
        pids = self.lab.cpu_parts(*self.running)
        latencies: list[float] = []
        before = cpu_s(pids)
        started = perf_counter()
        each = -(-events // _CONNECTIONS)
        await asyncio.gather(*(self._claim(each, latencies) for _ in range(_CONNECTIONS)))
        seconds = perf_counter() - started
        used = spent(before, cpu_s(pids))
        left = await self.database.fetchval(
            "SELECT count(*) FROM assignment WHERE agency = $1 AND claim_id IS NOT NULL", AGENCY
        )
        if left:
            raise BenchFailed(f"{left} assignments were not given back")
        return Run(each * _CONNECTIONS, seconds, used, latencies)

    async def _claim(self, times: int, latencies: list[float]) -> None:
        path = f"/v1/agencies/{AGENCY}/claims"
        body = b'{"max": %d, "lease_s": 300}' % _AT_ONCE
        async with http.Client.connected(self.running[0].address) as client:
            for _ in range(times):
                at = perf_counter()
                answer = await client.ask(http.request(path, body, key=self.key))
                latencies.append(perf_counter() - at)
                claim = _CLAIM_ID.search(answer)
                if claim is None or answer.count(b'"assignment_id"') != _AT_ONCE:
                    raise BenchFailed(f"a claim got something else than {_AT_ONCE}")
                release = f"{path}/{claim[1].decode()}/release"
                await client.ask(http.request(release, b"{}", key=self.key))


@dataclass(frozen=True, slots=True)
class ClaimBench:
    """Claims, and how long a caller waits for a claim and for a page of the queue."""

    name: str = "gateway.claim"
    #: complaints that are open, over forty agencies
    open: int = 100_000

    @property
    def names(self) -> tuple[str, ...]:
        """The results it gives."""
        return (self.name,)

    async def measure(self, lab: Lab, recorded: Recorded, asked: Asked) -> list[dict[str, Any]]:
        """The figures, with the p99 of both."""
        lists: list[float] = []

        @asynccontextmanager
        async def sides(lab: Lab, recorded: Recorded) -> AsyncIterator[tuple[Side, Side]]:
            async with self._sides(lab, recorded) as both:
                yield both
                lists.extend(await _list(both[0]))

        bench = Bench(
            name=self.name,
            unit=f"claims of {_AT_ONCE}/s",
            yardstick_name="the same claim statement behind a raw route, no checks",
            target=None,
            sides=sides,
            first=100,
            step=1,
        )
        [told] = await bench.measure(lab, recorded, asked)
        told |= {
            "open_complaints": self.open,
            "agencies": _AGENCIES,
            "claim_p99_ms": told["service"]["p99_ms"],
            "list_p99_ms": round(percentile(lists, 0.99) * 1000, 2),
        }
        return [told]

    @asynccontextmanager
    async def _sides(
        self, lab: Lab, recorded: Recorded
    ) -> AsyncIterator[tuple["_Claiming", "_Claiming"]]:
        async with (
            lab.looking("agency-gateway") as ours,
            lab.looking("agency-gateway", yardstick=True) as theirs,
            lab.services("agency-gateway") as service,
        ):
            await _load(self.open, ours, theirs)
            key = await _key(lab, service[0].address)
            yardstick = {
                "kind": "claims",
                "port": free_port(),
                "agency": AGENCY,
                "database": lab.database("agency-gateway", yardstick=True),
            }
            async with lab.yardsticks(claims=yardstick) as plain:
                yield (
                    _Claiming(lab, service, key, ours),
                    _Claiming(lab, plain, key, theirs),
                )


async def _load(number: int, *databases: asyncpg.Connection) -> None:
    """Put so many open complaints into each database; the first one has rows to copy."""
    source = databases[0]
    assigned = "state = 'queued'"
    share = await loading.one_row(source, "assignment", assigned)
    complaint = await loading.one_row(
        source, "complaint", f"id = (SELECT complaint_id FROM assignment WHERE {assigned} LIMIT 1)"
    )
    access = await loading.one_row(source, "access", "ended_at IS NULL")
    for database in databases:
        await database.execute(
            "CREATE TEMP TABLE opened AS SELECT gen_random_uuid() AS id, place,"
            " now() + random() * interval '30 days' AS due"
            f" FROM generate_series(1, {number}) AS place"
        )
        await loading.multiply(
            database, "complaint", complaint, {"id": "n.id", "ticket": "n.id::text"}, _OPENED
        )
        await loading.multiply(
            database,
            "assignment",
            share,
            {
                "id": "gen_random_uuid()",
                "complaint_id": "n.id",
                "agency": "n.agency",
                "due_at": "n.due",
            },
            _OPENED,
        )
        await loading.multiply(
            database, "access", access, {"complaint_id": "n.id", "agency": "n.agency"}, _OPENED
        )
        await database.execute("ANALYZE complaint, assignment, access", timeout=600)


async def _key(lab: Lab, address: str) -> str:
    body = b'{"client": "bench", "agency": "%b", "scopes": ["queue:read", "queue:write"]}'
    request = http.request(
        "/v1/keys", body % AGENCY.encode(), key=lab.stack.key("operator")
    ).replace(b"\r\n\r\n", b'\r\nIdempotency-Key: "bench-key"\r\n\r\n', 1)
    async with http.Client.connected(address) as client:
        answer = await client.ask(request)
    key: str = orjson.loads(answer)["key"]
    return key


async def _list(side: "_Claiming") -> list[float]:
    get = http.get(f"/v1/agencies/{AGENCY}/queue?limit=50", key=side.key)
    answers = await http.post_all(
        side.running[0].address, [get] * _LISTS, connections=_CONNECTIONS, expected=200
    )
    return answers.latencies_s


BENCH = ClaimBench()
