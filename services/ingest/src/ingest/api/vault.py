"""Opening what is sealed, and erasing it: with the scope, for a purpose, on record."""

from typing import Annotated

from fastapi import APIRouter

from ingest.domain.vault import Erasure
from ingest.schemas import ErasedOut, EraseIn, UnsealAnswer, UnsealedOut, UnsealIn
from ingest.usecases.deps import Deps
from ingest.usecases.erasing import erase as erase_reporter
from ingest.usecases.vault import Asker, open_items
from lintas.auth import Principal, Scope
from lintas.web import json_body, require


def router(deps: Deps) -> APIRouter:
    """`POST /v1/vault/unseal` and `/v1/vault/erase`."""
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

    return routes
