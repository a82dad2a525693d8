"""Every route says who may use it; a service with a route that does not say so will not start."""

from collections.abc import Awaitable, Callable, Iterable, Iterator
from enum import Enum
from typing import Any
from urllib.parse import urlsplit

from fastapi import Depends
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.requests import Request
from starlette.routing import BaseRoute, Mount

from lintas.auth import ANONYMOUS, Principal
from lintas.vocabulary.errors import Forbidden, Unauthenticated
from lintas.web.reading import JsonBody

SESSION_COOKIE = "lintas_session"
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class RouteWithoutPolicy(Exception):
    """A route does not say who may use it, or says so too late."""


class Open(Enum):
    """Why a route needs no principal."""

    #: anyone may
    PUBLIC = "public"
    #: the route verifies a signature over the raw body itself
    SIGNED = "signed"
    #: the route verifies the secret of a link itself
    LINK = "link"
    #: the route judges the key that its form carries, as Open311 asks
    FORM_KEY = "key in the form"


public, signed, link, form_key = Open.PUBLIC, Open.SIGNED, Open.LINK, Open.FORM_KEY


class Policy:
    """A dependency that returns the principal, or refuses."""

    def __init__(
        self,
        text: str,
        check: Callable[[Request], Awaitable[Principal]],
        *,
        needs_principal: bool = True,
    ) -> None:
        #: how the OpenAPI document and the tests name it
        self.text = text
        self.needs_principal = needs_principal
        self._check = check

    async def __call__(self, request: Request) -> Principal:
        """The principal of one request that may pass."""
        return await self._check(request)


def allow(reason: Open) -> Any:
    """Whoever asks may pass; `reason` says what protects the route instead."""

    async def check(_request: Request) -> Principal:
        return ANONYMOUS

    return Depends(Policy(reason.value, check, needs_principal=False))


def require(*scopes: str) -> Any:
    """A system or person that has all of `scopes` may pass; any known one, if there are none."""
    needed = frozenset(str(scope) for scope in scopes)

    async def check(request: Request) -> Principal:
        who = await principal(request)
        if not needed <= who.scopes:
            raise Forbidden("The credential lacks a scope: " + ", ".join(sorted(needed)) + ".")
        return who

    return Depends(Policy(" ".join(["principal", *sorted(needed)]), check))


def require_person(*roles: str, scope: str | None = None) -> Any:
    """A human who signed in may pass, with any of `roles` (if given) and with `scope` (if given).

    A key alone never does.
    """
    wanted = frozenset(str(role) for role in roles)

    async def check(request: Request) -> Principal:
        who = await principal(request)
        if who.person_id is None:
            raise Forbidden("A person must sign in for this; a key is not enough.")
        if wanted and not wanted & who.roles:
            raise Forbidden("One of these roles is needed: " + ", ".join(sorted(wanted)) + ".")
        if scope is not None and scope not in who.scopes:
            raise Forbidden(f"The credential lacks a scope: {scope}.")
        return who

    words = ["person", *sorted(wanted), *([str(scope)] if scope else [])]
    return Depends(Policy(" ".join(words), check))


async def principal(request: Request) -> Principal:
    """Who asks; Unauthenticated if nobody known does. Asked once per request."""
    known = getattr(request.state, "principal", None)
    if isinstance(known, Principal):
        return known
    authenticator = request.app.state.authenticator
    credential = _credential(request)
    if authenticator is None or credential is None:
        raise Unauthenticated("A credential is needed: Authorization: Bearer ...")
    who: Principal = await authenticator.authenticate(credential)
    request.state.principal = who
    quota = request.app.state.quota
    if quota is not None:
        # before any body is read
        quota.spend(who.client or who.actor, request.scope)
    return who


def check_policies(
    routes: Iterable[BaseRoute], *, mounts: Iterable[str] = (), authenticated: bool = True
) -> None:
    """RouteWithoutPolicy unless each route has one policy, and reads no body before it.

    Where nobody can be `authenticated`, a policy that needs a principal is refused as well.
    """
    open_paths = set(mounts)
    for context in iter_route_contexts(list(routes)):
        route = context.original_route
        if isinstance(route, Mount) and route.path in open_paths:
            continue
        if not isinstance(route, APIRoute):
            raise RouteWithoutPolicy(f"{context.path} is not a route that can have a policy")
        calls = [dependant.call for dependant in flatten(context.dependant)]
        policies = [call for call in calls if isinstance(call, Policy)]
        if len(policies) != 1:
            raise RouteWithoutPolicy(f"{context.path} has {len(policies)} policies instead of one")
        if policies[0].needs_principal and not authenticated:
            raise RouteWithoutPolicy(f"{context.path} needs a principal, and nothing can make one")
        if any(isinstance(call, JsonBody) for call in calls[: calls.index(policies[0])]):
            raise RouteWithoutPolicy(f"{context.path} reads the body before its policy is asked")


def flatten(dependant: Dependant) -> Iterator[Dependant]:
    """Everything a route depends on, in the order it is resolved."""
    for inner in dependant.dependencies:
        yield from flatten(inner)
        yield inner


def _credential(request: Request) -> str | None:
    header = request.headers.get("authorization")
    if header is not None:
        kind, _, credential = header.partition(" ")
        return credential.strip() or None if kind.lower() == "bearer" else None
    cookie = request.cookies.get(SESSION_COOKIE)
    return cookie if cookie and _from_own_page(request) else None


def _from_own_page(request: Request) -> bool:
    """Whether a cookie may speak for its holder: always for reading, else only from our pages."""
    if request.method in _SAFE_METHODS:
        return True
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("origin")
    return origin is not None and urlsplit(origin).netloc == request.headers.get("host")
