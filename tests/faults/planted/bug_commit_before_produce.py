"""The router moves its offsets first, and then sends what it decided."""

from collections.abc import Sequence

from fastapi import FastAPI
from tests.faults.planted import Bug

from lintas.faults import Point, reach
from lintas.messaging.handling import Received
from lintas.messaging.ports import TopicPartition
from lintas.messaging.runner import Runner


def router() -> FastAPI:
    """A router that may lose what it has read."""
    begin = Runner.__init__

    def beginning(self: Runner, consumer, process, **rest) -> None:
        async def commit_first(received: Sequence[Received]) -> None:
            places = {
                TopicPartition(one.record.topic, one.record.partition): one.record.offset + 1
                for one in received
            }
            await consumer.commit(places)
            reach(Point.BEFORE_PUBLISH)
            await process(received)

        begin(self, consumer, commit_first, **rest)

    Runner.__init__ = beginning
    from router.app import from_environment

    return from_environment()


BUG = Bug(
    name="commit-before-produce",
    title="Offsets committed before the answer is produced",
    factories={"router": f"{__name__}:router"},
    fault="tests.faults.planted.router_killed",
    caught_by=frozenset({"I1"}),
)
