"""Refusals as the standard wants them: a list of code and description, in the form asked for."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from ingest.api.open311.rendering import Form, Value, answer
from lintas.vocabulary.errors import FieldError
from lintas.web import Problem

PREFIX = "/open311/"
_UNAUTHENTICATED, _FORBIDDEN, _REFUSED = 401, 403, 400
#: there are no others; those of HTTP itself (a method, a size, a rate) keep their own, as proxies and
#: clients act on them, and a fault of ours is not the caller's
_AS_THEY_ARE = frozenset({403, 404, 405, 408, 413, 414, 429, 431, 500})


def refusal(request: Request, problem: Problem) -> Response:
    """Any refusal below the prefix; never problem+json."""
    status = _FORBIDDEN if problem.status == _UNAUTHENTICATED else problem.status
    if status not in _AS_THEY_ARE:
        status = _REFUSED
    errors = [_error(status, _sentence(error)) for error in problem.errors]
    return answer(
        _form(request),
        "errors",
        errors or [_error(status, problem.detail)],
        status=status,
        headers=_headers(problem.headers),
    )


def _error(status: int, description: str) -> Mapping[str, Value]:
    return {"code": str(status), "description": description}


def _sentence(error: FieldError) -> str:
    # a place in a list is told by the list's name
    names = [part for part in error.pointer.split("/") if part and not part.isdigit()]
    name = names[-1] if names else ""
    return f"{name}: {error.detail}" if name else error.detail


def _form(request: Request) -> Form:
    return Form.JSON if request.scope["path"].endswith(".json") else Form.XML


def _headers(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name != "WWW-Authenticate"}
