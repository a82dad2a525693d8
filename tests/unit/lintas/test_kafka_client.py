import asyncio

import pytest

from lintas.messaging import client


class Stopping:
    """A Kafka client whose stop ends as told."""

    def __init__(self, stop) -> None:
        self.stop = stop
        self._client = self
        self.hung_up = False

    async def close(self) -> None:
        self.hung_up = True


async def leak() -> None:
    part = asyncio.create_task(asyncio.sleep(60))
    await asyncio.sleep(0)
    part.cancel()
    await part


async def hang() -> None:
    await asyncio.Event().wait()


@pytest.mark.parametrize("stop", [leak, hang], ids=["leaks a cancellation", "never ends"])
async def test_a_client_that_does_not_stop_cleanly_is_hung_up_and_holds_nobody_up(
    monkeypatch, stop
):
    monkeypatch.setattr(client, "STOP_TIMEOUT_S", 0.01)
    stopping = Stopping(stop)
    async with asyncio.timeout(5):
        await client.stop_client(stopping)
    assert stopping.hung_up


async def test_whoever_stops_a_client_can_itself_be_ended_meanwhile():
    stopping = asyncio.create_task(client.stop_client(Stopping(hang)))
    await asyncio.sleep(0)
    stopping.cancel()
    with pytest.raises(asyncio.CancelledError):
        await stopping
