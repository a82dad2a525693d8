"""Human accounts, signing in, and systems' keys."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from agency_gateway.domain.records import Person
from agency_gateway.store import people
from agency_gateway.usecases.asking import Answer, Asked, Front
from agency_gateway.usecases.cities import CityRules
from agency_gateway.usecases.sight import AS_WORKER, COORDINATOR, OFFICER, Sights, actor_of
from lintas.auth import (
    KeyRecord,
    Passwords,
    Pepper,
    Principal,
    Scope,
    Session,
    new_key,
    new_session_token,
)
from lintas.database.work import Transaction, UnitOfWork
from lintas.vocabulary.errors import Conflict, FieldError, Invalid, Unauthenticated
from lintas.vocabulary.ids import AgencyCode, PersonId

#: what a role lets its holder do; everyone who signed in may read the own agency's queue
_SCOPES: dict[str, frozenset[str]] = {
    OFFICER: frozenset({Scope.QUEUE_WRITE}),
    COORDINATOR: frozenset(
        {Scope.QUEUE_WRITE, Scope.PERSONS_WRITE, Scope.KEYS_WRITE, Scope.DIRECTORY_WRITE}
    ),
}


@dataclass(frozen=True, slots=True)
class Account:
    """Who is to have an account."""

    username: str
    password: str
    name: str
    agency: AgencyCode | None
    roles: frozenset[str]


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session, its token shown once."""

    token: str
    expires_at: datetime
    person: Person


@dataclass(frozen=True, slots=True)
class KeyWanted:
    """Which key a system is to have."""

    client: str
    agency: AgencyCode
    scopes: frozenset[str]
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class Issued:
    """A key, shown once, and what is kept of it."""

    key: str
    record: KeyRecord


class People:
    """Accounts, sessions and keys."""

    def __init__(
        self,
        front: Front,
        sights: Sights,
        city: CityRules,
        *,
        pepper: Pepper,
        environment: str,
        session: timedelta,
        passwords: Passwords,
    ) -> None:
        self._front = front
        self._sights = sights
        self._city = city
        self._pepper = pepper
        self._environment = environment
        self._session = session
        self._passwords = passwords

    async def add(self, asked: Asked[Person], account: Account) -> Answer:
        """Make an account; Conflict where the username is taken."""
        password_hash = await self._passwords.hash(account.password)
        person = Person(
            PersonId(uuid4()), account.username, account.name, account.agency, account.roles
        )

        async def act(tx: Transaction) -> Person:
            await self._require_known(tx, account.agency)
            now = self._front.work.clock()
            if not await people.add(tx.connection, person, password_hash, now):
                raise Conflict("The username is taken.", state="taken")
            return person

        return await self._front.run(asked, self._sights.of_admin(asked.who), act)

    async def page(self, who: Principal, after: str, limit: int) -> tuple[list[Person], bool]:
        """Accounts by username, and whether there are more."""
        async with self._front.work.begin(self._sights.of_admin(who)) as tx:
            found = await people.page(tx.connection, after, limit + 1)
        return found[:limit], len(found) > limit

    async def sign_in(self, username: str, password: str) -> SignedIn:
        """A session; Unauthenticated, after the same time, whatever was wrong."""
        async with self._front.work.begin(AS_WORKER) as tx:
            found = await people.by_username(tx.connection, username)
        person, stored = found if found and found[0].active else (None, None)
        # outside of any transaction: it takes tens of milliseconds
        fits = await self._passwords.matches(stored, password)
        if person is None or not fits:
            raise Unauthenticated("Username or password is wrong.")
        token, token_hash = new_session_token()
        now = self._front.work.clock()
        async with self._front.work.begin(AS_WORKER) as tx:
            until = now + self._session
            await people.add_session(tx.connection, person.id, token_hash, now, until)
        return SignedIn(token, until, person)

    async def sign_out(self, person: PersonId) -> None:
        """End every session of a person."""
        async with self._front.work.begin(AS_WORKER) as tx:
            await people.end_sessions(tx.connection, person)

    async def issue(self, asked: Asked[Issued], wanted: KeyWanted) -> Answer:
        """Make a key for a system; the answer that is kept for repetition must not hold it."""
        key, record = new_key(
            self._environment,
            pepper=self._pepper,
            client=wanted.client,
            scopes=wanted.scopes,
            agency=wanted.agency,
            expires_at=wanted.expires_at,
        )

        async def act(tx: Transaction) -> Issued:
            await self._require_known(tx, wanted.agency)
            now = self._front.work.clock()
            await people.add_key(tx.connection, record, actor_of(asked.who), now)
            return Issued(key, record)

        return await self._front.run(asked, self._sights.of_admin(asked.who), act)

    async def _require_known(self, tx: Transaction, agency: AgencyCode | None) -> None:
        if agency is not None and not (await self._city.now(tx.connection)).knows(agency):
            raise Invalid(
                "The city has no such agency.",
                [FieldError("/agency", "unknown_agency", "an agency of the directory")],
            )


class StoredKeys:
    """Keys issued over HTTP, as the authenticator looks them up."""

    def __init__(self, work: UnitOfWork) -> None:
        self._work = work

    async def find(self, key_id: str) -> KeyRecord | None:
        """The record of a key, live or not."""
        async with self._work.begin(AS_WORKER) as tx:
            return await people.key(tx.connection, key_id)


class StoredSessions:
    """Sessions, as the authenticator looks them up."""

    def __init__(self, work: UnitOfWork) -> None:
        self._work = work

    async def find(self, token_hash: bytes) -> Session | None:
        """The session of a token, expired or not."""
        async with self._work.begin(AS_WORKER) as tx:
            found = await people.session(tx.connection, token_hash)
        return None if found is None else Session(principal_of(found[0]), found[1])


def principal_of(person: Person) -> Principal:
    """What a signed-in person may do."""
    scopes = {str(Scope.QUEUE_READ)}
    for role in person.roles:
        scopes |= _SCOPES.get(role, frozenset())
    return Principal(
        person_id=person.id,
        agency=person.agency,
        roles=person.roles,
        scopes=frozenset(scopes),
    )
