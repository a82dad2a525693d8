"""Categories and agencies, kept so that a start needs no Kafka."""

from collections.abc import Sequence

import orjson
from sqlalchemy import text

from ingest.domain.open311.services import Document
from lintas.database.work import Transaction


async def documents(tx: Transaction) -> list[Document]:
    """Every document seen so far."""
    rows = await tx.connection.execute(
        text(
            "SELECT kind, id, version, effective_from, effective_to, known_from, published_at, body"
            " FROM directory_document"
        )
    )
    return [Document(*row) for row in rows]


async def keep(tx: Transaction, found: Sequence[Document]) -> None:
    """Keep these; one that is kept already stays as it is."""
    await tx.connection.execute(
        text(
            "INSERT INTO directory_document (kind, id, version, effective_from, effective_to,"
            "  known_from, published_at, body)"
            " SELECT kind, id, version, effective_from, effective_to, known_from, published_at,"
            "  CAST(body AS jsonb)"
            " FROM unnest(CAST(:kinds AS text[]), CAST(:ids AS text[]), CAST(:versions AS text[]),"
            "  CAST(:froms AS timestamptz[]), CAST(:tos AS timestamptz[]),"
            "  CAST(:knowns AS timestamptz[]), CAST(:published AS timestamptz[]),"
            "  CAST(:bodies AS text[]))"
            "  AS d(kind, id, version, effective_from, effective_to, known_from, published_at, body)"
            " ON CONFLICT DO NOTHING"
        ),
        {
            "kinds": [one.kind for one in found],
            "ids": [one.id for one in found],
            "versions": [one.version for one in found],
            "froms": [one.effective_from for one in found],
            "tos": [one.effective_to for one in found],
            "knowns": [one.known_from for one in found],
            "published": [one.published_at for one in found],
            "bodies": [orjson.dumps(dict(one.body)).decode() for one in found],
        },
    )
