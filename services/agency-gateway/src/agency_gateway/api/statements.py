from typing import Annotated

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from agency_gateway.api.asking import UseCases, ask, identified, respond, shown
from agency_gateway.domain.statement import Statement
from agency_gateway.schemas.shapes import Nothing
from agency_gateway.schemas.statements import (
    ConfirmIn,
    PublishIn,
    RetractIn,
    StatementIn,
    StatementOut,
    WordsIn,
)
from agency_gateway.usecases.asking import Answer, Asked
from agency_gateway.usecases.sight import CONFIRMER, COORDINATOR, OFFICER
from agency_gateway.usecases.statements import Draft, Words
from lintas.auth import Principal, Scope
from lintas.vocabulary.ids import AgencyCode, ComplaintId, StatementId
from lintas.web import etag, json_body, not_modified, require, require_person

router = APIRouter(tags=["statements"])

_Author = Annotated[Principal, require_person(OFFICER, CONFIRMER, COORDINATOR)]
_Confirmer = Annotated[Principal, require_person(CONFIRMER)]


@router.post("/v1/statements", response_model=StatementOut, status_code=201)
async def create(
    request: Request,
    who: _Author,
    use: UseCases,
    wanted: Annotated[StatementIn, json_body(StatementIn)],
) -> Response:
    """Begin an answer, an announcement or a guide; whoever asks is its author."""
    asked = await _ask(request, who, status=201, needs_key=True)
    draft = Draft(
        kind=wanted.kind,
        purpose=wanted.purpose,
        complaint_ids=[ComplaintId(id_) for id_ in wanted.complaint_ids],
        words=_words(wanted),
        agency=AgencyCode(wanted.agency) if wanted.agency else None,
    )
    return respond(await use.writing.create(asked, draft))


@router.get("/v1/statements/{statement}", response_model=StatementOut)
async def read(
    request: Request,
    who: Annotated[Principal, require(Scope.QUEUE_READ)],
    use: UseCases,
    statement: str,
) -> Response:
    """The newest version of a statement."""
    found = await use.writing.read(who, _id(statement))
    answer = _shown(request, found, 200)
    if not_modified(request, answer.headers["ETag"]):
        return Response(status_code=304, headers=dict(answer.headers))
    return respond(answer)


@router.put("/v1/statements/{statement}", response_model=StatementOut)
async def edit(
    request: Request,
    who: _Author,
    use: UseCases,
    statement: str,
    words: Annotated[WordsIn, json_body(WordsIn)],
) -> Response:
    """Other words: back to draft, confirmation void, the editor among the authors."""
    asked = await _ask(request, who, needs_version=True)
    return respond(await use.writing.edit(asked, _id(statement), _words(words)))


@router.post("/v1/statements/{statement}/review", response_model=StatementOut)
async def review(
    request: Request,
    who: _Author,
    use: UseCases,
    statement: str,
    _nothing: Annotated[Nothing, json_body(Nothing)],
) -> Response:
    """Ready for somebody else's eyes."""
    return respond(await use.writing.review(await _ask(request, who), _id(statement)))


@router.post("/v1/statements/{statement}/confirm", response_model=StatementOut)
async def confirm(
    request: Request,
    who: _Confirmer,
    use: UseCases,
    statement: str,
    read_words: Annotated[ConfirmIn, json_body(ConfirmIn)],
) -> Response:
    """Approve exactly the words with this hash; an author cannot."""
    asked = await _ask(request, who)
    return respond(await use.releasing.confirm(asked, _id(statement), read_words.sha256))


@router.post("/v1/statements/{statement}/publish", response_model=StatementOut)
async def publish(
    request: Request,
    who: _Author,
    use: UseCases,
    statement: str,
    said: Annotated[PublishIn, json_body(PublishIn)],
) -> Response:
    """Put the confirmed words at their permanent address and answer the complaints with them."""
    asked = await _ask(request, who)
    return respond(await use.releasing.publish(asked, _id(statement), said.override_reason))


@router.post("/v1/statements/{statement}/correct", response_model=StatementOut)
async def correct(
    request: Request,
    who: _Author,
    use: UseCases,
    statement: str,
    words: Annotated[WordsIn, json_body(WordsIn)],
) -> Response:
    """Begin a new version; the published one stands until the new one is published."""
    asked = await _ask(request, who)
    return respond(await use.writing.correct(asked, _id(statement), _words(words)))


@router.post("/v1/statements/{statement}/retract", response_model=StatementOut)
async def retract(
    request: Request,
    who: _Author,
    use: UseCases,
    statement: str,
    said: Annotated[RetractIn, json_body(RetractIn)],
) -> Response:
    """Say at its address that it no longer stands."""
    asked = await _ask(request, who)
    return respond(await use.releasing.retract(asked, _id(statement), said.reason))


async def _ask(
    request: Request,
    who: Principal,
    *,
    status: int = 200,
    needs_key: bool = False,
    needs_version: bool = False,
) -> Asked[Statement]:
    return await ask(
        request,
        who,
        lambda statement: _shown(request, statement, status),
        needs_key=needs_key,
        needs_version=needs_version,
    )


def _shown(request: Request, statement: Statement, status: int) -> Answer:
    tag = etag(f"{statement.id}/{statement.version}", statement.revision)
    public_url: str = request.app.state.public_url
    return shown(StatementOut.of(statement, public_url), status=status, tag=tag)


def _words(given: WordsIn) -> Words:
    return Words(given.text, given.variants)


def _id(text: str) -> StatementId:
    return StatementId(identified(text, "statement"))
