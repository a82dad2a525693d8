"""Accounts, sign-in and keys over HTTP."""

from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from agency_gateway.domain.records import Person
from agency_gateway.schemas.shapes import Agency, Code, Shown
from lintas.web import Prose, ShortText, Strict, Within

_Username = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{1,63}$")]
_Password = Annotated[str, Prose(256, least=12)]
_Role = Literal["officer", "confirmer", "coordinator"]
_Scope = Literal["queue:read", "queue:write"]
_Within = Within(years_back=0, days_ahead=366)


class LoginIn(Strict):
    """Who signs in."""

    username: Annotated[str, Prose(64)]
    password: Annotated[str, Prose(256)] = Field(repr=False)


class PersonIn(Strict):
    """A new account."""

    username: _Username
    password: _Password = Field(repr=False)
    name: ShortText
    agency: Agency | None = None
    roles: Annotated[frozenset[_Role], Field(min_length=1)]

    @model_validator(mode="after")
    def _has_a_place(self) -> Self:
        if self.agency is None and "coordinator" not in self.roles:
            raise PydanticCustomError("agency_missing", "an agency, or the role of coordinator")
        return self


class PersonOut(Shown):
    """An account."""

    id: UUID
    username: str
    name: str
    agency: str | None
    roles: tuple[str, ...]
    active: bool

    @classmethod
    def of(cls, person: Person) -> Self:
        """An account without its password."""
        return cls(
            id=person.id,
            username=person.username,
            name=person.name,
            agency=person.agency,
            roles=tuple(sorted(person.roles)),
            active=person.active,
        )


class PersonsOut(Shown):
    """A page of accounts."""

    items: tuple[PersonOut, ...]
    has_more: bool


class SignedInOut(Shown):
    """A session; the token is shown once."""

    token: str
    expires_at: datetime
    person: PersonOut


class KeyIn(Strict):
    """A key for an agency's system."""

    client: Code
    agency: Agency
    scopes: Annotated[frozenset[_Scope], Field(min_length=1)]
    expires_at: Annotated[datetime, _Within] | None = None


class KeyOut(Shown):
    """What was issued; `key` is shown once and null in a repeated answer."""

    id: str
    key: str | None
    client: str
    agency: str | None
    scopes: tuple[str, ...]
    expires_at: datetime | None
