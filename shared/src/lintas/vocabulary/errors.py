from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FieldError:
    """One field of an input that was refused, and what was expected instead; never its value."""

    #: JSON Pointer (RFC 6901) into the body, or `#/query/<name>`, `#/header/<name>`
    pointer: str
    #: stable, machine-readable, snake_case
    code: str
    #: what was expected
    detail: str


class DomainError(Exception):
    """A refusal the caller can understand; `lintas.web` maps each kind to one HTTP status."""

    #: stable name of the problem type, kebab-case
    code = "refused"
    #: whether it is answered after a moment, so that a flood of it is slowed by its own waiting
    is_braked = False

    def __init__(self, detail: str, errors: Sequence[FieldError] = ()) -> None:
        super().__init__(detail)
        self.detail = detail
        #: the fields that are to blame, where there are any
        self.errors = tuple(errors)


class Invalid(DomainError):
    """The input has the wrong shape or values (422)."""

    code = "invalid-input"


class Malformed(Invalid):
    """The input cannot be read at all, or a required header is missing (400)."""

    code = "malformed-input"


class Unauthenticated(DomainError):
    """Nobody known is asking (401)."""

    code = "unauthenticated"


class Forbidden(DomainError):
    """The caller is known and may not do this (403)."""

    code = "forbidden"


class NotFound(DomainError):
    """It does not exist, or the caller must not learn that it does (404)."""

    code = "not-found"


class Gone(DomainError):
    """It was here, and was erased for good (410)."""

    code = "gone"


class Conflict(DomainError):
    """The current state does not allow it (409)."""

    code = "conflict"

    def __init__(self, detail: str, *, state: str | None = None) -> None:
        super().__init__(detail)
        #: the current state, shown to the caller
        self.state = state


class PreconditionFailed(DomainError):
    """The caller's `If-Match` names an older version (412, RFC 9110)."""

    code = "stale-version"


class PreconditionRequired(DomainError):
    """A changeable thing was written without `If-Match` (428, RFC 6585)."""

    code = "version-required"


class TooLarge(DomainError):
    """The body is over the limit (413)."""

    code = "too-large"


class UnsupportedMediaType(DomainError):
    """The body's content type is not the one this route reads (415)."""

    code = "unsupported-media-type"


class TooManyRequests(DomainError):
    """The caller is over its rate (429)."""

    code = "quota-exceeded"
    is_braked = True

    def __init__(self, detail: str, *, retry_after_s: int = 1) -> None:
        super().__init__(detail)
        self.retry_after_s = retry_after_s


class Unavailable(DomainError):
    """Nothing durable could be written; the same request may be sent again (503)."""

    code = "unavailable"

    def __init__(self, detail: str, *, retry_after_s: int = 2) -> None:
        super().__init__(detail)
        self.retry_after_s = retry_after_s
