"""Versions of things in HTTP: who changes something says which version they saw (RFC 9110)."""

import hashlib

from starlette.requests import Request

from lintas.vocabulary.errors import PreconditionFailed, PreconditionRequired


def etag(*parts: object) -> str:
    """The strong validator of what `parts` identify, such as an id and its version."""
    text = "\x1f".join(str(part) for part in parts)
    return f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'


def require_if_match(request: Request, current: str) -> None:
    """PreconditionRequired (428) without `If-Match`, PreconditionFailed (412) if it is stale."""
    given = _tags(request, "if-match")
    if not given:
        raise PreconditionRequired("If-Match with the ETag of the version to change is needed.")
    # a weak validator (W/"...") never matches here (RFC 9110, 13.1.1)
    if current not in given and "*" not in given:
        raise PreconditionFailed("It was changed in the meantime; read it again.")


def not_modified(request: Request, current: str) -> bool:
    """Whether `If-None-Match` names the current version, so that 304 is the answer."""
    given = _tags(request, "if-none-match")
    return "*" in given or current in {tag.removeprefix("W/") for tag in given}


def _tags(request: Request, header: str) -> set[str]:
    lines = request.headers.getlist(header)
    return {tag for line in lines for part in line.split(",") if (tag := part.strip())}
