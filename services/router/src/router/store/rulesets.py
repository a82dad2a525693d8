"""Rule sets as they were handed in, in the router's own database."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text

from lintas.contracts.events.envelope import canonical_json
from lintas.database.work import Transaction
from router.domain import StoredRuleset

_COLUMNS = (
    "version, sha256, rules, created_at, created_by, published_at, published_by, effective_at"
)


async def add(tx: Transaction, ruleset: StoredRuleset, document: dict[str, Any]) -> bool:
    """Store a version; False if its name is taken, whatever the document."""
    inserted = await tx.connection.execute(
        text(
            "INSERT INTO ruleset (version, sha256, rules, document, created_at, created_by)"
            " VALUES (:version, :sha256, :rules, CAST(:document AS jsonb), :at, :by)"
            " ON CONFLICT DO NOTHING RETURNING version"
        ),
        {
            "version": ruleset.version,
            "sha256": ruleset.sha256,
            "rules": ruleset.rules,
            "document": canonical_json(document).decode(),
            "at": ruleset.created_at,
            "by": ruleset.created_by,
        },
    )
    return inserted.first() is not None


async def find(tx: Transaction, version: str, *, lock: bool = False) -> StoredRuleset | None:
    """A version by its name; with `lock` nobody else publishes it meanwhile."""
    found = await tx.connection.execute(
        text(
            f"SELECT {_COLUMNS} FROM ruleset WHERE version = :version"  # noqa: S608  # a constant
            + (" FOR UPDATE" if lock else "")
        ),
        {"version": version},
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
            f"SELECT {_COLUMNS} FROM ruleset"  # noqa: S608  # a constant
            " WHERE CAST(:created_at AS timestamptz) IS NULL"
            "  OR (created_at, version) < (CAST(:created_at AS timestamptz), :version)"
            " ORDER BY created_at DESC, version DESC LIMIT :limit"
        ),
        {"created_at": created_at, "version": version or "", "limit": limit},
    )
    return [_stored(row) for row in rows]


async def anything_published(tx: Transaction) -> bool:
    """Whether any version was published before."""
    found = await tx.connection.scalar(
        text("SELECT EXISTS (SELECT FROM ruleset WHERE published_at IS NOT NULL)")
    )
    return bool(found)


async def mark_published(tx: Transaction, ruleset: StoredRuleset) -> None:
    """Write down when and by whom a version was published, and from when it applies."""
    await tx.connection.execute(
        text(
            "UPDATE ruleset SET published_at = :at, published_by = :by, effective_at = :effective"
            " WHERE version = :version AND published_at IS NULL"
        ),
        {
            "version": ruleset.version,
            "at": ruleset.published_at,
            "by": ruleset.published_by,
            "effective": ruleset.effective_at,
        },
    )


def _stored(row: Row[Any]) -> StoredRuleset:
    return StoredRuleset(
        version=row.version,
        sha256=row.sha256,
        rules=row.rules,
        created_at=row.created_at,
        created_by=row.created_by,
        published_at=row.published_at,
        published_by=row.published_by,
        effective_at=row.effective_at,
    )
