from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from metrics_lives import (
    NOON,
    Ledger,
    Life,
    any_delivery,
    any_lives,
    office,
    received,
    records,
    statement,
    varied,
)
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from lintas.contracts.topics import COMPLAINTS
from lintas.database.work import UnitOfWork
from lintas.messaging.handling import Poison
from lintas.messaging.ports import TopicPartition
from metrics.domain.answers import Report
from metrics.domain.questions import Dimension, Metric, Period, Question
from metrics.usecases.folding import Folder, PositionMoved
from metrics.usecases.reporting import listening, report, standing

pytestmark = pytest.mark.stack
LATER = NOON + timedelta(days=30)


def everything(lives: list[Life]) -> list:
    extra = [office(), statement(1), statement(2, agency="dlh", after_s=60)]
    return [*extra, *(event for life in lives for event in life.events)]


async def folded(work: UnitOfWork, events: list, batch: int = 500) -> Folder:
    folder = Folder(work, 1)
    found = received(records(events))
    await folder.load({TopicPartition(item.record.topic, item.record.partition) for item in found})
    for start in range(0, len(found), batch):
        await folder.fold(found[start : start + batch])
    return folder


async def ask(work: UnitOfWork, **changes: object) -> Report:
    return await report(work, Question(**({"as_of": LATER} | changes)))


async def test_the_database_gives_the_same_figures_as_the_events_alone(work: UnitOfWork):
    lives = varied(40)
    await folded(work, everything(lives), batch=17)
    for moment in (LATER, NOON + timedelta(hours=2), NOON + timedelta(days=1, seconds=1)):
        for group_by in (None, *Dimension):
            question = Question(moment, group_by=group_by)
            answer = await report(work, question)
            assert answer.figures == Ledger().fold(everything(lives)).figures(question)


async def test_filters_and_periods_give_the_same_as_the_events_alone(work: UnitOfWork):
    lives = varied(40)
    await folded(work, everything(lives))
    ledger = Ledger().fold(everything(lives))
    period = Period(NOON + timedelta(minutes=30), NOON + timedelta(hours=3))
    for filters in ({}, {"channel": "instagram"}, {"agency": "dlh"}, {"subject": "ganjil-genap"}):
        question = Question(LATER, period=period, filters=filters)
        assert (await report(work, question)).figures == ledger.figures(question)


async def test_folding_again_changes_nothing(work: UnitOfWork):
    events = everything(varied(16))
    await folded(work, events)
    before = await ask(work)
    folder = Folder(work, 1)
    await folder.fold(received(records(events)))
    assert await ask(work) == before


async def test_positions_move_with_the_facts_and_tell_where_to_go_on(work: UnitOfWork):
    events = everything(varied(16))
    await folded(work, events)
    ends: dict[TopicPartition, int] = {}
    for record in records(events):
        ends[TopicPartition(record.topic, record.partition)] = record.offset + 1
    never_read = TopicPartition(COMPLAINTS, 99)
    assert await Folder(work, 1).load([*ends, never_read]) == ends
    positions = {(p.topic, p.partition): p.next for p in (await ask(work)).positions}
    assert positions == {**ends, never_read: 0}


async def test_a_reader_whose_position_was_moved_writes_nothing(work: UnitOfWork):
    first, second = varied(2)
    partition = {TopicPartition(COMPLAINTS, number) for number in range(6)}
    zombie = Folder(work, 1)
    await zombie.load(partition)
    await folded(work, everything([first]))
    before = await ask(work)
    with pytest.raises(PositionMoved):
        await zombie.fold(received(records([*first.events, *second.events])))
    assert await ask(work) == before


async def test_a_fact_with_the_seq_of_another_is_poison_and_changes_nothing(work: UnitOfWork):
    life = Life().registered().assigned(1)
    await folded(work, life.events)
    before = await ask(work)
    twin = life.events[1].model_copy(update={"event_id": uuid4(), "agency": "dlh"})
    folder = Folder(work, 1)
    with pytest.raises(Poison, match="seq_taken"):
        await folder.fold(received(records([*life.events, twin])))
    assert (await ask(work)).figures == before.figures


async def test_facts_behind_a_gap_are_kept_counted_and_folded_once_it_closes(work: UnitOfWork):
    life = Life().registered().assigned(1).accepted(2).answered(3)
    first, second, third, fourth = life.events
    folder = Folder(work, 1)
    numbered = {item.event.event_id: item for item in received(records(life.events))}
    for event, waiting, answered in (
        (fourth, 1, 0),
        (third, 2, 0),
        (first, 2, 0),
        (second, 0, 1),
    ):
        item = numbered[event.event_id]
        # each time a reader that knows no positions, as if it had been parked and came again
        await folder.fold([item])
        answer = await ask(work, metrics=(Metric.COUNTS,))
        assert answer.n_waiting == waiting
        assert sum(row.answered for row in answer.figures.rows) == answered


async def test_skipped_records_move_the_position_alone(work: UnitOfWork):
    tp = TopicPartition(COMPLAINTS, 3)
    folder = Folder(work, 1)
    await folder.load([tp])
    await folder.skip({tp: 7})
    assert await Folder(work, 1).load([tp]) == {tp: 7}
    assert (await standing(work)).folded == 7


async def test_what_is_known_is_the_earliest_moment_over_all_partitions(work: UnitOfWork):
    ends = {TopicPartition(COMPLAINTS, number): 0 for number in range(2)}
    folder = Folder(work, 1)
    await folder.load(ends)
    assert (await standing(work)).known_to is None
    early = datetime(2026, 3, 17, 5, 0, 0, 900_000, tzinfo=UTC)
    await folder.saw_end({TopicPartition(COMPLAINTS, 0): 0}, early)
    assert (await standing(work)).known_to is None
    await folder.saw_end(ends, early + timedelta(seconds=9))
    assert (await standing(work)).known_to == early.replace(microsecond=0) + timedelta(seconds=9)
    # somebody who stands elsewhere says nothing about the end
    await folder.saw_end({TopicPartition(COMPLAINTS, 0): 5}, early + timedelta(days=1))
    assert (await standing(work)).known_to == early.replace(microsecond=0) + timedelta(seconds=9)


async def test_a_reader_without_work_learns_that_its_generation_was_replaced(
    work: UnitOfWork, engine: AsyncEngine
):
    tp = TopicPartition(COMPLAINTS, 0)
    folder = Folder(work, 1)
    await folder.load([tp])
    async with engine.begin() as connection:
        await connection.execute(text("DELETE FROM kafka_pos"))
    with pytest.raises(PositionMoved):
        await folder.saw_end({tp: 0}, NOON)


async def test_listening_reads_the_same_prefix(work: UnitOfWork):
    await folded(work, everything(varied(16)))
    heard = await listening(work, Question(LATER))
    assert [(subject.subject, subject.n) for subject in heard.subjects] == [("ganjil-genap", 2)]


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
async def test_any_delivery_of_any_facts_in_any_batches_gives_the_same_report(
    engine: AsyncEngine, data: st.DataObject
):
    work = UnitOfWork(engine, "metrics")
    async with engine.begin() as connection:
        for table in ("fact", "waiting", "complaint_fact", "assignment_fact", "kafka_pos"):
            await connection.execute(text(f"DELETE FROM {table}"))
    lives = data.draw(any_lives())
    events = [office(), *(event for life in lives for event in life.events)]
    delivered = data.draw(any_delivery(events))
    found = received(records(delivered))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(found)), max_size=4)))
    folder = Folder(work, 1)
    for start, end in zip([0, *cuts], [*cuts, len(found)], strict=True):
        if start < end:
            await folder.fold(found[start:end])
    question = Question(
        NOON + timedelta(seconds=data.draw(st.integers(-600_000, 1_500_000))),
        group_by=data.draw(st.sampled_from([None, Dimension.AGENCY])),
    )
    answer = await report(work, question)
    assert answer.figures == Ledger().fold(events).figures(question)
    assert answer.n_waiting == 0
