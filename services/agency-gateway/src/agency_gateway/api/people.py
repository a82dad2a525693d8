from typing import Annotated

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from agency_gateway.api.asking import Cursor, Signer, UseCases, ask, respond, shown
from agency_gateway.domain.records import Person
from agency_gateway.schemas.people import (
    KeyIn,
    KeyOut,
    LoginIn,
    PersonIn,
    PersonOut,
    PersonsOut,
    SignedInOut,
)
from agency_gateway.usecases.asking import Answer
from agency_gateway.usecases.people import Account, Issued, KeyWanted
from lintas.auth import Principal, Scope
from lintas.vocabulary.ids import AgencyCode
from lintas.web import (
    Limit,
    allow,
    json_body,
    next_link,
    public,
    require,
    require_person,
)

router = APIRouter(tags=["people"])


@router.post("/login", response_model=SignedInOut, dependencies=[allow(public)])
async def sign_in(use: UseCases, said: Annotated[LoginIn, json_body(LoginIn)]) -> Response:
    """Sign a person in; the token is shown once."""
    session = await use.people.sign_in(said.username, said.password)
    out = SignedInOut(
        token=session.token,
        expires_at=session.expires_at,
        person=PersonOut.of(session.person),
    )
    response = respond(shown(out))
    response.headers["Cache-Control"] = "no-store"
    return response


@router.post("/logout", status_code=204)
async def sign_out(who: Annotated[Principal, require_person()], use: UseCases) -> Response:
    """End every session of the person who asks."""
    if who.person_id is not None:
        await use.people.sign_out(who.person_id)
    return Response(status_code=204)


@router.get("/v1/persons", response_model=PersonsOut)
async def persons(
    request: Request,
    who: Annotated[Principal, require(Scope.PERSONS_WRITE)],
    use: UseCases,
    cursors: Signer,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """Accounts by username."""
    after = str(cursors.read(cursor, scope="persons")[0]) if cursor is not None else ""
    found, has_more = await use.people.page(who, after, limit)
    items = tuple(PersonOut.of(person) for person in found)
    response = respond(shown(PersonsOut(items=items, has_more=has_more)))
    if has_more:
        following = cursors.sign([found[-1].username], scope="persons")
        response.headers["Link"] = next_link(request, following, limit)
    return response


@router.post("/v1/persons", response_model=PersonOut, status_code=201)
async def add(
    request: Request,
    who: Annotated[Principal, require(Scope.PERSONS_WRITE)],
    use: UseCases,
    wanted: Annotated[PersonIn, json_body(PersonIn)],
) -> Response:
    """Make an account; its username is its identity."""
    asked = await ask(request, who, _added)
    account = Account(
        username=wanted.username,
        password=wanted.password,
        name=wanted.name,
        agency=AgencyCode(wanted.agency) if wanted.agency else None,
        roles=frozenset(wanted.roles),
    )
    return respond(await use.people.add(asked, account))


@router.post("/v1/keys", response_model=KeyOut, status_code=201)
async def issue(
    request: Request,
    who: Annotated[Principal, require(Scope.KEYS_WRITE)],
    use: UseCases,
    wanted: Annotated[KeyIn, json_body(KeyIn)],
) -> Response:
    """Make a key for an agency's system; it is shown once."""
    asked = await ask(request, who, _issued, needs_key=True)
    key = KeyWanted(
        client=wanted.client,
        agency=AgencyCode(wanted.agency),
        scopes=frozenset(wanted.scopes),
        expires_at=wanted.expires_at,
    )
    response = respond(await use.people.issue(asked, key))
    response.headers["Cache-Control"] = "no-store"
    return response


def _added(person: Person) -> Answer:
    return shown(PersonOut.of(person), status=201)


def _issued(issued: Issued) -> Answer:
    record = issued.record
    out = KeyOut(
        id=record.id,
        key=issued.key,
        client=record.client,
        agency=record.agency,
        scopes=tuple(sorted(record.scopes)),
        expires_at=record.expires_at,
    )
    kept = out.model_copy(update={"key": None}).model_dump_json()
    return Answer(201, out.model_dump_json(), kept=kept)
