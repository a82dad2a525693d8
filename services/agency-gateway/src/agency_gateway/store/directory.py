"""The city's documents, each version kept for ever."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from agency_gateway.domain.policies import Document

_WRITER_LOCK = 7_105_200_211  # revisions become visible in order, so that no reader skips one


_REVISION = text("SELECT max(revision) FROM directory_document")


async def revision(connection: AsyncConnection) -> int:
    """The number of the newest document; 0 while there is none."""
    return int(await connection.scalar(_REVISION) or 0)


async def all_documents(connection: AsyncConnection, kinds: Sequence[str]) -> list[Document]:
    """Every version of the documents of some kinds, in order of publication."""
    found = await connection.execute(
        text(
            "SELECT * FROM directory_document WHERE kind = ANY(CAST(:kinds AS text[]))"
            " ORDER BY revision"
        ),
        {"kinds": list(kinds)},
    )
    return [_to_document(row) for row in found]


async def current(
    connection: AsyncConnection, kind: str, after: str, limit: int, now: datetime
) -> list[Document]:
    """The newest version in force of each document of a kind, by id, from `after` on."""
    found = await connection.execute(
        text(
            "SELECT DISTINCT ON (id) * FROM directory_document WHERE kind = :kind AND id > :after"
            " AND (effective_to IS NULL OR effective_to > :now)"
            " AND (effective_from IS NULL OR effective_from <= :now)"
            " ORDER BY id, known_from DESC, revision DESC LIMIT :limit"
        ),
        {"kind": kind, "after": after, "limit": limit, "now": now},
    )
    return [_to_document(row) for row in found]


async def one(
    connection: AsyncConnection, kind: str, id_: str, version: str | None
) -> Document | None:
    """One version of a document, or the one known last."""
    found = await connection.execute(
        text(
            "SELECT * FROM directory_document WHERE kind = :kind AND id = :id"
            " AND (CAST(:version AS text) IS NULL OR version = :version)"
            " ORDER BY known_from DESC, revision DESC LIMIT 1"
        ),
        {"kind": kind, "id": id_, "version": version},
    )
    row = found.one_or_none()
    return None if row is None else _to_document(row)


async def add(connection: AsyncConnection, document: Document, now: datetime) -> bool:
    """Keep a new version; False if that version is there already."""
    await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _WRITER_LOCK})
    added = await connection.scalar(
        text(
            "INSERT INTO directory_document (kind, id, version, effective_from, effective_to,"
            " known_from, body, published_at) VALUES (:kind, :id, :version, :effective_from,"
            " :effective_to, :known_from, CAST(:body AS jsonb), :now)"
            " ON CONFLICT DO NOTHING RETURNING true"
        ),
        {
            "kind": document.kind,
            "id": document.id,
            "version": document.version,
            "effective_from": document.effective_from,
            "effective_to": document.effective_to,
            "known_from": document.known_from,
            "body": orjson.dumps(document.body).decode(),
            "now": now,
        },
    )
    return bool(added)


def _to_document(row: Any) -> Document:
    return Document(
        kind=row.kind,
        id=row.id,
        version=row.version,
        effective_from=row.effective_from,
        effective_to=row.effective_to,
        known_from=row.known_from,
        body=row.body,
    )
