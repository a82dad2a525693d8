"""Gateway and router together, on real Kafka and PostgreSQL: what is given back, what is quoted."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import pytest
from fastapi import FastAPI
from tests.routers import asked
from tests.serving import served

import agency_gateway.app as gateway_app
import router.app as router_app
from lintas.contracts.codec import decode, encode
from lintas.contracts.events import Event
from lintas.contracts.events.complaints import RerouteRequested
from lintas.contracts.events.mentions import MentionFollowedUp
from lintas.contracts.events.routing import ComplaintRerouted, StatementSuggested
from lintas.contracts.records import OutRecord, Record
from lintas.contracts.topics import COMPLAINTS, MENTIONS, ROUTING
from lintas.messaging.producer import KafkaProducer
from lintas.messaging.reader import read_to_end
from lintas.telemetry import metric_value
from lintas.testing.builders import NOON, complaint_id, mention, mention_received
from lintas_local.stack import Stack
from lintas_local.stack.ports import free_ports

pytestmark = pytest.mark.stack

HOLE = "Jalan berlubang di depan pasar, mohon diperbaiki"
RULES = {
    "zone": "Asia/Jakarta",
    "agencies": ["dpupr", "dlh", "dishub"],
    "categories": ["road_damage", "garbage"],
    "rules": [
        {"id": "road", "category": "road_damage", "lead": "dpupr", "any": ["jalan berlubang"]},
        {"id": "rubbish", "category": "garbage", "lead": "dlh", "any": ["sampah"]},
    ],
}


@dataclass
class Both:
    """The two services, and what one needs to play a city around them."""

    stack: Stack
    gateway: Any
    router: FastAPI
    producer: KafkaProducer
    #: where the router looks for the gateway; nobody may listen there
    port: int
    running: FastAPI
    rules: dict[str, Any] = field(default_factory=dict)

    async def hear(self, number: int, text: str = HOLE) -> None:
        await self.producer.send([encode(mention_received(number, text=text), MENTIONS, "ingest")])

    async def shown(self, number: int, who: dict[str, str]) -> dict[str, Any]:
        found = await self.gateway.get(f"/v1/complaints/{complaint_id(number)}", who)
        return dict(found.json())

    async def leads(self, number: int, agency: str | None, round_: int, who: dict[str, str]) -> Any:
        """The complaint, once this agency leads it in this round (None: it waits in triage)."""

        async def so() -> Any:
            found = await self.shown(number, who)
            live = [
                one["agency"]
                for one in found.get("assignments", ())
                if one["role"] == "lead" and one["state"] in {"queued", "accepted"}
            ]
            wanted = [] if agency is None else [agency]
            return found if (live, found.get("round")) == (wanted, round_) else None

        return await eventually(so)

    async def records(self, topic: str, number: int) -> list[tuple[Event, Record]]:
        key = str(complaint_id(number)).encode()
        found = await read_to_end(self.stack.kafka, "tests", [topic])
        return [(decode(record), record) for record in found if record.key == key]

    async def rerouted(self, number: int) -> list[ComplaintRerouted]:
        found = await self.records(ROUTING, number)
        return [event for event, _ in found if isinstance(event, ComplaintRerouted)]

    def serving(self) -> Any:
        return served(self.running, port=self.port)


async def eventually(look: Any) -> Any:
    async with asyncio.timeout(30):
        while True:
            found = await look()
            if found:
                return found
            await asyncio.sleep(0.05)


@pytest.fixture
async def both(stack: Stack, gateway: Any, environ: dict[str, str]) -> AsyncIterator[Both]:
    (port,) = free_ports(1)
    told = stack.environ("agency-gateway")
    mine = {name: value for name, value in environ.items() if name != "LINTAS_KEY_PEPPER"}
    keys = {name: told[name] for name in ("LINTAS_KEYS_FILE", "LINTAS_KEY_PEPPER_FILE")}
    running = gateway_app.create_app(mine | keys | {"LINTAS_KAFKA": stack.kafka})
    await router_app.migrate(stack.environ("router", owner=True))
    router = router_app.create_app(
        stack.environ("router")
        | {
            "LINTAS_AGENCY_GATEWAY_URL": f"http://127.0.0.1:{port}",
            "LINTAS_RULES_POLL_S": "0.2",
            "LINTAS_RULES_NOTICE_S": "0.5",
            # a look takes as long as the broker lets a fetch wait, half a second
            "LINTAS_STATEMENTS_NOTICE_S": "2",
        }
    )
    producer = KafkaProducer(stack.kafka, "tests")
    async with AsyncExitStack() as ends:
        ends.push_async_callback(producer.stop)
        await ends.enter_async_context(running.router.lifespan_context(running))
        await ends.enter_async_context(router.router.lifespan_context(router))
        both = Both(stack, gateway, router, producer, port, running)
        await apply(both)
        yield both


async def apply(both: Both) -> None:
    """Put rules in force at the router."""
    both.rules = RULES | {"version": f"v-{uuid4().hex[:12]}"}
    async with asked(both.router, both.stack) as router:
        await router.apply(both.rules)


@pytest.fixture
def number() -> int:
    return uuid4().int % 10**9


@pytest.fixture
async def people(gateway: Any) -> dict[str, dict[str, str]]:
    officers = {
        agency: await gateway.person(f"{agency}-officer", agency)
        for agency in ("dpupr", "dlh", "dishub")
    }
    return officers | {"city": await gateway.person("kota", None, "coordinator")}


async def give_back(both: Both, number: int, people: Any, note: str | None) -> None:
    """Open a complaint that `dpupr` gets and gives back, with a note."""
    await both.hear(number)
    await both.leads(number, "dpupr", 0, people["city"])
    body = {"reason": "not_ours"} | ({"note": note} if note else {})
    answer = await both.gateway.act(number, "return", people["dpupr"], body)
    assert answer.status_code == 200, answer.text


async def test_what_one_agency_returns_goes_to_the_one_its_note_points_at(both, number, people):
    note = "Bukan lubang: tumpukan sampah, kontak Bu Rina 0812-3456-7890"
    async with both.serving():
        await give_back(both, number, people, note)
        await both.leads(number, "dlh", 1, people["city"])
    (event,) = await both.rerouted(number)
    assert (event.returned.text, event.returned.without) == (HOLE, ("dpupr",))
    assert "sampah" in event.returned.note
    assert "3456" not in event.returned.note
    reasons = {one.rule: one.why for one in event.decision.explanation.decided_by}
    assert reasons["returned:dpupr"] == "has returned the complaint, so it is left out"
    assert "returned:note" in reasons
    lost = {one.rule: one.why for one in event.decision.explanation.runners_up}
    assert lost["road"] == "its lead has returned the complaint"
    # the event carries all that it was decided by
    body = event.plain_body()
    assert router_app.replaying(both.rules)(body)["same"]


async def test_without_another_agency_a_person_decides(both, number, people):
    async with both.serving():
        await give_back(both, number, people, None)

        async def decided() -> bool:
            return bool(await both.rerouted(number))

        await eventually(decided)
        shown = await both.leads(number, None, 1, people["city"])
        assert shown["state"] == "triage"


async def test_while_the_gateway_is_away_new_mentions_are_decided_and_requests_wait(
    both, number, people
):
    await give_back(both, number, people, "sampah")
    await both.hear(number + 1)
    await both.leads(number + 1, "dpupr", 0, people["city"])
    assert await both.rerouted(number) == []
    async with both.serving():
        await both.leads(number, "dlh", 1, people["city"])


async def test_a_coordinator_who_decides_meanwhile_wins_and_no_words_leave(both, number, people):
    await give_back(both, number, people, "sampah")
    chosen = await both.gateway.act(number, "assign", people["city"], {"lead": "dishub"})
    assert chosen.status_code == 200
    superseded = metric_value("lintas_reroutes_total", outcome="superseded")
    async with both.serving():

        async def asked() -> bool:
            return metric_value("lintas_reroutes_total", outcome="superseded") > superseded

        await eventually(asked)
    live = await both.leads(number, "dishub", 1, people["city"])
    assert live["state"] == "assigned"
    assert await both.rerouted(number) == []


async def test_an_agency_that_gets_it_back_a_second_time_leads_to_a_person(both, number, people):
    async with both.serving():
        await both.hear(number)
        await both.leads(number, "dpupr", 0, people["city"])
        for round_, holder in enumerate(("dlh", "dishub"), start=1):
            moved = await both.gateway.act(number, "assign", people["city"], {"lead": holder})
            assert moved.status_code == 200
            back = await both.gateway.act(number, "return", people[holder], {"reason": "no"})
            assert back.status_code == 200

            async def decided(round_: int = round_) -> bool:
                return len(await both.rerouted(number)) == round_

            await eventually(decided)
            # the first time it may go back to who led before, the second time it may not
            await both.leads(number, "dpupr" if round_ == 1 else None, round_, people["city"])
    first, second = await both.rerouted(number)
    assert (first.decision.lead, second.decision.lead) == ("dpupr", "dpupr")


async def test_what_comes_again_changes_nothing(both, number, people):
    async with both.serving():
        await give_back(both, number, people, "sampah")
        before = await both.leads(number, "dlh", 1, people["city"])
        asked = [
            r for e, r in await both.records(COMPLAINTS, number) if type(e) is RerouteRequested
        ]
        told = [r for e, r in await both.records(ROUTING, number) if type(e) is ComplaintRerouted]
        await both.producer.send(
            [OutRecord(r.topic, r.key, r.value, r.headers) for r in (*asked, *told)]
        )
        superseded = metric_value("lintas_reroutes_total", outcome="superseded")

        async def asked_again() -> bool:
            return metric_value("lintas_reroutes_total", outcome="superseded") > superseded

        await eventually(asked_again)
        # behind what came again, in the same partition
        await both.producer.send([encode(follow_up(number), MENTIONS, "ingest")])

        async def followed() -> dict[str, Any] | None:
            shown = await both.shown(number, people["city"])
            return shown if shown["messages"] else None

        after = await eventually(followed)
    same = ("state", "round", "assignments", "notes", "suggestions")
    assert {name: after[name] for name in same} == {name: before[name] for name in same}
    first, again = await both.rerouted(number)
    assert first == again


def follow_up(number: int) -> MentionFollowedUp:
    said = mention(number, mention_id=uuid4(), text="Sudah ada kabar?")
    return MentionFollowedUp(
        event_id=uuid4(),
        occurred_at=NOON,
        recorded_at=NOON,
        complaint_id=complaint_id(number),
        mention=said,
    )


ANNOUNCEMENT = (
    "Perbaikan pipa induk di Tajur: aliran air ledeng berhenti sampai Jumat malam. Warga dapat"
    " mengambil air di tangki pasar Tajur."
)


async def test_an_officer_sees_the_announcement_that_answers_until_it_is_retracted(
    both, number, people
):
    confirmer = await both.gateway.person("budi", "dlh", "officer confirmer")
    ready = await both.gateway.confirmed(
        people["dlh"],
        confirmer,
        kind="announcement",
        purpose="socialisation",
        text=ANNOUNCEMENT,
        variants={},
    )
    path = f"/v1/statements/{ready['id']}"
    published = await both.gateway.post(f"{path}/publish", {}, confirmer)
    assert published.status_code == 200, published.text
    said = "Jalan berlubang bekas pipa, air ledeng Tajur berhenti"
    numbers = iter(range(number, number + 1_000))

    async def suggested() -> dict[str, Any] | None:
        # until the statement is known at the router, mentions pass without
        one = next(numbers)
        await both.hear(one, said)
        shown = await both.leads(one, "dpupr", 0, people["dpupr"])
        await asyncio.sleep(0.2)
        shown = await both.shown(one, people["dpupr"])
        return shown if shown["suggestions"] else None

    shown = await eventually(suggested)
    (suggestion,) = shown["suggestions"]
    assert (suggestion["statement_id"], suggestion["agency"]) == (ready["id"], "dlh")
    assert suggestion["text"] == ANNOUNCEMENT
    assert {"pipa", "ledeng", "tajur"} <= set(suggestion["words"])
    one = next(numbers) - 1
    (event,) = [
        event for event, _ in await both.records(ROUTING, one) if type(event) is StatementSuggested
    ]
    assert all(said[span.start : span.end] == span.words for span in event.statements[0].spans)
    # an answer to the complaint names no part of the decision
    gone = await both.gateway.post(f"{path}/retract", {"reason": "mistaken"}, confirmer)
    assert gone.status_code == 200, gone.text
    assert (await both.shown(one, people["dpupr"]))["suggestions"] == []
