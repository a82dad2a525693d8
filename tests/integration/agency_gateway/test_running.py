"""The whole process: its loops on real Kafka, and an instance pinned to some agencies."""

import asyncio
import json
from uuid import uuid4

import httpx2
import pytest

from agency_gateway.app import create_app
from lintas.contracts.codec import decode, encode
from lintas.contracts.records import OutRecord
from lintas.contracts.topics import COMPLAINTS, DIRECTORY, ROUTING
from lintas.messaging.producer import KafkaProducer
from lintas.messaging.reader import read_to_end
from lintas.testing.builders import complaint_id, complaint_routed, decision, with_help

pytestmark = pytest.mark.stack


async def until(holds, timeout_s=20):
    async with asyncio.timeout(timeout_s):
        while not await holds():  # noqa: ASYNC110  # Kafka and PostgreSQL tell nobody
            await asyncio.sleep(0.02)


@pytest.fixture
def client():
    def of(app):
        transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
        return httpx2.AsyncClient(transport=transport, base_url="http://gateway")

    return of


async def test_decisions_come_in_and_facts_go_out(gateway, stack, environ, owner, client):
    numbers = [uuid4().int % 10**9 for _ in range(30)]
    wanted = [
        encode(complaint_routed(n, decision(contributors=with_help("dlh"))), ROUTING, "router")
        for n in numbers
    ]
    nonsense = OutRecord(ROUTING, b"k", b"{", (("ce_type", b"lintas.complaint.routed.v1"),))
    producer = KafkaProducer(stack.kafka, "tests")
    await producer.send([*wanted[:10], nonsense, *wanted, *wanted[10:]])
    await producer.stop()
    app = create_app(environ | {"LINTAS_KAFKA": stack.kafka})
    async with app.router.lifespan_context(app), client(app) as http:
        document = {"version": uuid4().hex, "known_from": "2026-01-01T00:00:00Z", "body": {"a": 1}}
        path = "/v1/directory/city/bogor"
        put = await http.put(path, json=document, headers=gateway.admin)
        assert put.status_code == 201

        async def published() -> bool:
            waiting = await owner.fetchval("SELECT count(*) FROM outbox WHERE published_at IS NULL")
            known = await owner.fetchval(
                "SELECT count(*) FROM complaint WHERE id = ANY($1::uuid[])",
                [complaint_id(n) for n in numbers],
            )
            return (known, waiting) == (30, 0)

        await until(published)
        assert (await http.get("/readyz")).json()["status"] == "ready"
    mine = {complaint_id(n) for n in numbers}
    chains: dict[object, list[int]] = {}
    for record in await read_to_end(stack.kafka, "tests", [COMPLAINTS]):
        fact = decode(record)
        if fact.complaint_id in mine:
            chains.setdefault(fact.complaint_id, []).append(fact.seq)
    assert chains.keys() == mine
    assert all(numbers == [1, 2, 3] for numbers in chains.values())
    documents = [decode(r) for r in await read_to_end(stack.kafka, "tests", [DIRECTORY])]
    assert document["version"] in {found.version for found in documents}


async def test_without_kafka_the_doors_stay_open_and_events_wait(gateway, environ, owner, client):
    app = create_app(environ)
    async with app.router.lifespan_context(app), client(app) as http:
        await gateway.register(1)
        who = await gateway.key("dpupr")
        answer = await http.post(f"/v1/complaints/{complaint_id(1)}/accept", json={}, headers=who)
        assert answer.status_code == 200
        assert (await http.get("/readyz")).status_code == 200
    waiting = await owner.fetchval("SELECT count(*) FROM outbox WHERE published_at IS NULL")
    assert waiting == 3


async def test_a_pinned_instance_serves_its_agencies_only(gateway, environ, client):
    await gateway.register(1, contributors=with_help("dlh"))
    keys = {agency: await gateway.key(agency) for agency in ("dpupr", "dlh")}
    kota = await gateway.person("kota", None, "coordinator")
    app = create_app(environ | {"LINTAS_AGENCIES": "dlh, dinkes"})
    path = f"/v1/complaints/{complaint_id(1)}"
    async with app.router.lifespan_context(app), client(app) as http:
        served = {
            name: [
                (await http.get(address, headers=who)).status_code
                for address in (path, f"/v1/agencies/{name}/queue")
            ]
            for name, who in (*keys.items(), ("kota", kota))
        }
        assert (await http.get("/pernyataan/none.json")).status_code == 404
    assert served == {"dlh": [200, 200], "dpupr": [404, 404], "kota": [404, 404]}


async def test_openapi_names_a_policy_for_every_address(gateway):
    document = (await gateway.http.get("/openapi.json")).json()
    for path, methods in document["paths"].items():
        for operation in methods.values():
            assert operation["x-policy"], path
    json.dumps(document)
