from collections.abc import Iterable
from typing import Self

from pydantic import BaseModel

from metrics.domain.log import Position


class PositionOut(BaseModel):
    """How far one partition is folded."""

    topic: str
    partition: int
    next: int

    @classmethod
    def several(cls, positions: Iterable[Position]) -> list[Self]:
        """Those partitions from which something was folded."""
        return [
            cls(topic=place.topic, partition=place.partition, next=place.next)
            for place in positions
            if place.next
        ]
