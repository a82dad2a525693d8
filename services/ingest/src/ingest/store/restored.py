"""How far the database knows its own erasures, so that a restored backup is known by itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import orjson
from sqlalchemy import text

from lintas.database.work import Transaction


@dataclass(frozen=True, slots=True)
class Check:
    """What the database says of itself."""

    #: `<topic>/<partition>` → the offset before which every erasure is applied here
    positions: Mapping[str, int]
    #: when it was last found whole, by its own clock; a backup says an earlier moment
    checked_at: datetime
    #: seconds since then
    age_s: float


async def read(tx: Transaction) -> Check:
    """What it says now."""
    row = (
        await tx.connection.execute(
            text(
                "SELECT positions::text AS positions, checked_at,"
                " extract(epoch FROM clock_timestamp() - checked_at) AS age_s FROM erasure_check"
            )
        )
    ).one()
    return Check(orjson.loads(row.positions), row.checked_at, float(row.age_s))


async def found_whole(tx: Transaction, positions: Mapping[str, int]) -> datetime:
    """It is whole up to these positions; the moment, which the next check is held against."""
    checked_at: datetime = await tx.connection.scalar(
        text(
            "UPDATE erasure_check SET positions = CAST(:positions AS jsonb),"
            " checked_at = clock_timestamp() RETURNING checked_at"
        ),
        {"positions": orjson.dumps(dict(positions)).decode()},
    )
    return checked_at
