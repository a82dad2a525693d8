"""What every aiokafka client of ours shares."""

import asyncio
import logging
import os
import socket

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
    except (KafkaError, TimeoutError, OSError) as error:
        _log.warning("a Kafka client did not stop cleanly: %s", type(error).__name__)
