"""Every refusal leaves in one shape: RFC 9457 `application/problem+json`, without the input."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from uuid import UUID

import orjson
from starlette.requests import Request
from starlette.responses import Response

from lintas.telemetry import count, current_trace
from lintas.vocabulary import errors as refusals
from lintas.vocabulary.errors import DomainError, FieldError

MEDIA_TYPE = "application/problem+json"


class MethodNotAllowed(DomainError):
    """This address does not answer that method (405)."""

    code = "method-not-allowed"


class SlowBody(DomainError):
    """The body arrived too slowly (408)."""

    code = "slow-body"


class AddressTooLong(DomainError):
    """The address is too long (414)."""

    code = "address-too-long"


class HeadersTooLarge(DomainError):
    """There are too many or too large headers (431)."""

    code = "headers-too-large"


class InternalError(DomainError):
    """Something nobody foresaw; the request id finds it in the logs (500)."""

    code = "internal-error"


_STATUS: Mapping[type[DomainError], int] = {
    refusals.Malformed: 400,
    refusals.Unauthenticated: 401,
    refusals.Forbidden: 403,
    refusals.NotFound: 404,
    MethodNotAllowed: 405,
    SlowBody: 408,
    refusals.Conflict: 409,
    refusals.Gone: 410,
    refusals.PreconditionFailed: 412,
    refusals.TooLarge: 413,
    AddressTooLong: 414,
    refusals.UnsupportedMediaType: 415,
    refusals.Invalid: 422,
    refusals.PreconditionRequired: 428,
    refusals.TooManyRequests: 429,
    HeadersTooLarge: 431,
    InternalError: 500,
    refusals.Unavailable: 503,
}
_SERVER_FAULT = 500
_STATUS_IN_SENTENCE = re.compile(r" \(\d{3}[^)]*\)")


@dataclass(frozen=True, slots=True)
class Problem:
    """What one refusal says to its caller."""

    status: int
    #: stable, kebab-case; `/problems/<code>` explains it
    code: str
    title: str
    detail: str
    #: the trace id
    request_id: str
    errors: tuple[FieldError, ...] = ()
    #: the current state, where a transition was refused
    state: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


#: how refusals look below a path prefix that must follow another standard
ErrorFormat = Callable[[Request, Problem], Response]


def problem_of(refusal: DomainError, headers: Mapping[str, str] | None = None) -> Problem:
    """The problem that a refusal is; `headers` go with the answer."""
    trace = current_trace()
    more = dict(headers or {})
    if isinstance(refusal, refusals.Unauthenticated):
        more["WWW-Authenticate"] = 'Bearer realm="lintas"'
    if isinstance(refusal, refusals.TooManyRequests | refusals.Unavailable):
        more["Retry-After"] = str(refusal.retry_after_s)
    return Problem(
        status=status_of(type(refusal)),
        code=refusal.code,
        title=title_of(type(refusal)),
        detail=refusal.detail,
        request_id=trace.trace_id if trace else "0" * 32,
        errors=refusal.errors,
        state=refusal.state if isinstance(refusal, refusals.Conflict) else None,
        headers=more,
    )


def problem_json(_request: Request, problem: Problem) -> Response:
    """The answer as `application/problem+json`."""
    body: dict[str, object] = {
        "type": f"/problems/{problem.code}",
        "title": problem.title,
        "status": problem.status,
        "detail": problem.detail,
        "instance": f"urn:uuid:{UUID(problem.request_id)}",
        "request_id": problem.request_id,
    }
    if problem.errors:
        body["errors"] = list(problem.errors)
    if problem.state is not None:
        body["state"] = problem.state
    return Response(orjson.dumps(body), problem.status, dict(problem.headers), MEDIA_TYPE)


@dataclass(frozen=True, slots=True)
class Refuser:
    """Answers refusals, each in the format of its path."""

    #: by path prefix; everything else is problem+json
    formats: Mapping[str, ErrorFormat] = field(default_factory=dict)

    def answer(
        self, request: Request, refusal: DomainError, headers: Mapping[str, str] | None = None
    ) -> Response:
        """The response to a refusal."""
        problem = problem_of(refusal, headers)
        count("lintas_http_refused_total", code=problem.code)
        path = request.scope["path"]
        for prefix, form in self.formats.items():
            if path.startswith(prefix):
                return form(request, problem)
        return problem_json(request, problem)


def status_of(kind: type[DomainError]) -> int:
    """The HTTP status of a kind of refusal: its own, or that of the nearest kind above it."""
    return next((_STATUS[above] for above in kind.__mro__ if above in _STATUS), 422)


def kind_of(status: int) -> type[DomainError]:
    """The kind of refusal that stands for a status a framework chose."""
    found = next((kind for kind, own in _STATUS.items() if own == status), None)
    return found or (refusals.Malformed if status < _SERVER_FAULT else InternalError)


def title_of(kind: type[DomainError]) -> str:
    """The status's own words, or the first sentence of a kind that a service defines."""
    if kind in _STATUS:
        return HTTPStatus(_STATUS[kind]).phrase
    return sentence_of(kind).removesuffix(".")


def sentence_of(kind: type[DomainError]) -> str:
    """What a kind of refusal means: the first sentence of its docstring."""
    first = (kind.__doc__ or kind.code).strip().partition("\n")[0]
    return _STATUS_IN_SENTENCE.sub("", first)


def kinds() -> dict[str, type[DomainError]]:
    """Every kind of refusal known to this process, by its code."""
    found: dict[str, type[DomainError]] = {}
    waiting = [DomainError]
    while waiting:
        kind = waiting.pop()
        found.setdefault(kind.code, kind)
        waiting.extend(kind.__subclasses__())
    return found
