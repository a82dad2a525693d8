import pytest

from lintas.contracts.records import OutRecord
from lintas.messaging.ports import SendFailed
from lintas.messaging.relay import Relay
from lintas.telemetry import metric_value
from lintas.testing.broker import MemoryBroker, MemoryProducer
from lintas.testing.memory import MemoryOutbox

TOPIC = "lintas.complaints.v1"


def record(number: int) -> OutRecord:
    return OutRecord(TOPIC, str(number % 3).encode(), str(number).encode())


@pytest.fixture
def broker() -> MemoryBroker:
    broker = MemoryBroker()
    broker.create(TOPIC, 3)
    return broker


async def test_everything_waiting_goes_out_in_order_per_key(broker: MemoryBroker):
    outbox = MemoryOutbox()
    outbox.add([record(number) for number in range(25)])
    relay = Relay(outbox, MemoryProducer(broker), limit=10)
    assert [await relay.run_once() for _ in range(4)] == [10, 10, 5, 0]
    for key in (b"0", b"1", b"2"):
        values = [int(r.value or b"") for r in broker.records(TOPIC) if r.key == key]
        assert values == sorted(values)
    assert len(broker.records(TOPIC)) == 25


async def test_while_the_broker_refuses_rows_wait_and_go_out_afterwards(broker: MemoryBroker):
    outbox = MemoryOutbox()
    outbox.add([record(1), record(2)])
    relay = Relay(outbox, MemoryProducer(broker))
    broker.refusing.add(TOPIC)
    with pytest.raises(SendFailed):
        await relay.run_once()
    assert len(outbox.rows) == 2
    broker.refusing.clear()
    await relay.run_once()
    assert outbox.rows == {}
    assert len(broker.records(TOPIC)) == 2


async def test_the_depth_is_told_while_the_broker_is_away_and_when_it_is_back(
    broker: MemoryBroker,
):
    outbox = MemoryOutbox()
    outbox.add([record(number) for number in range(7)])
    relay = Relay(outbox, MemoryProducer(broker), limit=5)
    broker.refusing.add(TOPIC)
    with pytest.raises(SendFailed):
        await relay.run_once()
    assert metric_value("lintas_outbox_pending") == 7
    broker.refusing.clear()
    await relay.run_once()
    assert metric_value("lintas_outbox_pending") == 2
    await relay.run_once()
    assert metric_value("lintas_outbox_pending") == 0


async def test_a_crash_before_the_mark_repeats_the_record_and_loses_none(broker: MemoryBroker):
    outbox = MemoryOutbox()
    outbox.add([record(1)])

    async def crash(ids: object) -> None:
        raise RuntimeError

    good_mark, outbox.mark = outbox.mark, crash
    with pytest.raises(RuntimeError):
        await Relay(outbox, MemoryProducer(broker)).run_once()
    outbox.mark = good_mark
    await Relay(outbox, MemoryProducer(broker)).run_once()
    assert [r.value for r in broker.records(TOPIC)] == [b"1", b"1"]


async def test_a_second_relay_stays_idle_while_one_is_active(broker: MemoryBroker):
    outbox = MemoryOutbox(taken=True)
    outbox.add([record(1)])
    assert await Relay(outbox, MemoryProducer(broker)).run_once() == 0
    assert broker.records(TOPIC) == []


async def test_waking_ends_the_wait_at_once(broker: MemoryBroker):
    relay = Relay(MemoryOutbox(), MemoryProducer(broker))
    relay.wake()
    await relay.wait(60)
