from lintas.contracts.topics import TopicSpec, load
from lintas.messaging.admin import check_topics, create_topics
from lintas.messaging.ports import TopicsDiffer
from lintas_local.layout import TOPICS
from lintas_local.stack.problems import StackProblem


async def make_topics(bootstrap: str) -> str:
    """Create the registry's missing topics; returns how many there were to make, in words.

    Raises:
        StackProblem: the cluster is away, or a topic exists with other partitions.
    """
    topics: list[TopicSpec] = load(TOPICS)
    try:
        created = await create_topics(bootstrap, topics)
        await check_topics(bootstrap, topics)
    except TopicsDiffer as error:
        raise StackProblem(
            f"the topics on {bootstrap} are not those of {TOPICS.name}: {error}",
            "Partitions of a topic never change; use another cluster, or make the topic anew",
        ) from error
    except (RuntimeError, OSError, TimeoutError) as error:  # Kafka's errors are RuntimeErrors
        raise StackProblem(
            f"Kafka at {bootstrap} does not answer ({type(error).__name__})", "Check LINTAS_KAFKA"
        ) from error
    return f"{len(created)} new of {len(topics)}"
