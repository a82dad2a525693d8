"""The front door for mentions: one, or many at once."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Annotated

import orjson
from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from ingest.domain.errors import IdentityMissing
from ingest.domain.links import Links
from ingest.domain.mentions import Acceptance, Arrival, Guard
from ingest.schemas.mentions import Accepted, BatchAnswer, MentionIn
from ingest.usecases.deps import Deps
from ingest.usecases.turns import in_turns
from lintas.auth import Principal, Scope
from lintas.telemetry import child_traceparent, count
from lintas.vocabulary.errors import DomainError, FieldError, Forbidden, Invalid
from lintas.vocabulary.terms import Origin
from lintas.web import (
    LINES,
    LeanRoute,
    fingerprint,
    idempotency_key,
    json_body,
    parse_lines,
    require,
    require_content_type,
)

BATCH_PATH = "/v1/mentions/batch"
MOST_LINES = 5_000
#: lines of a batch that stand in the queue together, so that single mentions are not kept waiting
_LOT = 500

_Refusal = tuple[int, Sequence[FieldError]]


def router(deps: Deps) -> APIRouter:
    """`POST /v1/mentions` and `/v1/mentions/batch`."""
    routes = APIRouter(tags=["mentions"])

    async def accept(
        request: Request,
        who: Annotated[Principal, require(Scope.MENTIONS_WRITE)],
        mention: Annotated[MentionIn, json_body(MentionIn)],
    ) -> Response:
        """Keep one mention; answered once it is durable, and the same on every retry."""
        guard = _guard(request, "single", await request.body())
        if mention.external_id is None and guard is None:
            raise IdentityMissing
        arrival = Arrival(
            said=mention.said(_client(who)),
            client=_client(who),
            received_at=deps.work.clock(),
            traceparent=child_traceparent(),
            guard=guard,
        )
        [outcome] = await deps.commit.submit([arrival])
        return _answer(_accepted(_kept(outcome), deps.links))

    # not by a router of its own: each level of routers matches every request anew
    routes.add_api_route(
        "/v1/mentions",
        accept,
        methods=["POST"],
        status_code=202,
        response_model=Accepted,
        route_class_override=LeanRoute,
    )

    @routes.post(
        BATCH_PATH,
        status_code=202,
        response_model=BatchAnswer,
        openapi_extra={"requestBody": {"required": True, "content": {LINES: {}}}},
    )
    async def accept_batch(
        request: Request,
        who: Annotated[Principal, require(Scope.MENTIONS_WRITE)],
        origin: Annotated[Origin, Query()] = Origin.LIVE,
    ) -> Response:
        """Keep many mentions, one JSON text a line; a bad line is reported and fails alone.

        After a 503 some lines may be kept: send the whole batch again, the answer is the same.
        With `origin=import` (scope `history:write` too) each was received when it was posted, and
        its complaint opens once the agency-gateway is told its past.
        """
        if origin is Origin.IMPORT and Scope.HISTORY_WRITE not in who.scopes:
            raise Forbidden(f"This needs the scope {Scope.HISTORY_WRITE}.")
        require_content_type(request, LINES)
        body = await request.body()
        guard = _guard(request, "batch", body)
        wanting = _Wanting(keyed=guard is not None, origin=origin, now=deps.work.clock())
        lines = [line async for line in in_turns(wanting.read(body))]
        if not lines:
            raise Invalid("At least one line is expected.")
        client, now, traceparent = _client(who), deps.work.clock(), child_traceparent()
        arrivals = [
            Arrival(
                said=mention.said(client),
                client=client,
                received_at=now,
                traceparent=traceparent,
                guard=guard,
                line=number,
                origin=origin,
            )
            for number, mention in lines
            if isinstance(mention, MentionIn)
        ]
        results = []
        for lot in _lots(arrivals):
            outcomes = await deps.commit.submit(lot)
            results += [
                {"line": arrival.line, **_accepted(_kept(outcome), deps.links)}
                for arrival, outcome in zip(lot, outcomes, strict=True)
            ]
        rejected = [*_refusals(lines)]
        count("lintas_mentions_total", len(rejected), channel="other", outcome="refused")
        return _answer(
            {
                "accepted": len(results),
                "results": results,
                "rejected": [{"line": line, "errors": errors} for line, errors in rejected],
            }
        )

    return routes


def _client(who: Principal) -> str:
    """In whose space identities live: a system's name, or the person."""
    return who.client or who.actor


def _guard(request: Request, operation: str, body: bytes) -> Guard | None:
    key = idempotency_key(request)
    return None if key is None else Guard(operation, key, fingerprint(body))


@dataclass(frozen=True, slots=True)
class _Wanting:
    """What a line needs beside its shape."""

    #: the batch's key names lines that have no identity of their own
    keyed: bool
    origin: Origin
    now: datetime

    def read(self, body: bytes) -> Iterator[tuple[int, MentionIn | Invalid]]:
        for number, read in parse_lines(body, MentionIn, most=MOST_LINES):
            yield number, read if isinstance(read, Invalid) else self._missed_by(read) or read

    def _missed_by(self, mention: MentionIn) -> Invalid | None:
        if mention.external_id is None and not self.keyed:
            return IdentityMissing()
        if self.origin is Origin.LIVE or (mention.posted_at and mention.posted_at <= self.now):
            return None
        error = FieldError("/posted_at", "past_time", "history says when it was: a past time")
        return Invalid("One field is not as expected.", [error])


def _lots(arrivals: Sequence[Arrival]) -> Iterator[Sequence[Arrival]]:
    rest = iter(arrivals)
    while lot := [*islice(rest, _LOT)]:
        yield lot


def _refusals(lines: Iterable[tuple[int, MentionIn | Invalid]]) -> Iterator[_Refusal]:
    for number, mention in lines:
        if isinstance(mention, Invalid):
            yield number, mention.errors or [FieldError("", mention.code, mention.detail)]


def _kept(outcome: Acceptance | DomainError) -> Acceptance:
    # a key that stands for another body refuses every line of its batch alike
    if isinstance(outcome, DomainError):
        raise outcome
    return outcome


def _accepted(acceptance: Acceptance, links: Links) -> dict[str, object]:
    return {
        "mention_id": acceptance.mention_id,
        "complaint_id": acceptance.complaint_id,
        "ticket": acceptance.ticket,
        "status_url": links.status(acceptance.ticket, acceptance.secret),
    }


def _answer(body: dict[str, object]) -> Response:
    # straight to bytes: the models describe the shape, and need not check what we built
    return Response(orjson.dumps(body), 202, media_type="application/json")
