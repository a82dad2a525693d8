"""When and by whom versions were published, and what was withdrawn."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text

from lintas.database.work import Transaction
from router.domain import Publication

#: of `publication`, for `of_row`
COLUMNS = (
    "p.ruleset, p.number, p.published_at, p.published_by, p.effective_at, p.withdrawn_at,"
    " p.withdrawn_by"
)


async def one_at_a_time(tx: Transaction) -> None:
    """Until the transaction ends nobody else publishes or withdraws: what applies when is one order."""
    await tx.connection.execute(text("LOCK TABLE publication IN SHARE ROW EXCLUSIVE MODE"))


async def add(tx: Transaction, publication: Publication) -> None:
    """Write down a publication, the last of all so far."""
    await tx.connection.execute(
        text(
            "INSERT INTO publication (ruleset, number, published_at, published_by, effective_at)"
            " VALUES (:ruleset, :number, :at, :by, :effective)"
        ),
        {
            "ruleset": publication.version,
            "number": publication.number,
            "at": publication.published_at,
            "by": publication.published_by,
            "effective": publication.effective_at,
        },
    )


async def numbers(tx: Transaction, version: str) -> tuple[bool, int]:
    """Whether anything was ever published, and the number of the version's last publication."""
    found = await tx.connection.execute(
        text(
            "SELECT EXISTS (SELECT FROM publication),"
            " (SELECT coalesce(max(number), 0) FROM publication WHERE ruleset = :version)"
        ),
        {"version": version},
    )
    anything, last = found.one()
    return bool(anything), int(last)


async def applying(tx: Transaction, at: datetime) -> Publication | None:
    """What applies at a moment, as far as it is announced."""
    found = await tx.connection.execute(
        text(
            f"SELECT {COLUMNS} FROM publication p"  # noqa: S608  # a constant
            " WHERE withdrawn_at IS NULL AND effective_at <= :at"
            " ORDER BY effective_at DESC, id DESC LIMIT 1"
        ),
        {"at": at},
    )
    row = found.first()
    return None if row is None else of_row(row)


async def page(
    tx: Transaction, limit: int, *, before: int | None, version: str | None
) -> Sequence[tuple[int, Publication]]:
    """Publications, the latest first, those `before` a place; each with its place in the order."""
    rows = await tx.connection.execute(
        text(
            f"SELECT p.id, {COLUMNS} FROM publication p"  # noqa: S608  # a constant
            " WHERE (CAST(:before AS bigint) IS NULL OR p.id < :before)"
            " AND (CAST(:version AS text) IS NULL OR p.ruleset = :version)"
            " ORDER BY p.id DESC LIMIT :limit"
        ),
        {"before": before, "version": version, "limit": limit},
    )
    return [(row.id, of_row(row)) for row in rows]


async def announced(tx: Transaction, version: str) -> Sequence[Publication]:
    """The version's publications that were not withdrawn, the latest to take effect first."""
    rows = await tx.connection.execute(
        text(
            f"SELECT {COLUMNS} FROM publication p"  # noqa: S608  # a constant
            " WHERE ruleset = :version AND withdrawn_at IS NULL ORDER BY effective_at DESC, id DESC"
        ),
        {"version": version},
    )
    return [of_row(row) for row in rows]


async def mark_withdrawn(tx: Transaction, publication: Publication, at: datetime, by: str) -> None:
    """Write down that a publication never takes effect."""
    await tx.connection.execute(
        text(
            "UPDATE publication SET withdrawn_at = :at, withdrawn_by = :by"
            " WHERE ruleset = :ruleset AND number = :number"
        ),
        {"ruleset": publication.version, "number": publication.number, "at": at, "by": by},
    )


def of_row(row: Row[Any]) -> Publication:
    """The publication in a row of `COLUMNS`."""
    return Publication(
        version=row.ruleset,
        number=row.number,
        published_at=row.published_at,
        published_by=row.published_by,
        effective_at=row.effective_at,
        withdrawn_at=row.withdrawn_at,
        withdrawn_by=row.withdrawn_by,
    )
