"""Complaints that were given back, as far as deciding them anew needs it."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from agency_gateway.domain.records import Returned
from agency_gateway.store import rows
from lintas.vocabulary.ids import ComplaintId
from lintas.vocabulary.terms import MentionClass, Stakeholder

_RETURNED = text(
    "SELECT c.id, c.awaiting_round, c.mention_class, c.channel, c.stakeholder, c.received_at,"
    # the post as it reads now
    " CASE WHEN NOT c.text_hidden AND c.text IS NOT NULL THEN coalesce(m.text, c.text) END AS text,"
    " CASE WHEN NOT c.text_hidden THEN c.said END AS said,"
    " ARRAY(SELECT n.text FROM note n WHERE n.complaint_id = c.id AND n.round <= c.awaiting_round"
    "  ORDER BY n.round, n.id) AS notes"
    " FROM complaint c LEFT JOIN LATERAL ("
    "  SELECT e.text FROM message e WHERE e.complaint_id = c.id AND e.mention_id = c.mention_id"
    "  AND e.kind = 'edited' AND NOT e.hidden ORDER BY e.received_at DESC, e.event_id LIMIT 1"
    " ) m ON true WHERE c.id = ANY(CAST(:ids AS uuid[]))"
)


async def read(connection: AsyncConnection, ids: Sequence[ComplaintId]) -> Mapping[UUID, Returned]:
    """Those of `ids` that exist."""
    found = await connection.execute(_RETURNED, {"ids": list(ids)})
    return {
        row.id: Returned(
            complaint_id=ComplaintId(row.id),
            awaiting_round=row.awaiting_round,
            text=row.text,
            notes=tuple(row.notes),
            mention_class=MentionClass(row.mention_class),
            channel=row.channel,
            stakeholder=Stakeholder(row.stakeholder),
            received_at=row.received_at,
            said=rows.to_said(row.said),
        )
        for row in found
    }
