"""City documents, kept so that intake can start without Kafka."""

from collections.abc import Sequence

import orjson
from sqlalchemy import text

from ingest.domain.city import CityDocument
from lintas.database.work import Transaction


async def documents(tx: Transaction) -> list[CityDocument]:
    """Every city document seen so far."""
    rows = await tx.connection.execute(
        text(
            "SELECT id, version, effective_from, effective_to, known_from, body FROM city_document"
        )
    )
    return [
        CityDocument(
            row.id, row.version, row.effective_from, row.effective_to, row.known_from, row.body
        )
        for row in rows
    ]


async def keep(tx: Transaction, found: Sequence[CityDocument]) -> None:
    """Keep these; a version that is kept already is replaced, as the topic's newest record wins."""
    for document in found:
        await tx.connection.execute(
            text(
                "INSERT INTO city_document"
                " (id, version, effective_from, effective_to, known_from, body)"
                " VALUES (:id, :version, :effective_from, :effective_to, :known_from,"
                "  CAST(:body AS jsonb))"
                " ON CONFLICT (id, version) DO UPDATE SET effective_from = excluded.effective_from,"
                "  effective_to = excluded.effective_to, known_from = excluded.known_from,"
                "  body = excluded.body"
            ),
            {
                "id": document.id,
                "version": document.version,
                "effective_from": document.effective_from,
                "effective_to": document.effective_to,
                "known_from": document.known_from,
                "body": orjson.dumps(dict(document.body)).decode(),
            },
        )
