"""Topics: made from the registry, checked against it at start-up."""

import asyncio
from collections.abc import Sequence

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, for_code

from lintas.contracts.topics import TopicSpec
from lintas.messaging.client import client_id, stop_client

_TIMEOUT_S = 20.0
_TOPIC_ALREADY_EXISTS = 36


class TopicsDiffer(Exception):
    """The cluster is not what the registry says; the message names every difference."""


async def create_topics(bootstrap: str, topics: Sequence[TopicSpec]) -> list[str]:
    """Create what is missing and return its names; existing topics are left alone.

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
    finally:
        await stop_client(admin)
    created = []
    for name, code, *_ in answer.topic_errors:
        if code == 0:
            created.append(name)
        elif code != _TOPIC_ALREADY_EXISTS:
            raise TopicsDiffer(f"{name} could not be created: {for_code(code).__name__}")
    return created


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
            described = await admin.describe_topics([topic.name for topic in topics])
    except (KafkaError, TimeoutError) as error:
        raise TopicsDiffer(f"the cluster does not answer: {type(error).__name__}") from error
    finally:
        await stop_client(admin)
    found = {row["topic"]: len(row["partitions"]) for row in described if row["error_code"] == 0}
    wrong = [
        f"{topic.name} has {found.get(topic.name, 0)} partitions instead of {topic.partitions}"
        for topic in topics
        if found.get(topic.name) != topic.partitions
    ]
    if wrong:
        raise TopicsDiffer("; ".join(wrong))
