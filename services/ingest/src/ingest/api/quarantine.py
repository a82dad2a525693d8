"""What webhooks brought and nobody could read, or not rightly: listed, and read again."""

from typing import Annotated

from fastapi import APIRouter, Query

from ingest.domain.bodies import Body
from ingest.schemas.quarantine import BodiesOut, BodyOut, ReplayIn
from ingest.usecases.bodies import Reader
from ingest.usecases.deps import Deps
from ingest.usecases.receiving import read_again
from lintas.auth import Principal, Scope
from lintas.web import json_body, require

#: of one answer; a thousand parts may be in each
_MOST = 50


def router(deps: Deps) -> APIRouter:
    """`GET /v1/quarantine` and `POST /v1/quarantine/replay`."""
    routes = APIRouter(tags=["quarantine"])

    @routes.get("/v1/quarantine", dependencies=[require(Scope.QUARANTINE_REPLAY)])
    async def listed(
        *,
        every: bool = False,
        after: Annotated[int, Query(ge=0, le=2**63 - 1)] = 0,
    ) -> BodiesOut:
        """Up to 50 kept bodies with parts that were not read, or every one; never what they say."""
        found = await deps.bodies.listed(every=every, after=after, most=_MOST)
        return _out([_body(one, one.unread) for one in found])

    @routes.post("/v1/quarantine/replay")
    async def replay(
        who: Annotated[Principal, require(Scope.QUARANTINE_REPLAY)],
        wanted: Annotated[ReplayIn, json_body(ReplayIn)],
    ) -> BodiesOut:
        """Read up to 50 of them again; each stands in the audit. Repeating it is harmless.

        What was heard before stays as it is; what was not is heard now, received when it came.
        """
        reader = Reader(who.actor, who.client)
        done = await read_again(deps, reader, every=wanted.every, after=wanted.after, most=_MOST)
        return _out([_body(one.body, one.unread) for one in done])

    return routes


def _out(items: list[BodyOut]) -> BodiesOut:
    return BodiesOut(items=tuple(items), after=items[-1].id if len(items) == _MOST else None)


def _body(one: Body, unread: tuple[str, ...]) -> BodyOut:
    return BodyOut(
        id=one.id,
        channel=one.channel,
        account=one.account,
        unread=unread,
        received_at=one.received_at,
        replayed_at=one.replayed_at,
    )
