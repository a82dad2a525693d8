"""Opening what is sealed: for those with the scope, for a purpose, on record."""

from typing import Annotated

from fastapi import APIRouter

from ingest.schemas import UnsealAnswer, UnsealedOut, UnsealIn
from ingest.usecases.deps import Deps
from ingest.usecases.vault import Asker, open_items
from lintas.auth import Principal, Scope
from lintas.web import json_body, require


def router(deps: Deps) -> APIRouter:
    """`POST /v1/vault/unseal`."""
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

    return routes
