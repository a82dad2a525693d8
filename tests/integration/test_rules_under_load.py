"""Rules change while mentions flow through two instances: none is lost, none decided by two versions."""

import asyncio
from bisect import bisect_right
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from tests.routers import Running, document, eventually, running

from lintas.contracts.codec import decode, encode
from lintas.contracts.events.mentions import MentionReceived
from lintas.contracts.records import Record
from lintas.contracts.topics import MENTIONS, ROUTING, RULES
from lintas.messaging.producer import KafkaProducer
from lintas.messaging.reader import read_to_end
from lintas.telemetry import metric_value
from lintas.testing.builders import mention_received
from lintas.vocabulary.ids import derived_id
from lintas_local.stack import Stack
from router.app import migrate
from router.consumer import GROUP

pytestmark = pytest.mark.stack

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_BATCH, _PAUSE_S = 20, 0.05


@dataclass
class Crowd:
    """People who go on and on."""

    kafka: str
    sent: list[MentionReceived] = field(default_factory=list)
    _stopped: bool = False

    async def speak(self) -> None:
        """Send mentions until told to stop."""
        start = int(uuid4()) % 10**9
        producer = KafkaProducer(self.kafka, "tests")
        try:
            while not self._stopped:
                first = start + len(self.sent)
                some = [mention_received(first + n, text="jalan rusak") for n in range(_BATCH)]
                await producer.send([encode(event, MENTIONS, "ingest") for event in some])
                self.sent += some
                await asyncio.sleep(_PAUSE_S)
        finally:
            await producer.stop()

    async def heard(self, number: int) -> None:
        """Return once so many more have spoken."""
        goal = len(self.sent) + number

        async def enough() -> bool:
            return len(self.sent) >= goal

        await eventually(enough)

    def hush(self) -> None:
        """Nobody speaks any more."""
        self._stopped = True


@pytest.fixture
async def routers(stack: Stack) -> AsyncIterator[list[Running]]:
    """Two instances that share the partitions."""
    await migrate(stack.environ("router", owner=True))
    async with AsyncExitStack() as opened:
        yield [await opened.enter_async_context(running(stack)) for _ in range(2)]


async def shared_out(kafka: str) -> bool:
    """Whether both members of the group have partitions."""
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    try:
        (answer,) = await admin.describe_consumer_groups([GROUP])
        ((_, _, state, _, _, members, *_),) = answer.groups
    finally:
        await admin.close()
    return state == "Stable" and sum(bool(member[4]) for member in members) == 2


async def test_a_change_of_rules_under_load_loses_nothing_and_splits_nothing(routers):
    one, other = routers
    versions = [document("jalan rusak") for _ in range(3)]
    names = [version["version"] for version in versions]
    await one.apply(versions[0])
    await eventually(lambda: shared_out(one.kafka))
    crowd = Crowd(one.kafka)
    speaking = asyncio.create_task(crowd.speak())
    try:
        await crowd.heard(200)
        # the second by another instance, then the third, then back to the first
        await other.apply(versions[1])
        await crowd.heard(200)
        await one.apply(versions[2])
        await crowd.heard(200)
        await other.apply(versions[0])
        await crowd.heard(200)
    finally:
        crowd.hush()
        await speaking
    wanted = {str(derived_id(event.event_id, "routed")) for event in crowd.sent}

    async def answered() -> dict[str, list[Record]]:
        answers: dict[str, list[Record]] = {event_id: [] for event_id in wanted}
        for record in await read_to_end(one.kafka, "tests", [ROUTING]):
            event_id = dict(record.headers).get("ce_id", b"").decode()
            if event_id in wanted:
                answers[event_id].append(record)
        return answers if all(answers.values()) else {}

    answers = await eventually(answered)
    # answered again, as a group that changes may, it is in the same bytes
    assert [found for found in answers.values() if len({one.value for one in found}) != 1] == []
    routed = [decode(found[0]) for found in answers.values()]
    decided = {str(event.causation_id): event.decision.rules_version for event in routed}
    switches = await switched(one.kafka, names)
    moments = [moment for moment, _ in switches]
    assert [version for _, version in switches] == [*names, names[0]]
    expected = {}
    for record in await read_to_end(one.kafka, "tests", [MENTIONS]):
        place = bisect_right(moments, record.timestamp_ms)
        expected[dict(record.headers).get("ce_id", b"").decode()] = switches[place - 1][1]
    assert decided == {str(event.event_id): expected[str(event.event_id)] for event in crowd.sent}
    by_version = Counter(decided.values())
    assert set(by_version) == set(names)
    for name, number in by_version.items():
        assert metric_value("lintas_rules_decisions_total", version=name) >= number


async def switched(kafka: str, names: list[str]) -> list[tuple[int, str]]:
    """From which broker time on which version applies, as the topic alone tells it."""
    found = []
    for record in await read_to_end(kafka, "tests", [RULES]):
        if record.key is None or record.key.decode().partition(":")[0] not in names:
            continue
        event = decode(record)
        announced_ms = -((EPOCH - event.effective_at) // timedelta(milliseconds=1))
        found.append((max(announced_ms, record.timestamp_ms + event.notice_ms), event.version))
    return found
