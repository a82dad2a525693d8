"""What the reporter says after the first mention; redacted, hidden when withdrawn, erasable."""

from dataclasses import asdict

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from agency_gateway.domain.records import Message, Said
from agency_gateway.store import rows, suggestions
from lintas.vocabulary.ids import ComplaintId, MentionId


async def add(connection: AsyncConnection, message: Message) -> None:
    """Keep one message."""
    await connection.execute(
        text(
            "INSERT INTO message (event_id, complaint_id, mention_id, kind, text, received_at, said)"
            " VALUES (:event_id, :complaint_id, :mention_id, :kind, :text, :received_at,"
            "  CAST(:said AS jsonb))"
            " ON CONFLICT DO NOTHING"
        ),
        {**asdict(message), "said": rows.said_text(message.said)},
    )


async def of(connection: AsyncConnection, complaint: ComplaintId) -> list[Message]:
    """A complaint's messages that may be shown, in order."""
    found = await connection.execute(
        text(
            "SELECT event_id, complaint_id, mention_id, kind, text, received_at, said FROM message"
            " WHERE complaint_id = :id AND NOT hidden ORDER BY received_at, event_id"
        ),
        {"id": complaint},
    )
    return [Message(**{**row, "said": rows.to_said(row["said"])}) for row in found.mappings()]


async def tell_files(
    connection: AsyncConnection, complaint: ComplaintId, mention: MentionId, said: Said
) -> None:
    """A file of a mention came after its words; what is erased stays so."""
    about = {"complaint": complaint, "mention": mention, "said": rows.said_text(said)}
    await connection.execute(
        text(
            "UPDATE message SET said = CAST(:said AS jsonb) WHERE complaint_id = :complaint"
            " AND mention_id = :mention AND kind = 'followed_up' AND said IS NOT NULL"
        ),
        about,
    )
    await connection.execute(
        text(
            "UPDATE complaint SET said = CAST(:said AS jsonb)"
            " WHERE id = :complaint AND mention_id = :mention AND said IS NOT NULL"
        ),
        about,
    )


async def hide(connection: AsyncConnection, complaint: ComplaintId, mention: MentionId) -> None:
    """Show a deleted post no longer; what it says is kept."""
    about = {"complaint": complaint, "mention": mention}
    await connection.execute(
        text(
            "UPDATE message SET hidden = true"
            " WHERE complaint_id = :complaint AND mention_id = :mention"
        ),
        about,
    )
    await connection.execute(
        text(
            "UPDATE complaint SET version = version + 1,"
            " text_hidden = text_hidden OR mention_id = :mention WHERE id = :complaint"
        ),
        about,
    )


async def erase(
    connection: AsyncConnection, complaint: ComplaintId, mention: MentionId | None = None
) -> None:
    """Forget every word, or those of one `mention`; the history's commitments stay and tell nothing."""
    about = {"complaint": complaint, "mention": mention}
    await connection.execute(
        text(
            "UPDATE message SET text = NULL, said = NULL WHERE complaint_id = :complaint"
            " AND mention_id = coalesce(CAST(:mention AS uuid), mention_id)"
        ),
        about,
    )
    await connection.execute(
        text(
            "UPDATE complaint SET version = version + 1,"
            " text = CASE WHEN CAST(:mention AS uuid) IS NOT NULL THEN text END,"
            " said = CASE WHEN CAST(:mention AS uuid) IS NOT NULL THEN said END,"
            " text_salt = CASE WHEN CAST(:mention AS uuid) IS NOT NULL THEN text_salt END"
            " WHERE id = :complaint"
        ),
        about,
    )
    await suggestions.erase(connection, complaint)
    # answers kept for repeated requests show the words too; a repetition is then a new request
    await connection.execute(
        text("DELETE FROM answered_request WHERE strpos(body, CAST(:complaint AS text)) > 0"),
        {"complaint": str(complaint)},
    )
