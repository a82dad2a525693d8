"""Human accounts, their sessions, and systems' keys."""

from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from agency_gateway.domain.records import Person
from lintas.auth import KeyRecord
from lintas.vocabulary.ids import AgencyCode, PersonId


async def add(
    connection: AsyncConnection, person: Person, password_hash: str, now: datetime
) -> bool:
    """Keep a new account; False if the username is taken."""
    added = await connection.scalar(
        text(
            "INSERT INTO person (id, username, name, agency, roles, password_hash, created_at)"
            " VALUES (:id, :username, :name, :agency, CAST(:roles AS text[]), :hash, :now)"
            " ON CONFLICT (username) DO NOTHING RETURNING true"
        ),
        {
            "id": person.id,
            "username": person.username,
            "name": person.name,
            "agency": person.agency,
            "roles": sorted(person.roles),
            "hash": password_hash,
            "now": now,
        },
    )
    return bool(added)


async def page(connection: AsyncConnection, after: str, limit: int) -> list[Person]:
    """Accounts by username, from a position on."""
    found = await connection.execute(
        text("SELECT * FROM person WHERE username > :after ORDER BY username LIMIT :limit"),
        {"after": after, "limit": limit},
    )
    return [_to_person(row) for row in found]


async def by_username(connection: AsyncConnection, username: str) -> tuple[Person, str] | None:
    """An account with its password hash."""
    found = await connection.execute(
        text("SELECT * FROM person WHERE username = :username"), {"username": username}
    )
    row = found.one_or_none()
    return None if row is None else (_to_person(row), row.password_hash)


async def add_session(
    connection: AsyncConnection,
    person: PersonId,
    token_hash: bytes,
    now: datetime,
    expires_at: datetime,
) -> None:
    """Keep that a person signed in."""
    await connection.execute(
        text(
            "INSERT INTO session (token_hash, person_id, created_at, expires_at)"
            " VALUES (:hash, :person, :now, :expires_at)"
        ),
        {"hash": token_hash, "person": person, "now": now, "expires_at": expires_at},
    )


async def session(connection: AsyncConnection, token_hash: bytes) -> tuple[Person, datetime] | None:
    """Who signed in with a token, and until when; None also for accounts that were closed."""
    found = await connection.execute(
        text(
            "SELECT p.*, s.expires_at FROM session s JOIN person p ON p.id = s.person_id"
            " WHERE s.token_hash = :hash AND p.active"
        ),
        {"hash": token_hash},
    )
    row = found.one_or_none()
    return None if row is None else (_to_person(row), row.expires_at)


async def end_sessions(connection: AsyncConnection, person: PersonId) -> None:
    """Sign a person out everywhere."""
    await connection.execute(
        text("DELETE FROM session WHERE person_id = :person"), {"person": person}
    )


async def forget_sessions(connection: AsyncConnection, now: datetime) -> None:
    """Forget sessions that are over."""
    await connection.execute(text("DELETE FROM session WHERE expires_at <= :now"), {"now": now})


async def add_key(
    connection: AsyncConnection, key: KeyRecord, created_by: str, now: datetime
) -> None:
    """Keep a system's key; only its hash."""
    await connection.execute(
        text(
            "INSERT INTO agency_key (id, hash, client, agency, scopes, created_at, created_by,"
            " expires_at) VALUES (:id, :hash, :client, :agency, CAST(:scopes AS text[]), :now,"
            " :created_by, :expires_at)"
        ),
        {
            "id": key.id,
            "hash": key.hash,
            "client": key.client,
            "agency": key.agency,
            "scopes": sorted(key.scopes),
            "now": now,
            "created_by": created_by,
            "expires_at": key.expires_at,
        },
    )


async def key(connection: AsyncConnection, id_: str) -> KeyRecord | None:
    """A key's record, live or not."""
    found = await connection.execute(text("SELECT * FROM agency_key WHERE id = :id"), {"id": id_})
    row = found.one_or_none()
    if row is None:
        return None
    return KeyRecord(
        id=row.id,
        hash=row.hash,
        client=row.client,
        scopes=frozenset(row.scopes),
        agency=AgencyCode(row.agency) if row.agency else None,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
    )


def _to_person(row: Any) -> Person:
    return Person(
        id=PersonId(row.id),
        username=row.username,
        name=row.name,
        agency=AgencyCode(row.agency) if row.agency else None,
        roles=frozenset(row.roles),
        active=row.active,
    )
