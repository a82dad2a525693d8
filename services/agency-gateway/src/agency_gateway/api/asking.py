"""From a request to what use cases take, and from their answers to responses."""

from collections.abc import Callable
from typing import Annotated, TypeVar
from uuid import UUID

from fastapi import Depends, Path, Query
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from agency_gateway.usecases.asking import Answer, Asked, Repeatable
from agency_gateway.usecases.deps import Deps
from lintas.auth import Principal
from lintas.vocabulary.errors import NotFound
from lintas.web import (
    Cursors,
    etag,
    fingerprint,
    idempotency_key,
    require_idempotency_key,
    require_if_match,
)

V = TypeVar("V")

#: the `cursor` of a Link header
Cursor = Annotated[str | None, Query()]
AgencyPath = Annotated[str, Path(max_length=64)]
#: a complaint's id or its ticket
ComplaintPath = Annotated[str, Path(max_length=64)]


def _deps(request: Request) -> Deps:
    deps: Deps = request.app.state.deps
    return deps


def _cursors(request: Request) -> Cursors:
    cursors: Cursors = request.app.state.cursors
    return cursors


UseCases = Annotated[Deps, Depends(_deps)]
Signer = Annotated[Cursors, Depends(_cursors)]


async def ask(
    request: Request,
    who: Principal,
    render: Callable[[V], Answer],
    *,
    needs_key: bool = False,
    needs_version: bool = False,
) -> Asked[V]:
    """What a use case takes.

    Args:
        request: with `Idempotency-Key` and `If-Match` where the caller sends them.
        who: the caller.
        render: makes the answer.
        needs_key: nothing else identifies what is created.
        needs_version: the caller must say which version it saw.
    """
    key = require_idempotency_key(request) if needs_key else idempotency_key(request)
    repeatable = None
    if key is not None:
        operation = f"{request.method} {request.url.path}"
        repeatable = Repeatable(operation, key, fingerprint(await request.body()))

    def seen(id_: str, version: int) -> None:
        if needs_version or "if-match" in request.headers:
            require_if_match(request, etag(id_, version))

    return Asked(who, render, repeatable, seen)


def shown(model: BaseModel, *, status: int = 200, tag: str | None = None) -> Answer:
    """An answer that shows `model`."""
    return Answer(status, model.model_dump_json(), {"ETag": tag} if tag else {})


def respond(answer: Answer) -> Response:
    """The response to send."""
    media_type = "application/json" if answer.body else None
    return Response(answer.body, answer.status, dict(answer.headers), media_type)


def identified(text: str, what: str) -> UUID:
    """An id from a path; what is no id is not there."""
    try:
        return UUID(text)
    except ValueError:
        raise NotFound(f"There is no such {what}.") from None
