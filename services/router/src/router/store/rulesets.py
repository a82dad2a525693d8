"""Rule sets as they were handed in, in the router's own database."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text

from lintas.contracts.events.envelope import canonical_json
from lintas.database.work import Transaction
from router.domain import StoredRuleset
from router.store import publications

_SELECT = (
    "SELECT r.version, r.sha256, r.rules, r.created_at, r.created_by,"  # noqa: S608  # constants
    f" {publications.COLUMNS} FROM ruleset r LEFT JOIN LATERAL (SELECT * FROM publication"
    " WHERE ruleset = r.version AND withdrawn_at IS NULL ORDER BY id DESC LIMIT 1) p ON true"
)


async def add(tx: Transaction, ruleset: StoredRuleset, document: dict[str, Any]) -> bool:
    """Store a version; False if its name is taken, whatever the document."""
    inserted = await tx.connection.execute(
        text(
            "INSERT INTO ruleset"
            " (version, sha256, rules, document, model_sha256, created_at, created_by)"
            " VALUES (:version, :sha256, :rules, CAST(:document AS jsonb), :model, :at, :by)"
            " ON CONFLICT DO NOTHING RETURNING version"
        ),
        {
            "version": ruleset.version,
            "sha256": ruleset.sha256,
            "rules": ruleset.rules,
            "document": canonical_json(document).decode(),
            "model": (document.get("model") or {}).get("sha256"),
            "at": ruleset.created_at,
            "by": ruleset.created_by,
        },
    )
    return inserted.first() is not None


async def find(tx: Transaction, version: str) -> StoredRuleset | None:
    """A version by its name."""
    found = await tx.connection.execute(
        text(f"{_SELECT} WHERE r.version = :version"), {"version": version}
    )
    row = found.first()
    return None if row is None else _stored(row)


async def document(tx: Transaction, version: str) -> dict[str, Any]:
    """The document of a version that exists."""
    found = await tx.connection.scalar(
        text("SELECT document FROM ruleset WHERE version = :version"), {"version": version}
    )
    return dict(found)


async def page(
    tx: Transaction, limit: int, *, before: tuple[datetime, str] | None = None
) -> Sequence[StoredRuleset]:
    """Versions from the latest on, those `before` a position in that order."""
    created_at, version = before or (None, None)
    rows = await tx.connection.execute(
        text(
            f"{_SELECT} WHERE CAST(:created_at AS timestamptz) IS NULL"
            "  OR (r.created_at, r.version) < (CAST(:created_at AS timestamptz), :version)"
            " ORDER BY r.created_at DESC, r.version DESC LIMIT :limit"
        ),
        {"created_at": created_at, "version": version or "", "limit": limit},
    )
    return [_stored(row) for row in rows]


def _stored(row: Row[Any]) -> StoredRuleset:
    return StoredRuleset(
        version=row.version,
        sha256=row.sha256,
        rules=row.rules,
        created_at=row.created_at,
        created_by=row.created_by,
        publication=None if row.number is None else publications.of_row(row),
    )
