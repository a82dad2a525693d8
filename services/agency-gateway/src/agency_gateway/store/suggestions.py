"""Statements that may answer a complaint, as the router suggests them."""

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from agency_gateway.domain.records import Suggested
from lintas.vocabulary.ids import AgencyCode, ComplaintId, StatementId


async def add(
    connection: AsyncConnection, complaint: ComplaintId, suggested: Sequence[Suggested]
) -> None:
    """Keep what is suggested for a complaint; a statement that is there already stays as it is."""
    await connection.execute(
        text(
            "INSERT INTO suggestion (complaint_id, statement_id, version, agency, score, words)"
            " VALUES (:complaint, :statement, :version, :agency, :score, :words)"
            " ON CONFLICT DO NOTHING"
        ),
        [
            {
                "complaint": complaint,
                "statement": one.statement_id,
                "version": one.version,
                "agency": one.agency,
                "score": one.score,
                "words": list(one.words),
            }
            for one in suggested
        ],
    )


async def of(connection: AsyncConnection, complaint: ComplaintId) -> tuple[Suggested, ...]:
    """Those that are still published, the nearest first, each with its words of today."""
    found = await connection.execute(
        text(
            "SELECT s.statement_id, v.version, s.agency, s.score, s.words,"
            " convert_from(v.content, 'UTF8')::jsonb ->> 'text' AS text"
            " FROM suggestion s JOIN statement_version v"
            "  ON v.statement_id = s.statement_id AND v.state = 'published'"
            " WHERE s.complaint_id = :id ORDER BY s.score DESC, s.statement_id"
        ),
        {"id": complaint},
    )
    return tuple(
        Suggested(
            StatementId(row.statement_id),
            row.version,
            AgencyCode(row.agency),
            row.score,
            tuple(row.words),
            row.text,
        )
        for row in found
    )


async def erase(connection: AsyncConnection, complaint: ComplaintId) -> None:
    """Forget them: they tell what the complaint says."""
    await connection.execute(
        text("DELETE FROM suggestion WHERE complaint_id = :id"), {"id": complaint}
    )
