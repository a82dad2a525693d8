import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from ingest.domain.mentions import Arrival, Said
from ingest.usecases.committing import SharedCommit
from lintas.vocabulary.errors import NotFound, Unavailable


def arrival(number: int) -> Arrival:
    said = Said("x", "kotabogor", "Jalan", external_id=str(number))
    return Arrival(said, "door", datetime(2026, 3, 17, tzinfo=UTC), "")


class Sets:
    """Remembers each set it was given; answers every arrival with its external id."""

    def __init__(self, *, error: Exception | None = None, bad: str | None = None) -> None:
        self.seen: list[list[str]] = []
        self.error = error
        self.bad = bad

    async def __call__(self, arrivals: Sequence[Arrival]) -> list:
        ids = [one.said.external_id or "" for one in arrivals]
        self.seen.append(ids)
        if self.error:
            raise self.error
        if self.bad in ids:
            raise ValueError("bug")
        return ids


async def submitted(commit: SharedCommit, *numbers: int) -> list[asyncio.Task]:
    tasks = [asyncio.create_task(commit.submit([arrival(number)])) for number in numbers]
    await asyncio.sleep(0)
    return tasks


async def test_everything_that_waits_shares_a_set_up_to_the_limit():
    sets = Sets()
    commit = SharedCommit(sets, most=3)
    tasks = await submitted(commit, 1, 2, 3, 4)
    assert [await commit.run_once() for _ in range(3)] == [3, 1, 0]
    assert sets.seen == [["1", "2", "3"], ["4"]]
    assert [await task for task in tasks] == [["1"], ["2"], ["3"], ["4"]]


async def test_a_lot_is_answered_in_its_order_across_sets():
    commit = SharedCommit(Sets(), most=2)
    task = asyncio.create_task(commit.submit([arrival(number) for number in range(5)]))
    await asyncio.sleep(0)
    while await commit.run_once():
        pass
    assert await task == ["0", "1", "2", "3", "4"]


async def test_an_outage_fails_the_whole_set_at_once():
    sets = Sets(error=Unavailable("away"))
    commit = SharedCommit(sets)
    tasks = await submitted(commit, 1, 2)
    await commit.run_once()
    for task in tasks:
        with pytest.raises(Unavailable):
            await task
    assert len(sets.seen) == 1


async def test_one_that_breaks_its_set_fails_alone():
    commit = SharedCommit(Sets(bad="2"))
    tasks = await submitted(commit, 1, 2, 3)
    await commit.run_once()
    assert (await tasks[0], await tasks[2]) == (["1"], ["3"])
    with pytest.raises(ValueError, match="bug"):
        await tasks[1]


async def test_a_refusal_is_an_outcome_of_its_own():
    async def refuse(arrivals: Sequence[Arrival]) -> list:
        return [NotFound("x") for _ in arrivals]

    commit = SharedCommit(refuse)
    [task] = await submitted(commit, 1)
    await commit.run_once()
    assert isinstance((await task)[0], NotFound)


async def test_nobody_waits_longer_than_patience_allows_and_left_ones_are_not_committed():
    sets = Sets()
    commit = SharedCommit(sets, patience_s=0.01)
    [task] = await submitted(commit, 1)
    with pytest.raises(Unavailable):
        await task
    assert await commit.run_once() == 0
    assert sets.seen == []


async def test_a_set_that_hangs_is_given_up():
    async def hang(arrivals: Sequence[Arrival]) -> list:
        await asyncio.Event().wait()
        return []

    commit = SharedCommit(hang, patience_s=0.01)
    [task] = await submitted(commit, 1)
    await commit.run_once()
    with pytest.raises(Unavailable):
        await task


async def test_beyond_the_longest_queue_nothing_is_taken():
    sets = Sets()
    commit = SharedCommit(sets, longest_queue=2)
    tasks = await submitted(commit, 1, 2)
    with pytest.raises(Unavailable):
        await commit.submit([arrival(3)])
    await commit.run_once()
    assert [await task for task in tasks] == [["1"], ["2"]]


async def test_the_loop_sleeps_until_something_comes_and_commits_it():
    commit = SharedCommit(Sets())
    loop = asyncio.create_task(commit.run())
    for number in range(3):
        assert await commit.submit([arrival(number)]) == [str(number)]
    loop.cancel()


async def test_requests_that_are_just_coming_in_join_the_set():
    sets = Sets()
    commit = SharedCommit(sets)
    [first] = await submitted(commit, 1)

    async def come() -> list:
        await asyncio.sleep(0)
        return await commit.submit([arrival(2)])

    second = asyncio.create_task(come())
    await commit.run_once()
    assert sets.seen == [["1", "2"]]
    assert (await first, await second) == (["1"], ["2"])


async def test_those_that_came_with_the_one_that_breaks_are_still_tried():
    sets = Sets(bad="2")
    commit = SharedCommit(sets)
    task = asyncio.create_task(commit.submit([arrival(number) for number in (1, 2, 3)]))
    await asyncio.sleep(0)
    await commit.run_once()
    with pytest.raises(ValueError, match="bug"):
        await task
    assert sets.seen == [["1", "2", "3"], ["1"], ["2"], ["3"]]


async def test_a_full_set_begins_while_another_is_on_its_way():
    both = asyncio.Barrier(2)
    sizes: list[int] = []

    async def accept(arrivals: Sequence[Arrival]) -> list:
        sizes.append(len(arrivals))
        await both.wait()
        return [one.said.external_id for one in arrivals]

    commit = SharedCommit(accept, most=2)
    loops = [asyncio.create_task(commit.run()) for _ in range(2)]
    # neither set is answered before the other has begun
    arrivals = [arrival(number) for number in range(4)]
    assert await commit.submit(arrivals) == ["0", "1", "2", "3"]
    assert sizes == [2, 2]
    for loop in loops:
        loop.cancel()


async def test_what_does_not_fill_a_set_waits_for_the_one_on_its_way():
    on_its_way, seen = asyncio.Event(), []

    async def accept(arrivals: Sequence[Arrival]) -> list:
        seen.append(len(arrivals))
        await on_its_way.wait()
        return [one.said.external_id for one in arrivals]

    commit = SharedCommit(accept, most=3)
    [first] = await submitted(commit, 1)
    set_1 = asyncio.create_task(commit.run_once())
    while not seen:  # noqa: ASYNC110  # the set begins within a few turns of the loop
        await asyncio.sleep(0)
    [second] = await submitted(commit, 2)
    assert await commit.run_once() == 0
    on_its_way.set()
    assert (await set_1, await commit.run_once(), seen) == (1, 1, [1, 1])
    assert (await first, await second) == (["1"], ["2"])
