from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.requests import Request
from starlette.responses import Response

from agency_gateway.api.asking import Cursor, Signer, UseCases, respond, shown
from agency_gateway.schemas.directory import ID, DocumentIn, DocumentOut, DocumentsOut, Kind
from lintas.auth import Principal, Scope
from lintas.web import Limit, allow, json_body, next_link, public, require

router = APIRouter(tags=["directory"])

_Id = Annotated[str, Path(pattern=ID)]


@router.get("/v1/directory/{kind}", response_model=DocumentsOut, dependencies=[allow(public)])
async def documents(
    request: Request,
    use: UseCases,
    cursors: Signer,
    kind: Kind,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """The documents of a kind that are in force, by id."""
    scope = f"directory/{kind}"
    after = str(cursors.read(cursor, scope=scope)[0]) if cursor is not None else ""
    found, has_more = await use.documents.page(kind, after, limit)
    items = tuple(DocumentOut.of(document) for document in found)
    response = respond(shown(DocumentsOut(items=items, has_more=has_more)))
    if has_more:
        following = cursors.sign([found[-1].id], scope=scope)
        response.headers["Link"] = next_link(request, following, limit)
    return response


@router.get(
    "/v1/directory/{kind}/{document_id}", response_model=DocumentOut, dependencies=[allow(public)]
)
async def document(
    use: UseCases,
    kind: Kind,
    document_id: _Id,
    version: Annotated[str | None, Query(pattern=ID)] = None,
) -> Response:
    """A document in one version, or in the one known last."""
    return respond(shown(DocumentOut.of(await use.documents.one(kind, document_id, version))))


@router.put("/v1/directory/{kind}/{document_id}", response_model=DocumentOut)
async def publish(
    who: Annotated[Principal, require(Scope.DIRECTORY_WRITE)],
    use: UseCases,
    kind: Kind,
    document_id: _Id,
    given: Annotated[DocumentIn, json_body(DocumentIn)],
) -> Response:
    """Publish a version (201); the same again changes nothing (200)."""
    published = given.document(kind, document_id)
    new = await use.documents.publish(who, published)
    return respond(shown(DocumentOut.of(published), status=201 if new else 200))
