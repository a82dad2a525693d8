"""Rule sets, models and explanations over HTTP."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query, Response
from starlette.requests import Request

from lintas.auth import Principal, Scope
from lintas.web import Cursors, Limit, json_body, next_link, require, require_content_type
from router.schemas import (
    Advice,
    DifferencesOut,
    Explained,
    ExplainIn,
    History,
    Linted,
    ModelOut,
    ModelPage,
    ModelWithCard,
    Nothing,
    Page,
    PublicationOut,
    PublishIn,
    RulesetDocument,
    StoredOut,
    StoredWithDocument,
)
from router.usecases.explaining import explain
from router.usecases.following import Rules
from router.usecases.modelling import Models
from router.usecases.publishing import Publishing

MODELS_PATH = "/v1/models"
_LIST, _HISTORY = "rulesets", "publications"
_MOST_ADVICE = 100
_BYTES = "application/octet-stream"
_BINARY = {"schema": {"type": "string", "format": "binary"}}

Cursor = Annotated[str | None, Query(max_length=1024)]
#: the name of a version; one that cannot be is as good as unknown
Name = Annotated[str, Query(max_length=64)]
Who = Annotated[Principal, require(Scope.RULES_WRITE)]


@dataclass(frozen=True, slots=True)
class Deps:
    """What the routes ask."""

    publishing: Publishing
    models: Models
    rules: Rules
    cursors: Cursors


def ruleset_routes(deps: Deps) -> APIRouter:
    """The router's own addresses."""
    router = APIRouter(prefix="/v1", tags=["rules"])

    def shown() -> str:
        return deps.rules.in_force().version

    @router.get("/rulesets")
    async def page(
        _who: Who,
        request: Request,
        response: Response,
        limit: Limit = 50,
        cursor: Cursor = None,
    ) -> Page:
        """Stored rule sets, the latest first."""
        found = await deps.publishing.page(limit + 1, _position(deps.cursors, cursor))
        if len(found) > limit:
            last = found[limit - 1]
            signed = deps.cursors.sign([last.created_at.isoformat(), last.version], scope=_LIST)
            response.headers["Link"] = next_link(request, signed, limit)
        items = [StoredOut.of(stored, in_force=shown()) for stored in found[:limit]]
        return Page(items=items)

    @router.post("/rulesets", status_code=201, responses={200: {"description": "Known already"}})
    async def store(
        who: Who,
        response: Response,
        document: Annotated[RulesetDocument, json_body(RulesetDocument)],
    ) -> StoredOut:
        """Keep a version as a draft. The same again changes nothing (200)."""
        stored, fresh = await deps.publishing.store(document.plain(), who.party)
        response.status_code = 201 if fresh else 200
        response.headers["Location"] = f"/v1/rulesets/{stored.version}"
        return StoredOut.of(stored, in_force=shown())

    @router.post("/rulesets/lint")
    async def lint(
        _who: Who, document: Annotated[RulesetDocument, json_body(RulesetDocument)]
    ) -> Linted:
        """Look for faults as storing does, and store nothing."""
        size, advice = await deps.publishing.check(document.plain())
        return Linted(
            version=document.version,
            rules=len(document.rules),
            size_bytes=size,
            advice=[Advice.of(one) for one in advice[:_MOST_ADVICE]],
        )

    @router.get("/rulesets/{version}")
    async def find(_who: Who, version: str) -> StoredWithDocument:
        """One version with its document; `in_force` says what this instance decides by now."""
        stored, document = await deps.publishing.find(version)
        return StoredWithDocument.whole(stored, document, in_force=shown())

    @router.post("/explain")
    async def explained(_who: Who, body: Annotated[ExplainIn, json_body(ExplainIn)]) -> Explained:
        """What the rules in force make of a text, and why; nothing is kept."""
        return Explained.of(explain(deps.rules, body.mention(datetime.now(UTC))))

    return router


def publication_routes(deps: Deps) -> APIRouter:
    """From a stored version to one that decides, and back."""
    router = APIRouter(prefix="/v1", tags=["rules"])

    def shown() -> str:
        return deps.rules.in_force().version

    @router.post("/rulesets/{version}/publish")
    async def publish(
        who: Who, version: str, body: Annotated[PublishIn, json_body(PublishIn)]
    ) -> StoredOut:
        """Announce a version to every instance; another party than handed it in does (409).

        Where it applies then anyway, nothing changes. To go back to a version is to publish it
        again.
        """
        stored = await deps.publishing.publish(version, body.effective_at, who.party)
        return StoredOut.of(stored, in_force=shown())

    @router.post("/rulesets/{version}/withdraw")
    async def withdraw(
        who: Who, version: str, _body: Annotated[Nothing, json_body(Nothing)]
    ) -> PublicationOut:
        """Take back what is announced of a version and did not begin (else 409)."""
        withdrawn = await deps.publishing.withdraw(version, who.party)
        return PublicationOut.of(withdrawn, datetime.now(UTC))

    @router.get("/rulesets/{version}/diff")
    async def diff(_who: Who, version: str, against: Name | None = None) -> DifferencesOut:
        """What distinguishes a version from another, or from what this instance decides by."""
        found = await deps.publishing.compare(version, against or shown())
        return DifferencesOut.of(found, version=version, against=against or shown())

    @router.get("/publications")
    async def history(
        _who: Who,
        request: Request,
        response: Response,
        version: Name | None = None,
        limit: Limit = 50,
        cursor: Cursor = None,
    ) -> History:
        """What was published, by whom and from when it applies, the latest first."""
        scope = f"{_HISTORY}:{version or ''}"
        before = None if cursor is None else int(deps.cursors.read(cursor, scope=scope)[0])
        found = await deps.publishing.history(limit + 1, before, version)
        if len(found) > limit:
            signed = deps.cursors.sign([found[limit - 1][0]], scope=scope)
            response.headers["Link"] = next_link(request, signed, limit)
        now = datetime.now(UTC)
        return History(items=[PublicationOut.of(one, now) for _, one in found[:limit]])

    return router


def model_routes(deps: Deps) -> APIRouter:
    """Trained models."""
    router = APIRouter(prefix="/v1", tags=["models"])

    @router.get("/models")
    async def newest(_who: Who) -> ModelPage:
        """Models that were handed in, the latest first."""
        return ModelPage(items=[ModelOut.of(one) for one in await deps.models.newest()])

    @router.post(
        "/models",
        status_code=201,
        responses={200: {"description": "Known already"}},
        openapi_extra={"requestBody": {"required": True, "content": {_BYTES: _BINARY}}},
    )
    async def keep_model(who: Who, request: Request, response: Response) -> ModelWithCard:
        """Hand in what `lintas rules train` wrote. The same again changes nothing (200)."""
        require_content_type(request, _BYTES)
        stored, card, fresh = await deps.models.store(await request.body(), who.party)
        response.status_code = 201 if fresh else 200
        response.headers["Location"] = f"{MODELS_PATH}/{stored.version}"
        return ModelWithCard.whole(stored, card)

    @router.get("/models/{version}")
    async def model(_who: Who, version: str) -> ModelWithCard:
        """A model with its card: what it was trained on and how good it is."""
        return ModelWithCard.whole(*await deps.models.find(version))

    @router.get(
        "/models/{version}/content",
        response_class=Response,
        responses={200: {"content": {_BYTES: _BINARY}}},
    )
    async def content(_who: Who, version: str) -> Response:
        """The model as it was handed in, to decide by without a service."""
        return Response(await deps.models.content_of(version), media_type=_BYTES)

    return router


def _position(cursors: Cursors, cursor: str | None) -> tuple[datetime, str] | None:
    if cursor is None:
        return None
    created_at, version = cursors.read(cursor, scope=_LIST)
    return datetime.fromisoformat(str(created_at)), str(version)
