"""Records go to any partition, whatever their key."""

import random

from fastapi import FastAPI
from tests.faults.planted import Bug

from lintas.messaging import producer


def agency_gateway() -> FastAPI:
    """A gateway whose facts of one complaint overtake each other."""
    producer.partition_of = lambda _key, partitions: random.randrange(partitions)
    from agency_gateway.app import from_environment

    return from_environment()


BUG = Bug(
    name="unkeyed-produce",
    title="Records produced without their key deciding the partition",
    factories={"agency-gateway": f"{__name__}:agency_gateway"},
    fault="tests.faults.planted.calm",
    caught_by=frozenset({"I3"}),
)
