"""Statements: their versions, authors and confirmations; and what the public sees of them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from agency_gateway.domain.statement import Confirmation, Statement, Wording
from lintas.vocabulary.ids import AgencyCode, ComplaintId, PersonId, StatementId
from lintas.vocabulary.terms import Purpose, StatementKind, StatementState

_VERSION = text(
    "SELECT s.agency, s.kind, s.purpose, v.*,"
    " ARRAY(SELECT person_id FROM statement_author a WHERE a.statement_id = v.statement_id"
    "  AND a.version = v.version) AS authors,"
    " ARRAY(SELECT complaint_id FROM statement_complaint c"
    "  WHERE c.statement_id = v.statement_id ORDER BY 1) AS complaints,"
    " c.person_id AS confirmer, c.agency AS confirming, c.sha256 AS confirmed_sha256,"
    " c.confirmed_at"
    " FROM statement s JOIN statement_version v ON v.statement_id = s.id"
    " LEFT JOIN statement_confirmation c ON c.statement_id = v.statement_id"
    "  AND c.version = v.version AND c.voided_at IS NULL"
    " WHERE s.id = :id AND v.version = :version"
)


async def add(
    connection: AsyncConnection, statement: Statement, content: bytes, now: datetime
) -> None:
    """Keep a new statement with its first version."""
    await connection.execute(
        text(
            "INSERT INTO statement (id, agency, kind, purpose, created_at)"
            " VALUES (:id, :agency, :kind, :purpose, :now)"
        ),
        {
            "id": statement.id,
            "agency": statement.agency,
            "kind": statement.kind,
            "purpose": statement.purpose,
            "now": now,
        },
    )
    await connection.execute(
        text(
            "INSERT INTO statement_complaint (statement_id, complaint_id, agency)"
            " SELECT :id, complaint_id, :agency FROM unnest(CAST(:complaints AS uuid[]))"
            " AS c(complaint_id)"
        ),
        {
            "id": statement.id,
            "agency": statement.agency,
            "complaints": list(statement.complaint_ids),
        },
    )
    await add_version(connection, statement, content, now)


async def add_version(
    connection: AsyncConnection, statement: Statement, content: bytes, now: datetime
) -> None:
    """Keep a new version with its authors."""
    await connection.execute(
        text(
            "INSERT INTO statement_version (statement_id, version, state, content, created_at)"
            " VALUES (:id, :version, :state, :content, :now)"
        ),
        {
            "id": statement.id,
            "version": statement.version,
            "state": statement.state,
            "content": content,
            "now": now,
        },
    )
    await _add_authors(connection, statement)


async def lock(connection: AsyncConnection, id_: StatementId) -> Statement | None:
    """The newest version of a statement the transaction may see, locked."""
    version = await connection.scalar(
        text(
            "SELECT version FROM statement_version WHERE statement_id = :id"
            " ORDER BY version DESC LIMIT 1 FOR UPDATE"
        ),
        {"id": id_},
    )
    return None if version is None else await one(connection, id_, version)


async def newest(connection: AsyncConnection, id_: StatementId) -> Statement | None:
    """The newest version of a statement the transaction may see."""
    version = await connection.scalar(
        text("SELECT max(version) FROM statement_version WHERE statement_id = :id"), {"id": id_}
    )
    return None if version is None else await one(connection, id_, version)


async def one(connection: AsyncConnection, id_: StatementId, version: int) -> Statement | None:
    """One version of a statement the transaction may see."""
    row = (await connection.execute(_VERSION, {"id": id_, "version": version})).one_or_none()
    return None if row is None else _to_statement(row)


async def save_words(connection: AsyncConnection, statement: Statement, content: bytes) -> None:
    """Keep an edit: other words, back in draft, confirmation void, one author more."""
    await connection.execute(
        text(
            "UPDATE statement_version SET content = :content, state = :state,"
            " revision = revision + 1 WHERE statement_id = :id AND version = :version"
        ),
        {
            "id": statement.id,
            "version": statement.version,
            "content": content,
            "state": statement.state,
        },
    )
    await _add_authors(connection, statement)


async def save_state(connection: AsyncConnection, statement: Statement) -> None:
    """Keep a new state, and what belongs to it."""
    await connection.execute(
        text(
            "UPDATE statement_version SET state = :state, published_at = :published_at,"
            " override_reason = :override_reason, revision = revision + 1"
            " WHERE statement_id = :id AND version = :version"
        ),
        {
            "id": statement.id,
            "version": statement.version,
            "state": statement.state,
            "published_at": statement.published_at,
            "override_reason": statement.override_reason,
        },
    )
    if statement.published_at is not None:
        await connection.execute(
            text(
                "UPDATE statement SET first_published_at = :at"
                " WHERE id = :id AND first_published_at IS NULL"
            ),
            {"id": statement.id, "at": statement.published_at},
        )


async def add_confirmation(
    connection: AsyncConnection, id_: UUID, statement: Statement, given: Confirmation
) -> None:
    """Keep who approved which hash; the database refuses an author."""
    await connection.execute(
        text(
            "INSERT INTO statement_confirmation (id, statement_id, version, sha256, person_id,"
            " agency, confirmed_at) VALUES (:id, :statement, :version, :sha256, :person, :agency,"
            " :at)"
        ),
        {
            "id": id_,
            "statement": statement.id,
            "version": statement.version,
            "sha256": given.sha256,
            "person": given.person_id,
            "agency": given.agency,
            "at": given.confirmed_at,
        },
    )


async def supersede(connection: AsyncConnection, id_: StatementId, version: int, by: int) -> None:
    """Mark a published version as corrected by another."""
    await connection.execute(
        text(
            "UPDATE statement_version SET state = 'corrected', corrected_by = :by,"
            " revision = revision + 1 WHERE statement_id = :id AND version = :version"
        ),
        {"id": id_, "version": version, "by": by},
    )


async def retract(
    connection: AsyncConnection, statement: Statement, reason: str, now: datetime
) -> None:
    """Mark a published version as retracted."""
    await connection.execute(
        text(
            "UPDATE statement_version SET state = :state, retracted_at = :now,"
            " retraction_reason = :reason, revision = revision + 1"
            " WHERE statement_id = :id AND version = :version"
        ),
        {
            "id": statement.id,
            "version": statement.version,
            "state": statement.state,
            "reason": reason,
            "now": now,
        },
    )


async def _add_authors(connection: AsyncConnection, statement: Statement) -> None:
    await connection.execute(
        text(
            "INSERT INTO statement_author (statement_id, version, person_id)"
            " SELECT :id, :version, person_id FROM unnest(CAST(:authors AS uuid[]))"
            " AS a(person_id) ON CONFLICT DO NOTHING"
        ),
        {
            "id": statement.id,
            "version": statement.version,
            "authors": sorted(statement.authors),
        },
    )


def _to_statement(row: Any) -> Statement:
    words = orjson.loads(row.content)
    confirmation = None
    if row.confirmer is not None:
        confirmation = Confirmation(
            person_id=PersonId(row.confirmer),
            agency=AgencyCode(row.confirming),
            sha256=row.confirmed_sha256,
            confirmed_at=row.confirmed_at,
        )
    return Statement(
        id=StatementId(row.statement_id),
        kind=StatementKind(row.kind),
        purpose=Purpose(row.purpose),
        agency=AgencyCode(row.agency),
        version=row.version,
        state=StatementState(row.state),
        wording=Wording(words["text"], row.sha256, words["variants"]),
        authors=frozenset(_persons(row.authors)),
        complaint_ids=tuple(ComplaintId(found) for found in row.complaints),
        confirmation=confirmation,
        published_at=row.published_at,
        override_reason=row.override_reason,
        revision=row.revision,
    )


def _persons(found: Sequence[UUID]) -> list[PersonId]:
    return [PersonId(person) for person in found]
