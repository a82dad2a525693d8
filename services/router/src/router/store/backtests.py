"""Backtests: what was asked, how far it is, what was found."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from lintas.contracts.events.envelope import canonical_json
from lintas.database.work import Transaction
from router.domain import Backtest, Problem, State

_COLUMNS = (
    "id, state, requested_at, requested_by, candidate_version, against_version, since, until,"
    " started_at, finished_at, total, done, reached_at, reached_id, tally, problem"
)
_LISTED = _COLUMNS.replace("tally", "NULL AS tally")
_HELD = "now() + make_interval(secs => :held_s)"


async def add(
    tx: Transaction,
    asked: Backtest,
    candidate: Mapping[str, Any],
    against: Mapping[str, Any] | None,
) -> None:
    """Keep a request; one that is known stays as it is."""
    await tx.connection.execute(
        text(
            "INSERT INTO backtest (id, state, requested_at, requested_by, candidate_version,"
            " candidate, against_version, against, since, until)"
            " VALUES (:id, 'queued', :at, :by, :candidate_version, CAST(:candidate AS jsonb),"
            " :against_version, CAST(:against AS jsonb), :since, :until) ON CONFLICT DO NOTHING"
        ),
        {
            "id": asked.id,
            "at": asked.requested_at,
            "by": asked.requested_by,
            "candidate_version": asked.candidate_version,
            "candidate": canonical_json(candidate).decode(),
            "against_version": asked.against_version,
            "against": None if against is None else canonical_json(against).decode(),
            "since": asked.since,
            "until": asked.until,
        },
    )


async def find(tx: Transaction, backtest_id: UUID) -> Backtest | None:
    """One backtest."""
    found = await tx.connection.execute(
        text(f"SELECT {_COLUMNS} FROM backtest WHERE id = :id"),  # noqa: S608  # a constant
        {"id": backtest_id},
    )
    row = found.first()
    return None if row is None else _backtest(row)


async def page(
    tx: Transaction, limit: int, *, before: tuple[datetime, UUID] | None
) -> Sequence[Backtest]:
    """Those asked for last, or last `before` a position in that order; without what they found."""
    at, last = before or (None, None)
    rows = await tx.connection.execute(
        text(
            f"SELECT {_LISTED} FROM backtest"  # noqa: S608  # constants
            " WHERE CAST(:at AS timestamptz) IS NULL"
            "  OR (requested_at, id) < (CAST(:at AS timestamptz), CAST(:id AS uuid))"
            " ORDER BY requested_at DESC, id DESC LIMIT :limit"
        ),
        {"at": at, "id": last, "limit": limit},
    )
    return [_backtest(row) for row in rows]


async def documents(
    tx: Transaction, backtest_id: UUID
) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """The candidate, and what it is held against, of a backtest that exists."""
    found = await tx.connection.execute(
        text("SELECT candidate, against FROM backtest WHERE id = :id"), {"id": backtest_id}
    )
    row = found.one()
    return row.candidate, row.against


async def waiting(tx: Transaction) -> int:
    """How many are not over."""
    found = await tx.connection.scalar(
        text("SELECT count(*) FROM backtest WHERE state IN ('queued', 'running')")
    )
    return int(found or 0)


async def claim(tx: Transaction, runner: UUID, held_s: float) -> Backtest | None:
    """The one that is next, `runner`'s from now on; None if there is none, or somebody is at it."""
    found = await tx.connection.execute(
        text(
            "UPDATE backtest SET state = 'running', runner = :runner,"  # noqa: S608  # constants
            f" held_until = {_HELD}, started_at = COALESCE(started_at, now())"
            " WHERE id = (SELECT id FROM backtest WHERE state IN ('queued', 'running')"
            "  ORDER BY state DESC, requested_at, id LIMIT 1 FOR UPDATE)"
            " AND (held_until IS NULL OR held_until < now())"
            f" RETURNING {_COLUMNS}"
        ),
        {"runner": runner, "held_s": held_s},
    )
    row = found.first()
    return None if row is None else _backtest(row)


async def step(tx: Transaction, runner: UUID, backtest: Backtest, held_s: float) -> bool:
    """Note how far `runner` is; False if it is not its own any more, and then nothing is noted."""
    reached_at, reached_id = backtest.reached or (None, None)
    found = await tx.connection.execute(
        text(
            "UPDATE backtest SET state = :state, total = :total, done = :done,"  # noqa: S608
            " reached_at = :reached_at, reached_id = :reached_id, tally = CAST(:tally AS jsonb),"
            f" problem = :problem, finished_at = :finished_at, held_until = {_HELD}"
            " WHERE id = :id AND runner = :runner AND state = 'running' RETURNING id"
        ),
        {
            "state": backtest.state,
            "total": backtest.total,
            "done": backtest.done,
            "reached_at": reached_at,
            "reached_id": reached_id,
            "tally": None if backtest.tally is None else canonical_json(backtest.tally).decode(),
            "problem": backtest.problem,
            "finished_at": backtest.finished_at,
            "held_s": held_s,
            "id": backtest.id,
            "runner": runner,
        },
    )
    return found.first() is not None


async def let_go(tx: Transaction, runner: UUID) -> None:
    """Whoever comes next may go on with what is `runner`'s."""
    await tx.connection.execute(
        text("UPDATE backtest SET held_until = NULL WHERE runner = :runner AND state = 'running'"),
        {"runner": runner},
    )


async def cancel(tx: Transaction, backtest_id: UUID, at: datetime) -> None:
    """End one that is not over; its runner finds that it is not its own any more."""
    await tx.connection.execute(
        text(
            "UPDATE backtest SET state = 'cancelled', finished_at = :at"
            " WHERE id = :id AND state IN ('queued', 'running')"
        ),
        {"id": backtest_id, "at": at},
    )


async def drop_before(tx: Transaction, moment: datetime) -> None:
    """Delete those that were over before."""
    await tx.connection.execute(
        text("DELETE FROM backtest WHERE finished_at < :moment"), {"moment": moment}
    )


def _backtest(row: Row[Any]) -> Backtest:
    return Backtest(
        id=row.id,
        state=State(row.state),
        requested_at=row.requested_at,
        requested_by=row.requested_by,
        candidate_version=row.candidate_version,
        against_version=row.against_version,
        since=row.since,
        until=row.until,
        started_at=row.started_at,
        finished_at=row.finished_at,
        total=row.total,
        done=row.done,
        reached=None if row.reached_id is None else (row.reached_at, row.reached_id),
        tally=row.tally,
        problem=Problem(row.problem) if row.problem else None,
    )
