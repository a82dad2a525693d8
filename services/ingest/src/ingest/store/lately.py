"""What was heard on an account lately, for looking at it again where it was said."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from ingest.domain.mentions import ReporterKey
from lintas.database.work import Transaction
from lintas.vocabulary.ids import ComplaintId, MentionId


@dataclass(frozen=True, slots=True)
class Sealed:
    """A mention that stands; where it was said is sealed."""

    mention_id: MentionId
    complaint_id: ComplaintId
    revision: str
    received_at: datetime
    key: ReporterKey
    sealed: bytes


#: the partial index is of this channel, as no other one is looked at again
_HEARD = text("""
SELECT m.mention_id, m.complaint_id, m.revision, m.received_at, m.sealed,
       k.key_id, k.reporter, k.wrapped
FROM mention m JOIN complaint c USING (complaint_id)
JOIN reporter_key k ON k.key_id = coalesce(m.key_id, c.key_id) AND k.wrapped IS NOT NULL
WHERE m.channel = 'mastodon' AND m.account = :account AND m.withdrawn_at IS NULL
  AND m.received_at >= :since AND (m.received_at, m.mention_id) < (:before, :below)
ORDER BY m.received_at DESC, m.mention_id DESC LIMIT :most
""")


async def on_mastodon(
    tx: Transaction,
    account: str,
    *,
    since: datetime,
    before: tuple[datetime, MentionId],
    most: int,
) -> Sequence[Sealed]:
    """Mentions received since, newest first, from below `before`."""
    rows = await tx.connection.execute(
        _HEARD,
        {
            "account": account,
            "since": since,
            "before": before[0],
            "below": before[1],
            "most": most,
        },
    )
    return [
        Sealed(
            MentionId(row.mention_id),
            ComplaintId(UUID(int=row.complaint_id.int)),
            row.revision,
            row.received_at,
            ReporterKey(row.key_id, row.reporter, row.wrapped),
            row.sealed,
        )
        for row in rows
    ]
