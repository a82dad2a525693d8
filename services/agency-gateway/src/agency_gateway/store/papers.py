"""What people write about a complaint, and the whole of it as it is shown."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from agency_gateway.domain.records import ComplaintRecord, Contribution, Note
from agency_gateway.store import messages, rows, suggestions
from lintas.vocabulary.ids import ComplaintId, StatementId


async def contribute(connection: AsyncConnection, contribution: Contribution) -> None:
    """Keep an agency's part."""
    await connection.execute(
        text(
            "INSERT INTO contribution (id, complaint_id, assignment_id, agency, person_id, text,"
            " made_at) VALUES (:id, :complaint_id, :assignment_id, :agency, :person_id, :text,"
            " :made_at)"
        ),
        asdict(contribution),
    )


async def write_note(connection: AsyncConnection, note: Note) -> None:
    """Keep a remark."""
    await connection.execute(
        text(
            "INSERT INTO note (id, complaint_id, agency, author, text, shared, written_at, round)"
            " VALUES (:id, :complaint_id, :agency, :author, :text, :shared, :written_at, :round)"
        ),
        asdict(note),
    )


async def read(connection: AsyncConnection, id_: ComplaintId) -> ComplaintRecord | None:
    """A complaint with everything the transaction may see of it."""
    row = (await _of(connection, "SELECT * FROM complaint WHERE id = :id", id_)).one_or_none()
    if row is None:
        return None
    shares = await _of(
        connection, "SELECT * FROM assignment WHERE complaint_id = :id ORDER BY place", id_
    )
    contributions = await _of(
        connection,
        "SELECT id, complaint_id, assignment_id, agency, person_id, text, made_at"
        " FROM contribution WHERE complaint_id = :id ORDER BY made_at, id",
        id_,
    )
    notes = await _of(
        connection,
        "SELECT id, complaint_id, agency, author, text, shared, written_at FROM note"
        " WHERE complaint_id = :id ORDER BY written_at, id",
        id_,
    )
    statements = await _of(
        connection,
        "SELECT statement_id FROM statement_complaint WHERE complaint_id = :id ORDER BY 1",
        id_,
    )
    return ComplaintRecord(
        complaint=rows.to_complaint(row, shares),
        version=row.version,
        registered_at=row.registered_at,
        text=None if row.text_hidden else row.text,
        said=None if row.text_hidden else rows.to_said(row.said),
        contributions=_all(Contribution, contributions),
        notes=_all(Note, notes),
        messages=tuple(await messages.of(connection, id_)),
        statements=tuple(StatementId(found) for found in statements.scalars()),
        suggestions=await suggestions.of(connection, id_),
    )


async def _of(connection: AsyncConnection, query: str, id_: ComplaintId) -> Any:
    return await connection.execute(text(query), {"id": id_})


def _all(kind: Any, found: Sequence[Any]) -> tuple[Any, ...]:
    return tuple(kind(*row) for row in found)
