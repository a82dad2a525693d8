"""What every aiokafka client of ours shares."""

import asyncio
import logging
import os
import socket
from contextlib import suppress

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

_log = logging.getLogger(__name__)

STOP_TIMEOUT_S = 5.0


def client_id(service: str) -> str:
    """How the broker's logs name this process."""
    return f"{service}-{socket.gethostname()}-{os.getpid()}"


async def stop_client(client: AIOKafkaProducer | AIOKafkaConsumer | AIOKafkaAdminClient) -> None:
    """Stop `client` within a bound; a client that does not stop cleanly is logged, not waited for."""
    try:
        async with asyncio.timeout(STOP_TIMEOUT_S):
            await (client.close() if isinstance(client, AIOKafkaAdminClient) else client.stop())
    except (KafkaError, TimeoutError, OSError, asyncio.CancelledError) as error:
        if ends_us(error):
            raise
        _log.warning("a Kafka client did not stop cleanly: %s", type(error).__name__)
        await _hang_up(client)


async def _hang_up(client: AIOKafkaProducer | AIOKafkaConsumer | AIOKafkaAdminClient) -> None:
    """Close the connections that a client which did not stop cleanly would leave open for ever."""
    sockets = client.client if isinstance(client, AIOKafkaProducer) else client._client  # noqa: SLF001  # it offers no other way
    with suppress(KafkaError, TimeoutError, OSError):
        async with asyncio.timeout(STOP_TIMEOUT_S):
            await sockets.close()


def ends_us(error: BaseException) -> bool:
    """Whether somebody has told the present task to end.

    A client cancels its own parts when it stops without its broker, and waits for them: their
    cancellation then reaches us as if it were ours, and would end a loop that nobody ended.
    """
    task = asyncio.current_task()
    return isinstance(error, asyncio.CancelledError) and task is not None and task.cancelling() > 0
