import asyncio
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise

import pytest

from lintas.contracts.codec import UNREAD, decode, decoding, encode
from lintas.contracts.events import Event
from lintas.contracts.records import OutRecord, Record
from lintas.contracts.topics import MENTIONS, quarantine_topic
from lintas.messaging.handling import Park, Poison, Received, Retry
from lintas.messaging.ports import SendFailed, TopicPartition
from lintas.messaging.quarantine import Quarantine
from lintas.messaging.runner import MOST_UNREADABLE_IN_A_ROW, Positions, Runner
from lintas.telemetry import metric_value
from lintas.testing.broker import MemoryBroker, MemoryConsumer, MemoryProducer
from lintas.testing.builders import mention_received
from lintas.testing.memory import MemoryParking
from lintas.vocabulary.errors import Unavailable

GROUP = "router.decide"
QUARANTINE = quarantine_topic("router")


class Scene:
    """One consumer of mentions, with everything around it in memory."""

    def __init__(self, *, parking: bool = True, partitions: int = 1) -> None:
        self.broker = MemoryBroker()
        self.broker.create(MENTIONS, partitions)
        self.broker.create(QUARANTINE)
        self.producer = MemoryProducer(self.broker)
        self.consumer = MemoryConsumer(self.broker, GROUP, [MENTIONS])
        self.parking = MemoryParking() if parking else None
        self.applied: list[Event] = []
        self.sets: list[int] = []
        self.failing: Exception | None = None
        self.meant: object = None
        self.time = 0.0
        self.runner = self.new_runner()

    def new_runner(
        self,
        positions: Positions | None = None,
        read: Callable[[Record], Event] = decode,
    ) -> Runner:
        return Runner(
            self.consumer,
            self.process,
            group=GROUP,
            aside=Quarantine(self.producer, "router", lambda value: b"sealed:" + value),
            parking=self.parking,
            positions=positions,
            read=read,
            now=lambda: self.time,
        )

    async def process(self, received: Sequence[Received[Event]]) -> None:
        if self.failing is not None and (
            self.meant is None or any(item.event.event_id == self.meant for item in received)
        ):
            raise self.failing
        self.sets.append(len(received))
        self.applied.extend(item.event for item in received)

    def say(self, *numbers: int) -> None:
        for number in numbers:
            self.broker.append(encode(mention_received(number), MENTIONS, "ingest"))

    def put(self, value: bytes | None, *, key: bytes = b"k", **headers: str) -> None:
        pairs = tuple((name, text.encode()) for name, text in headers.items())
        self.broker.append(OutRecord(MENTIONS, key, value, pairs))

    def future_major(self, number: int) -> None:
        record = encode(mention_received(number), MENTIONS, "ingest")
        headers = tuple(
            (name, value.replace(b".v1", b".v2") if name == "ce_type" else value)
            for name, value in record.headers
        )
        self.broker.append(OutRecord(MENTIONS, record.key, record.value, headers))

    @property
    def committed(self) -> int:
        return sum(self.broker.committed.values())

    async def turn(self, times: int = 1) -> None:
        for _ in range(times):
            await self.runner.run_once()

    async def pass_time(self) -> None:
        self.time += 60
        await self.turn()


@pytest.fixture
async def scene() -> Scene:
    scene = Scene()
    await scene.consumer.start()
    return scene


async def test_a_batch_reaches_the_handler_as_one_set_and_is_committed(scene: Scene):
    scene.say(*range(50))
    await scene.turn()
    assert scene.sets == [50]
    assert scene.committed == 50


async def test_other_work_gets_its_turn_while_a_large_set_is_decoded(scene: Scene):
    decoded: list[Record] = []
    seen = [0]

    def read(record: Record) -> Event:
        decoded.append(record)
        return decode(record)

    async def other_work() -> None:
        while True:
            seen.append(len(decoded))
            await asyncio.sleep(0)

    runner = scene.new_runner(read=read)
    scene.say(*range(230))
    async with asyncio.TaskGroup() as tasks:
        beside = tasks.create_task(other_work())
        await runner.run_once()
        beside.cancel()
    assert scene.sets == [230]
    assert max(later - sooner for sooner, later in pairwise([*seen, len(decoded)])) <= 50


async def test_under_load_offsets_move_ten_times_a_second_and_else_when_nothing_more_comes(
    scene: Scene,
):
    moved = []
    for number in range(1, 6):
        scene.say(number)
        await scene.turn()
        moved.append(scene.committed)
        scene.time += 0.05
    assert moved == [1, 1, 3, 3, 5]
    scene.say(6)
    await scene.turn()
    assert scene.committed == 5
    await scene.turn()
    assert scene.committed == 6
    assert scene.sets == [1] * 6


async def test_an_offset_of_an_assignment_that_is_over_is_not_committed(scene: Scene):
    tp = TopicPartition(MENTIONS, 0)
    scene.say(1)
    await scene.turn()
    scene.say(2)
    await scene.turn()
    scene.consumer.lose_all()
    scene.say(3, 4)
    # another member went further before the partition came back
    scene.broker.committed[GROUP, tp] = 4
    scene.consumer.gain(tp)
    await scene.turn(2)
    assert scene.committed == 4


async def test_nothing_is_committed_while_a_dependency_is_away_and_all_is_applied_after(
    scene: Scene,
):
    scene.say(1, 2, 3)
    for outage in (Retry("database"), Unavailable("database"), SendFailed("kafka")):
        scene.failing = outage
        await scene.pass_time()
        assert scene.committed == 0
    scene.say(4)
    scene.failing = None
    await scene.turn()
    assert scene.applied == []  # still backing off
    await scene.pass_time()
    await scene.turn(2)
    assert [event.event_id for event in scene.applied] == [
        mention_received(number).event_id for number in (1, 2, 3, 4)
    ]
    assert scene.committed == 4


async def test_however_long_an_outage_was_work_goes_on_two_seconds_after_it(scene: Scene):
    scene.say(1)
    scene.failing = Unavailable("database")
    for _ in range(50):
        await scene.pass_time()
    scene.failing = None
    scene.time += 2
    await scene.turn(2)
    assert scene.committed == 1


async def test_a_bug_crashes_the_turn_without_a_commit(scene: Scene):
    scene.say(1)
    scene.failing = ZeroDivisionError()
    with pytest.raises(ZeroDivisionError):
        await scene.turn()
    assert scene.committed == 0


@pytest.mark.parametrize(
    ("value", "headers", "error_class"),
    [
        pytest.param(
            b"\x00\xff", {"ce_type": "lintas.mention.received.v1"}, "not_json", id="bytes"
        ),
        pytest.param(b'{"a":', {"ce_type": "lintas.mention.received.v1"}, "not_json", id="cut off"),
        pytest.param(None, {"ce_type": "lintas.mention.received.v1"}, "empty", id="null value"),
        pytest.param(b"[]", {"ce_type": "lintas.mention.received.v1"}, "not_an_object", id="list"),
        pytest.param(b"{}", {"ce_type": "lintas.mention.received.v1"}, "no_ce_id", id="no id"),
        pytest.param(b"{}", {}, "no_ce_type", id="no type"),
        pytest.param(b"{}", {"ce_type": "lintas.weather.changed.v1"}, "unknown_type", id="alien"),
    ],
)
async def test_poison_is_quarantined_sealed_and_its_neighbours_are_applied(
    scene: Scene, value, headers, error_class
):
    scene.say(1)
    scene.put(value, **headers)
    scene.say(2)
    await scene.turn()
    (aside,) = scene.broker.records(QUARANTINE)
    assert aside.value == b"sealed:" + (value or b"")
    kept = dict(aside.headers)
    assert kept["lintas_error_class"].decode() == error_class
    assert kept["lintas_origin_topic"].decode() == MENTIONS
    assert kept["lintas_origin_offset"] == b"1"
    assert len(scene.applied) == 2
    assert scene.committed == 3


async def test_while_quarantine_refuses_the_partition_stands_still_and_nothing_is_lost(
    scene: Scene,
):
    scene.broker.refusing.add(QUARANTINE)
    scene.say(1)
    scene.put(b"?", ce_type="x")
    scene.say(2)
    await scene.turn()
    assert scene.committed == 1
    assert len(scene.applied) == 1
    scene.broker.refusing.clear()
    await scene.pass_time()
    assert scene.committed == 3
    assert len(scene.applied) == 2
    assert len(scene.broker.records(QUARANTINE)) == 1


async def test_the_21st_unreadable_record_in_a_row_stops_its_partition_only():
    scene = Scene(partitions=2)
    await scene.consumer.start()
    for _ in range(MOST_UNREADABLE_IN_A_ROW + 5):
        scene.put(b"?", key=b"a", ce_type="x")
    bad = scene.broker.records(MENTIONS)[0].partition
    others = [n for n in range(40) if _partition(n) != bad]
    scene.say(*others)
    await scene.turn(3)
    assert len(scene.broker.records(QUARANTINE)) == MOST_UNREADABLE_IN_A_ROW
    assert scene.runner.stopped == {TopicPartition(MENTIONS, bad)}
    labels = {"group": GROUP, "topic": MENTIONS, "partition": str(bad)}
    assert metric_value("lintas_consumer_paused", **labels) == 1
    assert len(scene.applied) == len(others)
    assert scene.broker.committed[GROUP, TopicPartition(MENTIONS, bad)] == 20


def _partition(number: int) -> int:
    probe = MemoryBroker()
    probe.create(MENTIONS, 2)
    probe.append(encode(mention_received(number), MENTIONS, "ingest"))
    return probe.records(MENTIONS)[0].partition


async def test_a_future_major_version_is_parked_with_everything_of_its_key_behind_it(
    scene: Scene,
):
    scene.future_major(1)
    scene.say(1, 2)
    await scene.turn()
    assert [event.event_id for event in scene.applied] == [mention_received(2).event_id]
    assert scene.parking is not None
    assert len(scene.parking.waiting) == 2
    assert scene.committed == 3
    assert scene.broker.records(QUARANTINE) == []


async def test_without_a_parking_place_the_partition_waits_rather_than_lose_order():
    scene = Scene(parking=False)
    await scene.consumer.start()
    scene.say(2)
    scene.future_major(1)
    scene.say(1)
    await scene.turn()
    assert scene.committed == 1


async def test_parked_records_are_applied_in_order_once_they_can_be_read(scene: Scene):
    scene.failing, scene.meant = Park("gap"), mention_received(1).event_id
    scene.say(1, 2, 1)
    await scene.turn()
    assert [event.event_id for event in scene.applied] == [mention_received(2).event_id]
    scene.failing = None
    runner = scene.new_runner()
    assert await runner.recover() == 2
    assert len(scene.applied) == 3
    assert scene.parking is not None
    assert scene.parking.waiting == {}


async def test_what_was_parked_is_read_as_everything_else_is(scene: Scene):
    scene.failing = Park("gap")
    scene.say(1)
    await scene.turn()
    scene.failing = None
    assert await scene.new_runner(read=decoding()).recover() == 1
    assert scene.applied == [UNREAD]


async def test_a_gap_closes_when_the_missing_event_comes_whatever_the_order():
    """The same key's events 1..6 in any order are applied 1..6, without a restart."""
    for seed in range(30):
        scene = Scene()
        await scene.consumer.start()
        order = list(range(1, 7))
        random.Random(seed).shuffle(order)
        applied: list[int] = []

        async def in_sequence(received: Sequence[Received[Event]], done=applied) -> None:
            for item in received:
                number = int(item.event.mention.text)
                if number > len(done) + 1:
                    raise Park("gap")
                if number == len(done) + 1:
                    done.append(number)

        scene.process = in_sequence
        scene.runner = scene.new_runner()
        for number in order:
            event = mention_received(1, text=str(number), revision=str(number))
            scene.broker.append(encode(event, MENTIONS, "ingest"))
            if seed % 2:
                await scene.turn()
        await scene.turn(3)
        assert applied == [1, 2, 3, 4, 5, 6], order
        assert scene.parking is not None
        assert scene.parking.waiting == {}
        assert scene.committed == 6


async def test_what_another_member_parked_still_holds_back_its_key_after_a_rebalance():
    scene = Scene(partitions=1)
    other = MemoryConsumer(scene.broker, GROUP, [MENTIONS])
    await other.start()
    await scene.consumer.start()
    await scene.turn()
    assert scene.parking is not None
    scene.future_major(1)
    await scene.parking.park((await other.poll())[0], "future")
    await other.commit({TopicPartition(MENTIONS, 0): 1})
    await other.stop()
    scene.say(1)
    await scene.turn()
    assert scene.applied == []
    assert len(scene.parking.waiting) == 2


async def test_only_the_event_a_handler_calls_poison_is_quarantined(scene: Scene):
    scene.failing, scene.meant = Poison("bad_amount"), mention_received(3).event_id
    scene.say(1, 2, 3, 4, 5)
    await scene.turn()
    applied = {event.event_id for event in scene.applied}
    assert applied == {mention_received(n).event_id for n in (1, 2, 4, 5)}
    assert len(scene.broker.records(QUARANTINE)) == 1
    assert scene.committed == 5


async def test_work_read_before_a_rebalance_is_dropped_and_read_again_by_the_new_owner():
    scene = Scene(partitions=2)
    await scene.consumer.start()
    scene.say(*range(20))
    scene.failing = Retry("away")
    await scene.turn()
    other = MemoryConsumer(scene.broker, GROUP, [MENTIONS])
    await other.start()
    scene.failing = None
    await scene.pass_time()
    await scene.pass_time()
    mine = {tp.partition for tp in scene.consumer.assignment()}
    assert len(mine) == 1
    expected = [r for r in scene.broker.records(MENTIONS) if r.partition in mine]
    assert len(scene.applied) == len(expected)


class Handover(MemoryConsumer):
    """A member whose partitions come while it waits in a poll, with records there to be read."""

    polls = 0

    async def poll(self) -> list[Record]:
        self.polls += 1
        if self.polls == 1:
            await self.start()
        return await super().poll()


async def test_records_of_a_partition_that_came_during_the_poll_are_applied():
    scene = Scene()
    scene.consumer = Handover(scene.broker, GROUP, [MENTIONS])
    scene.runner = scene.new_runner()
    scene.say(1, 2, 3)
    await scene.turn(2)
    scene.say(4)
    await scene.turn(2)
    assert [event.event_id for event in scene.applied] == [
        mention_received(number).event_id for number in (1, 2, 3, 4)
    ]
    assert scene.committed == 4


class Kept:
    """Positions in the reader's own database."""

    def __init__(self, **at: int) -> None:
        self.at = {TopicPartition(MENTIONS, 0): offset for offset in at.values()}

    async def load(self, partitions: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
        return {tp: self.at[tp] for tp in partitions if tp in self.at}

    async def skip(self, positions: Mapping[TopicPartition, int]) -> None:
        self.at.update(positions)


@pytest.mark.parametrize(
    ("kept", "expected"),
    [(Kept(), [1, 2, 3, 4]), (Kept(next=2), [3, 4])],
    ids=["never read", "read before"],
)
async def test_a_partition_that_came_during_the_poll_goes_on_where_its_positions_say(
    kept: Kept, expected: list[int]
):
    scene = Scene()
    scene.consumer = Handover(scene.broker, GROUP, [MENTIONS])
    scene.runner = scene.new_runner(positions=kept)
    scene.say(1, 2, 3)
    await scene.turn(2)
    scene.say(4)
    await scene.turn()
    assert [event.event_id for event in scene.applied] == [
        mention_received(number).event_id for number in expected
    ]


async def test_any_mix_of_outages_crashes_and_poison_applies_each_event_and_loses_none():
    """The promise, under 200 random schedules: every readable event applied, in order per key."""
    for seed in range(200):
        chance = random.Random(seed)
        scene = Scene(partitions=3)
        await scene.consumer.start()
        numbers = list(range(30))
        for number in numbers:
            if chance.random() < 0.1:
                scene.put(b"?", key=str(number).encode(), ce_type="x")
            scene.say(number)
        for _ in range(60):
            roll = chance.random()
            scene.failing = (
                Retry("away") if roll < 0.3 else ValueError("bug") if roll < 0.4 else None
            )
            scene.meant = mention_received(chance.choice(numbers)).event_id
            if chance.random() < 0.2:
                scene.broker.refusing ^= {QUARANTINE}
            scene.time += chance.random() * 40
            try:
                await scene.runner.run_once()
            except ValueError:
                await scene.consumer.stop()
                scene.consumer = MemoryConsumer(scene.broker, GROUP, [MENTIONS])
                await scene.consumer.start()
                scene.runner = scene.new_runner()
        scene.failing = None
        scene.broker.refusing.clear()
        for _ in range(20):
            await scene.pass_time()
        assert {event.event_id for event in scene.applied} == {
            mention_received(number).event_id for number in numbers
        }, seed
        assert scene.committed == len(scene.broker.records(MENTIONS)), seed
