"""What changes mentions that are kept already: edits and withdrawals; and who is who."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import text

from ingest.domain.mentions import ReporterKey
from lintas.database.work import Transaction
from lintas.vocabulary.ids import ComplaintId, MentionId
from lintas.vocabulary.terms import Anonymity, Joined
from lintas.vocabulary.ticket import Ticket


@dataclass(frozen=True, slots=True)
class State:
    """A mention as it is kept."""

    complaint_id: ComplaintId
    ticket: Ticket
    anonymity: Anonymity
    revision: str
    joined: Joined | None
    withdrawn: bool
    #: of whoever said it; destroyed where they are erased
    key: ReporterKey
    #: what was said, under that key; empty once it is erased
    sealed: bytes
    received_at: datetime


async def take_turns(tx: Transaction, posts: Sequence[MentionId]) -> None:
    """Whoever tells of one of these posts waits until the transaction ends.

    So a withdrawal never misses a post that is being written, nor the post the withdrawal. There
    are few locks, as the server has room for a few thousand: strangers may wait for each other.
    """
    await tx.connection.execute(
        text(
            "SELECT pg_advisory_xact_lock(7105, place) FROM unnest(CAST(:places AS int[])) AS p(place)"
        ),
        {"places": sorted({post.int % _PLACES for post in posts})},
    )


_PLACES = 256


async def locked(tx: Transaction, mentions: Sequence[MentionId]) -> Mapping[MentionId, State]:
    """What `kept` gives; their complaints are locked until the transaction ends."""
    await tx.connection.execute(
        text(
            "SELECT FROM complaint WHERE complaint_id IN (SELECT complaint_id FROM mention"
            "  WHERE mention_id = ANY(CAST(:ids AS uuid[])))"
            " ORDER BY complaint_id FOR NO KEY UPDATE"
        ),
        {"ids": list(mentions)},
    )
    # read after the lock is held, so that nobody changes it any more
    return await kept(tx, mentions)


async def kept(tx: Transaction, mentions: Sequence[MentionId]) -> Mapping[MentionId, State]:
    """Those of `mentions` that are kept; they may change at any moment."""
    rows = await tx.connection.execute(
        text(
            "SELECT m.mention_id, m.complaint_id, c.ticket, c.anonymity, m.revision, m.joined,"
            " m.withdrawn_at, m.sealed, m.received_at, k.key_id, k.reporter, k.wrapped"
            " FROM mention m JOIN complaint c USING (complaint_id)"
            " JOIN reporter_key k ON k.key_id = coalesce(m.key_id, c.key_id)"
            " WHERE m.mention_id = ANY(CAST(:ids AS uuid[]))"
        ),
        {"ids": list(mentions)},
    )
    return {
        MentionId(row.mention_id): State(
            complaint_id=ComplaintId(UUID(int=row.complaint_id.int)),
            ticket=Ticket(row.ticket),
            anonymity=Anonymity(row.anonymity),
            revision=row.revision,
            joined=Joined(row.joined) if row.joined else None,
            withdrawn=row.withdrawn_at is not None,
            key=ReporterKey(row.key_id, row.reporter, row.wrapped),
            sealed=row.sealed,
            received_at=row.received_at,
        )
        for row in rows
    }


async def edit(tx: Transaction, edited: Mapping[MentionId, tuple[str, bytes | None]]) -> None:
    """Mentions have another revision from now on, and say something else unless that is None."""
    await tx.connection.execute(
        text(
            "UPDATE mention m SET revision = n.revision, sealed = coalesce(n.sealed, m.sealed)"
            " FROM unnest(CAST(:ids AS uuid[]), CAST(:revisions AS text[]),"
            "  CAST(:sealed AS bytea[])) AS n(mention_id, revision, sealed)"
            " WHERE m.mention_id = n.mention_id"
        ),
        {
            "ids": list(edited),
            "revisions": [revision for revision, _ in edited.values()],
            "sealed": [sealed for _, sealed in edited.values()],
        },
    )


async def withdraw(tx: Transaction, at: Mapping[MentionId, datetime]) -> None:
    """Mentions are shown no more."""
    await tx.connection.execute(
        text(
            "UPDATE mention m SET withdrawn_at = n.at FROM unnest(CAST(:ids AS uuid[]),"
            "  CAST(:times AS timestamptz[])) AS n(mention_id, at)"
            " WHERE m.mention_id = n.mention_id"
        ),
        {"ids": list(at), "times": list(at.values())},
    )


async def withdraw_early(tx: Transaction, at: Mapping[MentionId, datetime], now: datetime) -> None:
    """Remember withdrawals of what has not come yet."""
    await tx.connection.execute(
        text(
            "INSERT INTO withdrawn_early (mention_id, withdrawn_at, received_at)"
            " SELECT mention_id, at, :now FROM unnest(CAST(:ids AS uuid[]),"
            "  CAST(:times AS timestamptz[])) AS n(mention_id, at) ON CONFLICT DO NOTHING"
        ),
        {"ids": list(at), "times": list(at.values()), "now": now},
    )


async def withdrawn_before(
    tx: Transaction, mentions: Sequence[MentionId]
) -> Mapping[MentionId, datetime]:
    """Those of `mentions` that were withdrawn before they came; they are forgotten with this."""
    rows = await tx.connection.execute(
        text(
            "DELETE FROM withdrawn_early WHERE mention_id = ANY(CAST(:ids AS uuid[]))"
            " RETURNING mention_id, withdrawn_at"
        ),
        {"ids": list(mentions)},
    )
    return {MentionId(row.mention_id): row.withdrawn_at for row in rows}


async def rename(tx: Transaction, previous: bytes, current: bytes) -> None:
    """Whoever comes as `current` is who came as `previous`, through any number of changes."""
    # one change of names at a time: two at once could tie a knot
    await tx.connection.execute(text("SELECT pg_advisory_xact_lock(7105, 1000)"))
    await tx.connection.execute(
        text(
            "WITH root AS (SELECT coalesce("
            "  (SELECT same_as FROM same_reporter WHERE reporter = :previous),"
            "  CAST(:previous AS bytea)) AS same_as),"
            " known AS (SELECT coalesce("
            "  (SELECT same_as FROM same_reporter WHERE reporter = :current),"
            "  CAST(:current AS bytea)) AS reporter),"
            " pulled AS (UPDATE same_reporter s SET same_as = root.same_as FROM root, known"
            "  WHERE s.same_as = known.reporter AND root.same_as <> known.reporter)"
            " INSERT INTO same_reporter (reporter, same_as)"
            " SELECT known.reporter, root.same_as FROM root, known"
            " WHERE root.same_as <> known.reporter ON CONFLICT DO NOTHING"
        ),
        {"previous": previous, "current": current},
    )


@dataclass(frozen=True, slots=True)
class Report:
    """What became of a message of ours."""

    #: keyed hash of its id
    message: bytes
    channel: str
    state: str
    #: a higher one replaces a lower one
    rank: int
    reason: str | None
    reference: str | None
    at: datetime


async def report(tx: Transaction, reports: Sequence[Report]) -> None:
    """Keep how far messages of ours got; each at most once among `reports`."""
    reports = sorted(reports, key=lambda one: one.message)
    await tx.connection.execute(
        text(
            "INSERT INTO delivery_report AS kept"
            " (message, channel, state, rank, reason, reference, reported_at)"
            " SELECT * FROM unnest(CAST(:messages AS bytea[]), CAST(:channels AS text[]),"
            "  CAST(:states AS text[]), CAST(:ranks AS smallint[]), CAST(:reasons AS text[]),"
            "  CAST(:refs AS text[]), CAST(:times AS timestamptz[]))"
            " ON CONFLICT (message) DO UPDATE SET state = excluded.state, rank = excluded.rank,"
            "  reason = excluded.reason, reported_at = excluded.reported_at,"
            "  reference = coalesce(excluded.reference, kept.reference)"
            " WHERE excluded.rank > kept.rank"
        ),
        {
            "messages": [one.message for one in reports],
            "channels": [one.channel for one in reports],
            "states": [one.state for one in reports],
            "ranks": [one.rank for one in reports],
            "reasons": [one.reason for one in reports],
            "refs": [one.reference for one in reports],
            "times": [one.at for one in reports],
        },
    )


async def forget(tx: Transaction, before: datetime) -> None:
    """Remove early withdrawals and delivery reports that nothing came to in time."""
    for statement in (
        "DELETE FROM withdrawn_early WHERE received_at < :before",
        "DELETE FROM delivery_report WHERE reported_at < :before",
    ):
        await tx.connection.execute(text(statement), {"before": before})


#: longer than any platform repeats a delivery
KEPT_FOR = timedelta(days=30)
