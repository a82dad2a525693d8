from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text

from lintas.database.work import Transaction
from lintas.messaging.ports import TopicPartition
from metrics.domain.log import Position


@dataclass(frozen=True, slots=True)
class Move:
    """A step forward that only whoever stands at `expected` may take."""

    at: TopicPartition
    expected: int
    next: int
    read_to: datetime | None


async def generation(tx: Transaction) -> int:
    """The generation that is shown."""
    found = await tx.connection.scalar(text("SELECT generation FROM fold"))
    return int(found or 0)


async def learn(
    tx: Transaction, generation: int, partitions: Iterable[TopicPartition]
) -> dict[TopicPartition, int]:
    """The next offset of each partition; one that was never read is entered at 0."""
    wanted = sorted(set(partitions))
    values = {
        "generation": generation,
        "topics": [topic for topic, _ in wanted],
        "partitions": [number for _, number in wanted],
    }
    await tx.connection.execute(
        text(
            "INSERT INTO kafka_pos (generation, topic, partition, next)"
            " SELECT :generation, topic, partition, 0"
            " FROM unnest(CAST(:topics AS text[]), CAST(:partitions AS int[]))"
            " AS r(topic, partition) ON CONFLICT DO NOTHING"
        ),
        values,
    )
    rows = await tx.connection.execute(
        text(
            "SELECT topic, partition, next FROM kafka_pos"
            " JOIN unnest(CAST(:topics AS text[]), CAST(:partitions AS int[]))"
            " AS r(topic, partition) USING (topic, partition) WHERE generation = :generation"
        ),
        values,
    )
    return {TopicPartition(row.topic, row.partition): row.next for row in rows}


async def move(tx: Transaction, generation: int, moves: Sequence[Move]) -> bool:
    """Take every step; False if another reader took one, or the generation is gone."""
    done = await tx.connection.execute(
        text(
            "UPDATE kafka_pos p SET next = m.next, read_to = GREATEST(p.read_to, m.read_to)"
            " FROM unnest(CAST(:topics AS text[]), CAST(:partitions AS int[]),"
            "  CAST(:expected AS bigint[]), CAST(:next AS bigint[]),"
            "  CAST(:read_to AS timestamptz[])) AS m(topic, partition, expected, next, read_to)"
            " WHERE p.generation = :generation AND p.topic = m.topic"
            "  AND p.partition = m.partition AND p.next = m.expected"
        ),
        {
            "generation": generation,
            "topics": [move.at.topic for move in moves],
            "partitions": [move.at.partition for move in moves],
            "expected": [move.expected for move in moves],
            "next": [move.next for move in moves],
            "read_to": [move.read_to for move in moves],
        },
    )
    return done.rowcount == len(moves)


async def saw_end(
    tx: Transaction, generation: int, ends: Mapping[TopicPartition, int], at: datetime
) -> bool:
    """Note that nothing was waiting behind these positions at `at`; False if one has moved."""
    keys = sorted(ends)
    done = await tx.connection.execute(
        text(
            "UPDATE kafka_pos p SET read_to = GREATEST(p.read_to, :at)"
            " FROM unnest(CAST(:topics AS text[]), CAST(:partitions AS int[]),"
            "  CAST(:next AS bigint[])) AS e(topic, partition, next)"
            " WHERE p.generation = :generation AND p.topic = e.topic"
            "  AND p.partition = e.partition AND p.next = e.next"
        ),
        {
            "generation": generation,
            "at": at,
            "topics": [topic for topic, _ in keys],
            "partitions": [number for _, number in keys],
            "next": [ends[key] for key in keys],
        },
    )
    return done.rowcount == len(keys)


async def positions(tx: Transaction, generation: int) -> list[Position]:
    """Every partition of a generation, in order."""
    rows = await tx.connection.execute(
        text(
            "SELECT topic, partition, next, read_to FROM kafka_pos"
            " WHERE generation = :generation ORDER BY topic, partition"
        ),
        {"generation": generation},
    )
    return [Position(*row) for row in rows]
