"""One router for the tests of the corpus and of backtests."""

from collections.abc import AsyncIterator

import asyncpg
import pytest
from tests.integration.router_corpus.corpora import Place

from lintas.messaging.producer import KafkaProducer
from lintas_local.stack import Stack
from router.app import migrate


@pytest.fixture(scope="module")
async def place(stack: Stack) -> AsyncIterator[Place]:
    await migrate(stack.environ("router", owner=True))
    producer = KafkaProducer(stack.kafka, "tests")
    database = await asyncpg.connect(stack.database_url("router").replace("+asyncpg", ""))
    place = Place(stack, producer, database)
    await place.start()
    yield place
    await place.stop()
    await producer.stop()
    await database.close()
