"""Trained models as they were handed in."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, text

from lintas.contracts.events.envelope import canonical_json
from lintas.database.work import Transaction
from router.domain import StoredModel

_COLUMNS = "version, sha256, length(bytes) AS size, labels, created_at, created_by"
#: a model comes from training, which takes minutes; there are few
_MOST_SHOWN = 500


async def add(tx: Transaction, model: StoredModel, data: bytes, card: dict[str, Any]) -> bool:
    """Keep a model; False if its version is known."""
    inserted = await tx.connection.execute(
        text(
            "INSERT INTO model (version, sha256, bytes, labels, card, created_at, created_by)"
            " VALUES (:version, :sha256, :bytes, CAST(:labels AS text[]), CAST(:card AS jsonb),"
            "  :at, :by)"
            " ON CONFLICT DO NOTHING RETURNING version"
        ),
        {
            "version": model.version,
            "sha256": model.sha256,
            "bytes": data,
            "labels": list(model.labels),
            "card": canonical_json(card).decode(),
            "at": model.created_at,
            "by": model.created_by,
        },
    )
    return inserted.first() is not None


async def find(tx: Transaction, version: str) -> tuple[StoredModel, dict[str, Any]] | None:
    """A model and its card."""
    found = await tx.connection.execute(
        text(f"SELECT {_COLUMNS}, card FROM model WHERE version = :version"),  # noqa: S608
        {"version": version},
    )
    row = found.first()
    return None if row is None else (_stored(row), dict(row.card))


async def newest(tx: Transaction) -> Sequence[StoredModel]:
    """Models, the latest first."""
    rows = await tx.connection.execute(
        text(
            f"SELECT {_COLUMNS} FROM model"  # noqa: S608  # a constant
            " ORDER BY created_at DESC, version LIMIT :limit"
        ),
        {"limit": _MOST_SHOWN},
    )
    return [_stored(row) for row in rows]


async def content(tx: Transaction, sha256: str) -> bytes | None:
    """The bytes with that hash."""
    found = await tx.connection.scalar(
        text("SELECT bytes FROM model WHERE sha256 = :sha256"), {"sha256": sha256}
    )
    return None if found is None else bytes(found)


def _stored(row: Row[Any]) -> StoredModel:
    return StoredModel(
        version=row.version,
        sha256=row.sha256,
        size=row.size,
        labels=tuple(row.labels),
        created_at=row.created_at,
        created_by=row.created_by,
    )
