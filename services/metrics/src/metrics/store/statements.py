from collections.abc import Sequence

from sqlalchemy import text

from lintas.database.work import Transaction
from metrics.domain.cases import Published
from metrics.domain.facts import StatementFact, StatementStage
from metrics.store.sets import RowSet

_STATEMENTS = RowSet(
    "statement_fact",
    {
        "event_id": "uuid",
        "topic": "text",
        "partition": "int",
        "record_offset": "bigint",
        "occurred_at": "timestamptz",
        "recorded_at": "timestamptz",
        "statement_id": "uuid",
        "version": "int",
        "stage": "text",
        "kind": "text",
        "purpose": "text",
        "agency": "text",
        "complaints": "int",
    },
    "DO NOTHING RETURNING event_id",
)


async def add(tx: Transaction, generation: int, facts: Sequence[StatementFact]) -> int:
    """Keep `facts`; how many of them are new."""
    rows = await _STATEMENTS.write(
        tx.connection,
        generation,
        [
            (
                fact.place.event_id,
                fact.place.topic,
                fact.place.partition,
                fact.place.offset,
                fact.place.occurred_at,
                fact.place.recorded_at,
                fact.statement_id,
                fact.version,
                fact.stage,
                fact.kind,
                fact.purpose,
                fact.agency,
                fact.complaints,
            )
            for fact in sorted(facts, key=lambda fact: fact.place.event_id)
        ],
    )
    return len(rows.all())


async def published(tx: Transaction, generation: int) -> list[Published]:
    """Every publication of a version."""
    rows = await tx.connection.execute(
        text(
            "SELECT statement_id, agency, occurred_at FROM statement_fact"
            " WHERE generation = :generation AND stage = :stage"
        ),
        {"generation": generation, "stage": StatementStage.PUBLISHED},
    )
    return [Published(*row) for row in rows]
