"""Opening what is sealed, and erasing it: with the scope, for a purpose, on record."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from starlette.responses import Response

from ingest.domain.vault import Erasure
from ingest.schemas.vault import (
    ErasedOut,
    EraseIn,
    HoldIn,
    HoldOut,
    HoldsOut,
    MediaIn,
    UnsealAnswer,
    UnsealedOut,
    UnsealIn,
)
from ingest.usecases import holding
from ingest.usecases.deps import Deps
from ingest.usecases.erasing import erase as erase_reporter
from ingest.usecases.holding import Wanted
from ingest.usecases.vault import Asker, open_items
from lintas.auth import Principal, Scope
from lintas.web import json_body, require

#: what is read for one person is kept by nobody on its way
_FOR_ONE = {"Cache-Control": "private, no-store"}


def router(deps: Deps) -> APIRouter:
    """`POST /v1/vault/unseal`, `/media` and `/erase`, and the holds that forbid erasing."""
    routes = APIRouter(tags=["vault"])

    @routes.post("/v1/vault/unseal")
    async def unseal(
        who: Annotated[Principal, require(Scope.VAULT_UNSEAL)],
        wanted: Annotated[UnsealIn, json_body(UnsealIn)],
    ) -> UnsealAnswer:
        """Open up to 200 items; each stands in the audit before the answer leaves."""
        asker = Asker(who.actor, who.client, wanted.purpose)
        opened = await open_items(
            deps.work, deps.vault, asker, [item.item() for item in wanted.items]
        )
        return UnsealAnswer(
            items=tuple(
                UnsealedOut(
                    complaint_id=one.item.complaint_id,
                    key_id=one.item.key_id,
                    outcome=one.outcome,
                    content=one.content,
                )
                for one in opened
            )
        )

    @routes.post("/v1/vault/media", response_class=Response)
    async def media(
        who: Annotated[Principal, require(Scope.MEDIA_READ)],
        wanted: Annotated[MediaIn, json_body(MediaIn)],
    ) -> Response:
        """One file of a complaint, as bytes, for a service that knows who may see the complaint.

        It stands in the audit before the answer leaves. 410 where it may have been erased.
        """
        asker = Asker(who.actor, who.client, wanted.purpose)
        content = await deps.files.open(asker, wanted.wanted())
        return Response(content, headers=_FOR_ONE, media_type="application/octet-stream")

    @routes.post("/v1/vault/erase")
    async def erase(
        who: Annotated[Principal, require(Scope.VAULT_ERASE)],
        wanted: Annotated[EraseIn, json_body(EraseIn)],
    ) -> ErasedOut:
        """Erase a reporter, found by a ticket or by what a channel knows of them; never undone.

        Their data keys are destroyed before this answers, their words are gone from here, and every
        reader is told. What was officially answered stays.
        """
        erasure = Erasure(who.actor, who.client, wanted.purpose)
        done = await erase_reporter(deps.work, deps.media, erasure, wanted.whose(deps.identities))
        return ErasedOut(erased_at=done.erased_at, complaints=done.complaints)

    @routes.post("/v1/vault/holds", status_code=201)
    async def hold(
        who: Annotated[Principal, require(Scope.VAULT_HOLD)],
        wanted: Annotated[HoldIn, json_body(HoldIn)],
    ) -> HoldOut:
        """Forbid the erasure of a complaint, or of all of a reporter's, until a day.

        An erasure asked for meanwhile is answered 409, recorded, and applied when the hold ends.
        """
        asked = Wanted(who.actor, who.client, wanted.reason, wanted.reference, wanted.until)
        return HoldOut.shown(await holding.hold(deps.work, asked, wanted.whose(deps.identities)))

    @routes.get("/v1/vault/holds")
    async def holds(_: Annotated[Principal, require(Scope.VAULT_HOLD)]) -> HoldsOut:
        """The holds in force, the one that ends first first; at most 200."""
        return HoldsOut(items=tuple(map(HoldOut.shown, await holding.in_force(deps.work))))

    @routes.post("/v1/vault/holds/{hold_id}/end")
    async def end_hold(
        who: Annotated[Principal, require(Scope.VAULT_HOLD)], hold_id: UUID
    ) -> HoldOut:
        """End a hold before its time; erasures that waited for it are applied before this answers."""
        ended = await holding.end(deps.work, hold_id, actor=who.actor, client=who.client)
        return HoldOut.shown(ended)

    return routes
