"""Published statements, as anybody may read them."""

from collections.abc import Mapping
from typing import Any

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from agency_gateway.domain.ledger import LedgerEntry, Office, PublishedVersion
from lintas.vocabulary.ids import AgencyCode, StatementId
from lintas.vocabulary.terms import Purpose, StatementKind, StatementState


async def entry(connection: AsyncConnection, id_: StatementId) -> LedgerEntry | None:
    """A statement with every version that was published; None where there is none."""
    found = await connection.execute(
        text(
            "SELECT s.agency, s.kind, s.purpose, v.version, v.state, v.content, v.sha256,"
            " v.published_at, v.corrected_by, v.retracted_at, v.retraction_reason,"
            " c.agency AS confirming, c.confirmed_at"
            " FROM statement s JOIN statement_version v ON v.statement_id = s.id"
            " JOIN statement_confirmation c ON c.statement_id = v.statement_id"
            "  AND c.version = v.version AND c.voided_at IS NULL"
            " WHERE s.id = :id ORDER BY v.version"
        ),
        {"id": id_},
    )
    versions = list(found)
    if not versions:
        return None
    names = await _names(connection, {row.confirming for row in versions} | {versions[0].agency})
    return LedgerEntry(
        id=id_,
        kind=StatementKind(versions[0].kind),
        purpose=Purpose(versions[0].purpose),
        office=_office(versions[0].agency, names),
        zone=await _zone(connection),
        versions=tuple(_to_version(row, names) for row in versions),
    )


async def _names(connection: AsyncConnection, agencies: set[str]) -> Mapping[str, Any]:
    found = await connection.execute(
        text(
            "SELECT DISTINCT ON (id) id, body -> 'name' AS name FROM directory_document"
            " WHERE kind = 'agency' AND id = ANY(CAST(:agencies AS text[]))"
            " ORDER BY id, known_from DESC, revision DESC"
        ),
        {"agencies": sorted(agencies)},
    )
    return {row.id: row.name for row in found}


async def _zone(connection: AsyncConnection) -> str:
    found = await connection.scalar(
        text(
            "SELECT body ->> 'zone' FROM directory_document WHERE kind = 'city'"
            " ORDER BY known_from DESC, revision DESC LIMIT 1"
        )
    )
    return str(found or "UTC")


def _office(code: str, names: Mapping[str, Any]) -> Office:
    name = names.get(code)
    return Office(AgencyCode(code), name if isinstance(name, dict) else {})


def _to_version(row: Any, names: Mapping[str, Any]) -> PublishedVersion:
    words = orjson.loads(row.content)
    return PublishedVersion(
        version=row.version,
        state=StatementState(row.state),
        text=words["text"],
        variants=words["variants"],
        sha256=row.sha256,
        confirmed_by=_office(row.confirming, names),
        confirmed_at=row.confirmed_at,
        published_at=row.published_at,
        corrected_by=row.corrected_by,
        retracted_at=row.retracted_at,
        retraction_reason=row.retraction_reason,
    )
