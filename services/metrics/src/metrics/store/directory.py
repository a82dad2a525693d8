from collections.abc import Sequence

import orjson
from sqlalchemy import text

from lintas.database.work import Transaction
from metrics.domain.facts import Document
from metrics.store.sets import RowSet

#: kinds that figures and pages read; the others stay out
KINDS = frozenset({"agency", "calendar", "city"})

_DOCUMENTS = RowSet(
    "directory",
    {
        "kind": "text",
        "id": "text",
        "version": "text",
        "effective_from": "timestamptz",
        "effective_to": "timestamptz",
        "known_from": "timestamptz",
        "body": "jsonb",
    },
    # a version never changes
    "DO NOTHING",
)


async def add(tx: Transaction, generation: int, documents: Sequence[Document]) -> None:
    """Keep `documents`; one that is known stays as it is."""
    await _DOCUMENTS.write(
        tx.connection,
        generation,
        [
            (
                document.kind,
                document.id,
                document.version,
                document.effective_from,
                document.effective_to,
                document.known_from,
                orjson.dumps(document.body).decode(),
            )
            for document in documents
        ],
    )


async def documents(tx: Transaction, generation: int) -> list[Document]:
    """Every version of every document."""
    rows = await tx.connection.execute(
        text(
            "SELECT kind, id, version, effective_from, effective_to, known_from, body"
            " FROM directory WHERE generation = :generation ORDER BY kind, id, version"
        ),
        {"generation": generation},
    )
    return [Document(*row) for row in rows]
