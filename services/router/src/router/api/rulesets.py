"""Rule sets and explanations over HTTP."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query, Response
from starlette.requests import Request

from lintas.auth import Principal, Scope
from lintas.web import Cursors, Limit, json_body, next_link, require
from router.schemas import (
    Advice,
    Explained,
    ExplainIn,
    Linted,
    Page,
    PublishIn,
    RulesetDocument,
    StoredOut,
    StoredWithDocument,
)
from router.usecases.explaining import explain
from router.usecases.following import Rules
from router.usecases.publishing import Publishing

_LIST = "rulesets"
_MOST_ADVICE = 100

Who = Annotated[Principal, require(Scope.RULES_WRITE)]


@dataclass(frozen=True, slots=True)
class Deps:
    """What the routes ask."""

    publishing: Publishing
    rules: Rules
    cursors: Cursors


def routes(deps: Deps) -> APIRouter:
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
        cursor: Annotated[str | None, Query(max_length=1024)] = None,
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
        stored, fresh = await deps.publishing.store(_plain(document), who.actor)
        response.status_code = 201 if fresh else 200
        response.headers["Location"] = f"/v1/rulesets/{stored.version}"
        return StoredOut.of(stored, in_force=shown())

    @router.post("/rulesets/lint")
    async def lint(
        _who: Who, document: Annotated[RulesetDocument, json_body(RulesetDocument)]
    ) -> Linted:
        """Look for faults as storing does, and store nothing."""
        size, advice = await deps.publishing.check(_plain(document))
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

    @router.post("/rulesets/{version}/publish")
    async def publish(
        who: Who, version: str, body: Annotated[PublishIn, json_body(PublishIn)]
    ) -> StoredOut:
        """Announce a version to every instance. Publishing it again changes nothing."""
        stored = await deps.publishing.publish(version, body.effective_at, who.actor)
        return StoredOut.of(stored, in_force=shown())

    @router.post("/explain")
    async def explained(_who: Who, body: Annotated[ExplainIn, json_body(ExplainIn)]) -> Explained:
        """What the rules in force make of a text, and why; nothing is kept."""
        return Explained.of(explain(deps.rules, body.mention(datetime.now(UTC))))

    return router


def _position(cursors: Cursors, cursor: str | None) -> tuple[datetime, str] | None:
    if cursor is None:
        return None
    created_at, version = cursors.read(cursor, scope=_LIST)
    return datetime.fromisoformat(str(created_at)), str(version)


def _plain(document: RulesetDocument) -> dict[str, object]:
    return document.model_dump(mode="json", by_alias=True)
