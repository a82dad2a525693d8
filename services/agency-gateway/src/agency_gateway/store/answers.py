"""Answers kept for repeated requests (`Idempotency-Key`), with the effect they tell of."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from lintas.vocabulary.errors import Invalid


@dataclass(frozen=True, slots=True)
class Answer:
    """What a caller gets, ready to send and to keep."""

    status: int
    #: JSON, or nothing
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    #: what a repetition gets instead, where the body holds something that is shown once
    kept: str | None = None


@dataclass(frozen=True, slots=True)
class Once:
    """A request that takes effect once, however often it is sent."""

    actor: str
    #: method and path
    operation: str
    key: str
    #: SHA-256 of the body: the same key with another body is refused
    fingerprint: bytes


async def begin(connection: AsyncConnection, once: Once, now: datetime) -> Answer | None:
    """The answer an earlier request got; None if this is the first.

    Waits while the first still runs: its row is there, uncommitted. Raises Invalid (422) where
    the key came with another body.
    """
    mine = {"actor": once.actor, "operation": once.operation, "key": once.key}
    first = await connection.scalar(
        text(
            "INSERT INTO answered_request (actor, operation, key, fingerprint, answered_at)"
            " VALUES (:actor, :operation, :key, :fingerprint, :now)"
            " ON CONFLICT DO NOTHING RETURNING true"
        ),
        {**mine, "fingerprint": once.fingerprint, "now": now},
    )
    if first:
        return None
    found = await connection.execute(
        text(
            "SELECT fingerprint, status, headers, body FROM answered_request"
            " WHERE actor = :actor AND operation = :operation AND key = :key"
        ),
        mine,
    )
    row = found.one()
    if row.fingerprint != once.fingerprint:
        raise Invalid("This Idempotency-Key came with another body before.")
    return Answer(row.status, row.body, row.headers)


async def finish(connection: AsyncConnection, once: Once, answer: Answer) -> None:
    """Keep the answer of the first request, in its own transaction."""
    await connection.execute(
        text(
            "UPDATE answered_request SET status = :status, headers = CAST(:headers AS jsonb),"
            " body = :body WHERE actor = :actor AND operation = :operation AND key = :key"
        ),
        {
            "actor": once.actor,
            "operation": once.operation,
            "key": once.key,
            "status": answer.status,
            "headers": orjson.dumps(dict(answer.headers)).decode(),
            "body": answer.body if answer.kept is None else answer.kept,
        },
    )


async def forget(connection: AsyncConnection, now: datetime, keep: timedelta) -> None:
    """Forget answers older than `keep`."""
    await connection.execute(
        text("DELETE FROM answered_request WHERE answered_at < :before"), {"before": now - keep}
    )
