import asyncio

import pytest

from lintas.contracts.codec import encode
from lintas.contracts.records import Record
from lintas.contracts.topics import MENTIONS
from lintas.messaging.loops import ConsumerLoop, Loops
from lintas.messaging.ports import SendFailed
from lintas.messaging.quarantine import Quarantine
from lintas.messaging.runner import Runner
from lintas.testing.broker import MemoryBroker, MemoryConsumer, MemoryProducer
from lintas.testing.builders import mention_received


class Turning:
    """Fails as told, one failure per start, and then turns."""

    def __init__(self, *failures: BaseException) -> None:
        self.failures = list(failures)
        self.starts = 0
        self.turns = asyncio.Event()

    async def run(self) -> None:
        self.starts += 1
        if self.failures:
            raise self.failures.pop(0)
        self.turns.set()
        await asyncio.Event().wait()


async def no_pause(_seconds: float) -> None:
    await asyncio.sleep(0)


@pytest.mark.parametrize(
    "failure",
    [
        SendFailed("KafkaTimeoutError"),
        TimeoutError(),
        # the client's own, when a connection ends under it: nobody has told us to end
        asyncio.CancelledError(),
    ],
    ids=["send failed", "time-out", "leaked cancellation"],
)
async def test_a_loop_that_an_outage_ended_turns_again(failure: BaseException):
    loop = Turning(failure, failure)
    bugs: list[BaseException] = []
    loops = Loops([loop], on_bug=bugs.append, sleep=no_pause)
    loops.start()
    async with asyncio.timeout(5):
        await loop.turns.wait()
    await loops.stop()
    assert loop.starts == 3
    assert bugs == []


async def test_a_bug_is_told_and_the_loop_is_not_started_again():
    loop = Turning(ValueError("bug"))
    bugs: list[BaseException] = []
    loops = Loops([loop], on_bug=bugs.append, sleep=no_pause)
    loops.start()
    async with asyncio.timeout(5):
        while not bugs:  # noqa: ASYNC110  # the loop tells nobody else
            await asyncio.sleep(0)
    await loops.stop()
    assert [str(bug) for bug in bugs] == ["bug"]
    assert loop.starts == 1


async def test_stopping_ends_every_loop_and_is_no_bug():
    loop = Turning()
    bugs: list[BaseException] = []
    loops = Loops([loop], on_bug=bugs.append, sleep=no_pause)
    loops.start()
    await loop.turns.wait()
    async with asyncio.timeout(5):
        await loops.stop()
    assert loop.starts == 1
    assert bugs == []


class Waiting(MemoryConsumer):
    """Hands over one record at a time, and waits where there is none."""

    def __init__(self, broker: MemoryBroker) -> None:
        super().__init__(broker, "router.decide", [MENTIONS], max_records=1)
        self.waits = asyncio.Event()

    async def poll(self) -> list[Record]:
        found = await super().poll()
        if not found:
            self.waits.set()
            await asyncio.Event().wait()
        return found


async def test_a_consumer_that_is_told_to_end_commits_what_is_done():
    broker = MemoryBroker()
    broker.create(MENTIONS)
    for number in (1, 2, 3):
        broker.append(encode(mention_received(number), MENTIONS, "ingest"))
    consumer = Waiting(broker)

    async def process(_received: object) -> None:
        """Everything succeeds."""

    def runner(consumer: MemoryConsumer) -> Runner:
        aside = Quarantine(MemoryProducer(broker), "router", bytes)
        # no time passes, so only the first set's offset moves on the way
        return Runner(consumer, process, group="router.decide", aside=aside, now=lambda: 0.0)

    loops = Loops([ConsumerLoop(lambda: consumer, runner)])
    loops.start()
    async with asyncio.timeout(5):
        await consumer.waits.wait()
    assert list(broker.committed.values()) == [1]
    await loops.stop()
    assert list(broker.committed.values()) == [3]
