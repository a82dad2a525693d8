"""Pointers that wait for their text."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text

from lintas.database.work import Transaction


@dataclass(frozen=True, slots=True)
class Pointer:
    """What is remembered of one."""

    #: keyed hash of channel, account and id
    pointer: bytes
    channel: str
    account: str
    sealed: bytes


@dataclass(frozen=True, slots=True)
class Taken(Pointer):
    """One whose text is to be asked for now."""

    received_at: datetime
    traceparent: str
    #: attempts, this one too
    tries: int


_REMEMBER = text("""
INSERT INTO pointer (pointer, channel, account, sealed, received_at, traceparent, due_at)
SELECT p.pointer, p.channel, p.account, p.sealed, :at, :traceparent, :at
FROM unnest(CAST(:pointers AS bytea[]), CAST(:channels AS text[]), CAST(:accounts AS text[]),
    CAST(:sealed AS bytea[])) AS p(pointer, channel, account, sealed)
ON CONFLICT (pointer) DO NOTHING
""")


async def remember(
    tx: Transaction, pointers: Sequence[Pointer], at: datetime, traceparent: str
) -> None:
    """Add those that are not there yet; they are due at once."""
    # in one order everywhere, so that two deliveries never wait for each other
    ordered = sorted(pointers, key=lambda one: one.pointer)
    await tx.connection.execute(
        _REMEMBER,
        {
            "pointers": [one.pointer for one in ordered],
            "channels": [one.channel for one in ordered],
            "accounts": [one.account for one in ordered],
            "sealed": [one.sealed for one in ordered],
            "at": at,
            "traceparent": traceparent,
        },
    )


_TAKE = text("""
UPDATE pointer SET tries = tries + 1, due_at = :until
WHERE pointer IN (
    SELECT pointer FROM pointer WHERE due_at <= :now
    ORDER BY due_at LIMIT :most FOR UPDATE SKIP LOCKED
)
RETURNING pointer, channel, account, sealed, received_at, traceparent, tries
""")


async def take(tx: Transaction, now: datetime, until: datetime, most: int) -> list[Taken]:
    """Up to `most` that are due; nobody else takes them before `until`."""
    rows = await tx.connection.execute(_TAKE, {"now": now, "until": until, "most": most})
    return [Taken(*row) for row in rows]


async def put_off(tx: Transaction, pointer: bytes, due_at: datetime) -> None:
    """Ask again at `due_at`."""
    await tx.connection.execute(
        text("UPDATE pointer SET due_at = :due_at WHERE pointer = :pointer"),
        {"pointer": pointer, "due_at": due_at},
    )


async def forget(tx: Transaction, pointer: bytes) -> None:
    """Its text is heard, or nobody asks for it any more."""
    await tx.connection.execute(
        text("DELETE FROM pointer WHERE pointer = :pointer"), {"pointer": pointer}
    )
