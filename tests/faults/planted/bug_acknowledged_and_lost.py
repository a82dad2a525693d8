"""A broker that acknowledges before anything is safe, and loses it: `acks=1` at its worst."""

from tests.faults.planted import Bug

BUG = Bug(
    name="acknowledged-and-lost",
    title="acks=1 with a lost page cache (the tail of a killed broker's log cut off)",
    factories={},
    fault="tests.faults.planted.page_cache_lost",
    caught_by=frozenset({"I1"}),
)
