"""Topics: made from the registry, checked against it at start-up."""

import asyncio
from collections.abc import Sequence

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, for_code

from lintas.contracts.topics import TopicSpec
from lintas.messaging.client import client_id, stop_client
from lintas.messaging.ports import TopicsDiffer

_TIMEOUT_S = 20.0
_TOPIC_ALREADY_EXISTS = 36


async def create_topics(bootstrap: str, topics: Sequence[TopicSpec]) -> list[str]:
    """Create what is missing and return its names once clients can use them; others stay as they are.

    On a cluster of fewer brokers than a topic wants copies, it gets one copy per broker.
    """
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, client_id=client_id("admin"))
    try:
        async with asyncio.timeout(_TIMEOUT_S):
            await admin.start()
            brokers = len((await admin.describe_cluster())["brokers"])
            answer = await admin.create_topics(
                [
                    NewTopic(
                        topic.name,
                        topic.partitions,
                        min(topic.replication, brokers),
                        topic_configs=topic.configuration(brokers=brokers),
                    )
                    for topic in topics
                ]
            )
            created = _created(answer.topic_errors)
            # a topic is known to the controller first and to the brokers' clients a moment later
            while not created <= (await _partitions(admin, topics)).keys():  # noqa: ASYNC110  # the broker tells nobody
                await asyncio.sleep(0.05)
    finally:
        await stop_client(admin)
    return sorted(created)


async def check_topics(bootstrap: str, topics: Sequence[TopicSpec]) -> None:
    """Return if every topic exists with the registry's number of partitions.

    Raises:
        TopicsDiffer: one is missing, or has another number of partitions (then the keys of one
            complaint could be split over two, and order would be lost).
    """
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, client_id=client_id("admin"))
    try:
        async with asyncio.timeout(_TIMEOUT_S):
            await admin.start()
            found = await _partitions(admin, topics)
    except (KafkaError, TimeoutError) as error:
        raise TopicsDiffer(f"the cluster does not answer: {type(error).__name__}") from error
    finally:
        await stop_client(admin)
    wrong = [
        f"{topic.name} has {found.get(topic.name, 0)} partitions instead of {topic.partitions}"
        for topic in topics
        if found.get(topic.name) != topic.partitions
    ]
    if wrong:
        raise TopicsDiffer("; ".join(wrong))


async def _partitions(admin: AIOKafkaAdminClient, topics: Sequence[TopicSpec]) -> dict[str, int]:
    described = await admin.describe_topics([topic.name for topic in topics])
    return {row["topic"]: len(row["partitions"]) for row in described if row["error_code"] == 0}


def _created(answers: Sequence[tuple[str, int, str]]) -> set[str]:
    refused = {
        name: for_code(code).__name__
        for name, code, *_ in answers
        if code not in {0, _TOPIC_ALREADY_EXISTS}
    }
    if refused:
        raise TopicsDiffer(f"could not be created: {refused}")
    return {name for name, code, *_ in answers if code == 0}
