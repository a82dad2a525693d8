from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.routing import iter_route_contexts
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from lintas.auth import Authenticator
from lintas.telemetry import watch_loop
from lintas.vocabulary.errors import DomainError, NotFound, TooManyRequests
from lintas.web.body import BodyLimits
from lintas.web.documentation import ASSETS, ASSETS_PATH, Service, documentation
from lintas.web.edge import BODY, Edge
from lintas.web.field_errors import invalid_fields, parameter_error
from lintas.web.memory import start_up_set_aside
from lintas.web.operations import Probe, operations
from lintas.web.policies import check_policies
from lintas.web.problems import ErrorFormat, MethodNotAllowed, Refuser, kind_of, sentence_of
from lintas.web.quotas import Brake, Overruns, Quota

#: opened with the service and closed with it
Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]

STATIC_PATH = "/static"
#: whatever hangs, whoever asks is told within three seconds
ANSWER_WITHIN_S = 2.8
_STATIC_AGE_S = 3600


def create_service(
    *,
    name: str,
    title: str,
    routers: Sequence[APIRouter],
    lifespan: Lifespan | None = None,
    probes: Sequence[Probe] = (),
    authenticator: Authenticator | None = None,
    limits: BodyLimits | None = None,
    static: Path | None = None,
    error_formats: Mapping[str, ErrorFormat] | None = None,
    loop_exit_s: float = 8,
    answer_within_s: float = ANSWER_WITHIN_S,
    quota: Quota | None = None,
) -> FastAPI:
    """A service with the addresses, headers, limits and refusals that all services share.

    Raises RouteWithoutPolicy if a route does not say who may use it. While it runs, an event loop
    blocked beyond `loop_exit_s` ends the process (0 turns that off, for debugging). A request whose
    answer has not begun after `answer_within_s` is answered 503, unless its address takes sets.
    Each known caller may ask as much as `quota` says.
    """
    mounts = {ASSETS_PATH: ASSETS} | ({STATIC_PATH: static} if static else {})

    def check() -> None:
        check_policies(app.routes, mounts=mounts, authenticated=authenticator is not None)

    @asynccontextmanager
    async def living(app: FastAPI) -> AsyncIterator[None]:
        check()
        async with AsyncExitStack() as stack:
            if loop_exit_s:
                await stack.enter_async_context(watch_loop(exit_s=loop_exit_s))
            if lifespan:
                await stack.enter_async_context(lifespan(app))
            stack.enter_context(start_up_set_aside())
            yield

    refuser, brake, overruns = Refuser(error_formats or {}), Brake(), Overruns()
    app = Service(
        title=title,
        lifespan=living,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        exception_handlers=_handlers(refuser, brake, overruns),
        # measured and traced at the edge
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    app.state.authenticator = authenticator
    app.state.quota = quota
    app.add_middleware(
        Edge,
        refuser=refuser,
        brake=brake,
        overruns=overruns,
        limits=limits or BodyLimits(),
        answer_within_s=answer_within_s,
    )
    for router in (*routers, operations(name, probes), documentation(app)):
        app.include_router(router)
    for path, folder in mounts.items():
        app.mount(path, _Assets(directory=folder))
    check()
    return app


class _Assets(StaticFiles):
    """Files that browsers may keep for an hour."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        response = super().file_response(*args, **kwargs)
        response.headers["Cache-Control"] = f"public, max-age={_STATIC_AGE_S}"
        return response


def _handlers(refuser: Refuser, brake: Brake, overruns: Overruns) -> dict[Any, Any]:
    async def on_refusal(request: Request, refusal: DomainError) -> Response:
        if isinstance(refusal, TooManyRequests):
            overruns.remember(request, refusal)
        if refusal.is_braked:
            await brake.wait()
        return refuser.answer(request, refusal)

    async def on_parameters(request: Request, error: RequestValidationError) -> Response:
        fields = [parameter_error(problem) for problem in error.errors()]
        return refuser.answer(request, invalid_fields(fields))

    async def on_http(request: Request, error: HTTPException) -> Response:
        # a framework that reads a form hides why its body stopped
        hidden = request.scope[BODY].refusal
        if hidden is not None:
            return refuser.answer(request, hidden)
        kind = kind_of(error.status_code)
        if kind is MethodNotAllowed:
            methods = ", ".join(sorted(_methods(request)))
            refusal = MethodNotAllowed(f"This address answers {methods}.")
            return refuser.answer(request, refusal, {"Allow": methods})
        nothing_here = "There is nothing at this address."
        return refuser.answer(
            request, kind(nothing_here if kind is NotFound else sentence_of(kind))
        )

    return {
        DomainError: on_refusal,
        RequestValidationError: on_parameters,
        HTTPException: on_http,
    }


def _methods(request: Request) -> set[str]:
    """What the address answers, over all routes that share it; the framework knows only one."""
    path, methods = request.scope["path"], set()
    for context in iter_route_contexts(request.app.routes):
        if isinstance(context.original_route, Mount):
            if path.startswith(f"{context.path}/"):
                methods |= {"GET", "HEAD"}
        elif context.path_regex.match(path):
            methods |= context.methods or set()
    return methods | ({"HEAD"} if "GET" in methods else set())
