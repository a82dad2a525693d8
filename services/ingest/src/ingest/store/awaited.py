"""Mentions that wait for their files."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import text

from lintas.database.work import Transaction
from lintas.vocabulary.ids import MentionId


@dataclass(frozen=True, slots=True)
class Awaited:
    """A mention whose files are to be asked for now."""

    mention_id: MentionId
    channel: str
    #: with whose token; None: their addresses are public
    account: str | None
    traceparent: str
    #: attempts, this one too
    tries: int


class Named(NamedTuple):
    """A mention that names files."""

    mention_id: MentionId
    channel: str
    #: with whose token they are asked for; None: their addresses are public
    account: str | None
    traceparent: str


async def remember(tx: Transaction, named: Iterable[Named], at: datetime) -> None:
    """Their files are due at once, also where an earlier one was given up.

    Where another account was remembered before, or that the addresses are public, that stays.
    """
    # in one order everywhere, so that two deliveries never wait for each other
    rows = sorted({one.mention_id: one for one in named}.values())
    await tx.connection.execute(
        text(
            "INSERT INTO awaited_media AS a (mention_id, channel, account, traceparent, due_at)"
            " SELECT n.*, :at FROM unnest(CAST(:mentions AS uuid[]), CAST(:channels AS text[]),"
            "  CAST(:accounts AS text[]), CAST(:traceparents AS text[])) AS n"
            " ON CONFLICT (mention_id) DO UPDATE SET due_at = excluded.due_at, ended_as = NULL,"
            "  tries = CASE WHEN a.due_at IS NULL THEN 0 ELSE a.tries END"
        ),
        {
            "mentions": [one.mention_id for one in rows],
            "channels": [one.channel for one in rows],
            "accounts": [one.account for one in rows],
            "traceparents": [one.traceparent for one in rows],
            "at": at,
        },
    )


async def take(
    tx: Transaction, now: datetime, until: datetime, most: int, *, public: bool
) -> list[Awaited]:
    """Up to `most` that are due; nobody else takes them before `until`.

    Either those at public addresses, or those that take an account.
    """
    rows = await tx.connection.execute(
        text(
            "UPDATE awaited_media SET tries = tries + 1, due_at = :until WHERE mention_id IN ("
            "  SELECT mention_id FROM awaited_media"
            "  WHERE due_at <= :now AND (account IS NULL) = :public"
            "  ORDER BY due_at LIMIT :most FOR UPDATE SKIP LOCKED)"
            " RETURNING mention_id, channel, account, traceparent, tries"
        ),
        {"now": now, "until": until, "most": most, "public": public},
    )
    return [Awaited(MentionId(row[0]), *row[1:]) for row in rows]


async def put_off(tx: Transaction, mention: MentionId, due_at: datetime) -> None:
    """Ask again at `due_at`."""
    await tx.connection.execute(
        text("UPDATE awaited_media SET due_at = :due_at WHERE mention_id = :mention"),
        {"mention": mention, "due_at": due_at},
    )


async def end(tx: Transaction, mention: MentionId, ended_as: str) -> None:
    """Ask no more, and remember that a file is missing."""
    await tx.connection.execute(
        text(
            "UPDATE awaited_media SET due_at = NULL, ended_as = :ended_as"
            " WHERE mention_id = :mention"
        ),
        {"mention": mention, "ended_as": ended_as},
    )


async def forget(tx: Transaction, mention: MentionId) -> None:
    """It waits for nothing any more."""
    await tx.connection.execute(
        text("DELETE FROM awaited_media WHERE mention_id = :mention"), {"mention": mention}
    )
