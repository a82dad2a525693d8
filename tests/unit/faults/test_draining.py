"""What any stage has not dealt with is on its way; only then is a run over."""

from collections import Counter
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka.structs import TopicPartition
from tests.faults.observe import COLLECTED, FOLDED, GROUPS, Watcher

ENDS = 7


class Pretended(Watcher):
    """Every topic has one partition of seven records; who is behind in what is told."""

    def __init__(self, behind: str, topic: str) -> None:
        super().__init__(SimpleNamespace())  # type: ignore[arg-type]
        self._behind_in = (behind, topic)
        self.asked: Counter[str] = Counter()

    def _next(self, who: str, topic: str) -> int:
        return ENDS - 2 * ((who, topic) == self._behind_in)

    async def committed(self, group: str) -> dict[TopicPartition, int]:
        self.asked[group] += 1
        return {TopicPartition(topic, 0): self._next(group, topic) for topic in GROUPS[group]}

    async def _ends(self, topics: tuple[str, ...]) -> dict[TopicPartition, int]:
        return {TopicPartition(topic, 0): ENDS for topic in topics}

    async def _value(self, service: str, query: str) -> int:
        return 0

    async def _connection(self, service: str) -> Any:
        topics = {"router": COLLECTED, "metrics": FOLDED}[service]
        rows = [
            {"topic": topic, "partition": 0, "next": self._next(service, topic)} for topic in topics
        ]

        async def fetch(_query: str) -> list[dict[str, Any]]:
            return rows

        return SimpleNamespace(fetch=fetch)


STAGES = [
    *(
        (group, topic, f"not read by {group}")
        for group, topics in GROUPS.items()
        for topic in topics
    ),
    *(("router", topic, "not in the corpus") for topic in COLLECTED),
    *(("metrics", topic, "not folded") for topic in FOLDED),
]


@pytest.mark.parametrize(("who", "topic", "told"), STAGES)
async def test_whoever_is_behind_is_named_once(who, topic, told):
    assert await Pretended(who, topic).on_its_way() == [f"2 records {told}"]


async def test_nothing_is_on_its_way_once_every_group_was_asked():
    watcher = Pretended("nobody", "")
    assert await watcher.on_its_way() == []
    assert watcher.asked.keys() == GROUPS.keys()
