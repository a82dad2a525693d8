from collections.abc import Sequence
from typing import Any
from uuid import UUID

import httpx2
import pytest
from tests.unit.router.bench import Bench

from lintas.contracts.codec import encode
from lintas.contracts.events import Event
from lintas.contracts.events.complaints import ComplaintClosed, RerouteRequested
from lintas.contracts.events.routing import ComplaintRerouted, Outcome
from lintas.contracts.topics import COMPLAINTS, ROUTING
from lintas.messaging.quarantine import Quarantine
from lintas.messaging.runner import Runner
from lintas.net import Neighbour
from lintas.testing.broker import MemoryConsumer
from lintas.testing.builders import NOON, complaint_id, mention_received
from lintas.testing.memory import MemoryParking
from lintas.vocabulary.errors import Unavailable
from lintas.vocabulary.ids import derived_id
from lintas.vocabulary.terms import MentionClass
from router.channels.gateway import Gateway
from router.consumer import REROUTE_GROUP, Deps, only_reroutes, rerouter
from router.domain import Mention

HOLE = "Jalan berlubang di depan pasar"


class Returned:
    """The gateway's part: what is still open, and whether it answers."""

    def __init__(self) -> None:
        self.away = False
        self.note = ""
        self.text = HOLE
        self.open: dict[UUID, int] = {complaint_id(n): 1 for n in range(1, 9)}
        self.asked = 0

    async def __call__(self, requests: Sequence[tuple[UUID, int]]) -> list[Mention | None]:
        self.asked += 1
        if self.away:
            raise Unavailable("away")
        return [
            Mention(self.text, NOON, note=self.note, stated_class=MentionClass.COMPLAINT)
            if self.open.get(complaint) == number
            else None
            for complaint, number in requests
        ]


class Second(Bench):
    """The same bench, for what comes back."""

    def __init__(self, document: dict[str, object]) -> None:
        super().__init__(document)
        self.broker.create(COMPLAINTS, 6)
        self.returned = Returned()
        self.member: MemoryConsumer | None = None

    async def ask(self, *events: Event) -> None:
        await self.producer.send([encode(event, COMPLAINTS, "agency-gateway") for event in events])

    async def rerouter(self) -> Runner:
        """The consumer of requests, started anew."""
        if self.member:
            await self.member.stop()
        self.member = MemoryConsumer(self.broker, REROUTE_GROUP, [COMPLAINTS])
        await self.member.start()
        return Runner(
            self.member,
            rerouter(Deps(self.rules, self.producer), self.returned),
            group=REROUTE_GROUP,
            aside=Quarantine(self.producer, "router", lambda value: value[::-1]),
            parking=MemoryParking(),
            read=only_reroutes,
            now=lambda: 0.0,
        )

    def rerouted(self) -> list[ComplaintRerouted]:
        return [event for event in self.answers() if isinstance(event, ComplaintRerouted)]


def fact(kind: type[Any], number: int, seq: int, **values: Any) -> Any:
    return kind(
        event_id=derived_id(complaint_id(number), "fact", seq),
        occurred_at=NOON,
        recorded_at=NOON,
        complaint_id=complaint_id(number),
        seq=seq,
        previous_hash="0" * 64,
        hash="1" * 64,
        **values,
    )


def request(number: int, round_: int = 1, *without: str) -> RerouteRequested:
    return fact(RerouteRequested, number, 3 + round_, round=round_, without=without or ("dpupr",))


@pytest.fixture
async def second(rule, document) -> Second:
    second = Second(
        document(
            rule("road", "jalan berlubang", lead="dpupr"), rule("rubbish", "sampah", lead="dlh")
        )
    )
    await second.rules.refresh()
    return second


async def test_a_request_is_answered_without_who_returned_it(second):
    second.returned.text = f"{HOLE} dan sampah"
    await second.ask(request(1))
    assert await (await second.rerouter()).run_once() == 1
    (answer,) = second.rerouted()
    assert answer.event_id == derived_id(request(1).event_id, "rerouted", 1)
    assert answer.key == str(complaint_id(1))
    decided = answer.decision
    assert (decided.outcome, decided.round, decided.lead) == (Outcome.ASSIGNED, 1, "dlh")
    assert [one.rule for one in decided.explanation.decided_by] == [
        *("rubbish", "class:complaint", "returned:dpupr"),
    ]
    assert decided.explanation.decided_by[-1].agency == "dpupr"


async def test_the_words_of_the_note_count_and_the_explanation_says_so(second):
    second.returned.note = "Bukan jalan kami, ini sampah"
    await second.ask(request(1))
    await (await second.rerouter()).run_once()
    (answer,) = second.rerouted()
    assert answer.decision.lead == "dlh"
    read = f"{answer.returned.text}\n{answer.returned.note}"
    (span,) = answer.decision.explanation.decided_by[0].spans
    assert read[span.start : span.end] == "sampah"
    assert answer.decision.explanation.decided_by[-1].rule == "returned:note"


async def test_what_is_answered_or_decided_by_a_person_is_left_alone(second):
    second.returned.open[complaint_id(1)] = 2
    del second.returned.open[complaint_id(2)]
    await second.ask(request(1), request(2), request(3))
    assert await (await second.rerouter()).run_once() == 3
    assert [answer.complaint_id for answer in second.rerouted()] == [complaint_id(3)]


async def test_requests_wait_while_the_gateway_is_away_and_mentions_do_not(second):
    second.returned.away = True
    await second.ask(request(1))
    await second.send(mention_received(5))
    runner = await second.rerouter()
    assert await runner.run_once() == 0
    assert await (await second.runner()).run_once() == 1
    assert second.rerouted() == []
    assert not any(group == REROUTE_GROUP for group, _ in second.broker.committed)
    second.returned.away = False
    assert await (await second.rerouter()).run_once() == 1
    assert len(second.rerouted()) == 1


async def test_a_request_that_comes_again_has_the_same_answer_under_the_same_id(second):
    await second.ask(request(1), request(2))
    await (await second.rerouter()).run_once()
    second.broker.committed.clear()
    await (await second.rerouter()).run_once()
    records = second.broker.records(ROUTING)
    assert len(records) == 4
    assert len({(record.key, record.value, record.headers) for record in records}) == 2


async def test_everything_else_that_happens_is_passed_over_unread(second):
    closed = encode(fact(ComplaintClosed, 1, 9), COMPLAINTS, "agency-gateway")
    second.broker.append(closed._replace(value=b"{"))
    await second.ask(fact(ComplaintClosed, 2, 9))
    assert await (await second.rerouter()).run_once() == 2
    assert second.returned.asked == 0
    assert second.answers() == []


async def test_an_answer_that_is_refused_by_the_broker_holds_the_offsets(second):
    await second.ask(request(1))
    second.broker.refusing.add(ROUTING)
    assert await (await second.rerouter()).run_once() == 0
    assert not any(group == REROUTE_GROUP for group, _ in second.broker.committed)


def gateway(answer: httpx2.Response | Exception) -> Gateway:
    def respond(request: httpx2.Request) -> httpx2.Response:
        assert request.headers["Authorization"] == "Bearer key"
        if isinstance(answer, Exception):
            raise answer
        return answer

    transport = httpx2.MockTransport(respond)
    return Gateway(Neighbour("gateway", "http://gateway", "key", transport=transport))


OPEN = {"standing": "open", "mention_class": "complaint", "received_at": NOON.isoformat()}


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(httpx2.ConnectError("no"), id="away"),
        pytest.param(httpx2.ReadTimeout("late"), id="too slow"),
        pytest.param(httpx2.Response(503), id="not now"),
        pytest.param(httpx2.Response(403), id="not let in"),
        pytest.param(httpx2.Response(200, content=b"{"), id="no JSON"),
        pytest.param(httpx2.Response(200, json={"items": []}), id="too few"),
        pytest.param(httpx2.Response(200, json={"items": [{"standing": "open"}]}), id="half"),
        pytest.param(httpx2.Response(200, json=[]), id="another shape"),
    ],
)
async def test_whatever_the_gateway_lacks_the_request_waits(answer):
    with pytest.raises(Unavailable):
        await gateway(answer).returned([(complaint_id(1), 1)])


async def test_words_that_are_gone_are_no_words():
    answer = httpx2.Response(200, json={"items": [OPEN | {"text": None}, {"standing": "unknown"}]})
    found = await gateway(answer).returned([(complaint_id(1), 1), (complaint_id(2), 1)])
    assert found == [
        Mention("", NOON, stated_class=MentionClass.COMPLAINT),
        None,
    ]
