"""What ingest refuses, beyond what every service does."""

from datetime import datetime

from lintas.vocabulary.errors import (
    Conflict,
    FieldError,
    Invalid,
    Malformed,
    TooLarge,
    Unauthenticated,
    UnsupportedMediaType,
)
from lintas.vocabulary.terms import PublicStatus
from lintas.vocabulary.ticket import Ticket


class KeyReused(Invalid):
    """The Idempotency-Key was used with another body before (422)."""

    code = "idempotency-key-reused"

    def __init__(self) -> None:
        super().__init__(
            "This Idempotency-Key stands for another body. Use a fresh key for new content.",
            [FieldError("#/header/Idempotency-Key", "reused", "a key not used with another body")],
        )


class Unsigned(Unauthenticated):
    """No platform sent this delivery (401)."""

    is_braked = True

    def __init__(self) -> None:
        super().__init__("The delivery is not signed with a secret of this account.")


class IdentityMissing(Malformed):
    """Neither the content nor the request says which mention this is (400)."""

    code = "identity-missing"

    def __init__(self) -> None:
        super().__init__(
            "A mention without external_id needs an Idempotency-Key.",
            [
                FieldError("/external_id", "required", "the platform's id of the post"),
                FieldError("#/header/Idempotency-Key", "required", "or a key of the request"),
            ],
        )


class UnderHold(Conflict):
    """It is under a legal hold; what was asked is recorded and done when the hold ends (409)."""

    code = "under-legal-hold"

    def __init__(self, until: datetime) -> None:
        super().__init__(
            "A legal hold forbids erasing it for now; the erasure is recorded, and applied when"
            f" the hold ends, {until:%Y-%m-%d} at the latest.",
            state="held",
        )


class TooLate(Conflict):
    """That it is not solved could be said until a day that has passed (409)."""

    code = "too-late-to-reopen"

    def __init__(self, until: datetime, ticket: Ticket, form: str, status: PublicStatus) -> None:
        super().__init__(
            f"That it is not solved could be said until {until:%Y-%m-%dT%H:%M:%SZ}; nothing of this"
            f" request was kept. If the trouble is still there, send a new report at {form} and name"
            f" {ticket} in it. What was said before stands; a rating, or that it is solved, is"
            " still taken.",
            state=status,
        )


class MediaEmpty(Invalid):
    """The attachment has no bytes (422)."""

    code = "attachment-empty"

    def __init__(self) -> None:
        super().__init__("The attachment is empty.", _media_field("empty", "a file with content"))


class MediaBroken(Invalid):
    """The attachment says it is a picture and cannot be drawn (422)."""

    code = "attachment-unreadable"

    def __init__(self) -> None:
        super().__init__(
            "The picture cannot be read.", _media_field("unreadable", "a whole picture")
        )


class MediaTooLarge(TooLarge):
    """The attachment has too many bytes, or would have once it is unpacked (413)."""

    code = "attachment-too-large"

    def __init__(self, expected: str) -> None:
        super().__init__("The attachment is too large.", _media_field("too_large", expected))


class MediaTypeRefused(UnsupportedMediaType):
    """The attachment is of a kind that is not kept (415)."""

    code = "attachment-type"

    def __init__(self) -> None:
        super().__init__(
            "Attachments of this kind are not kept.",
            _media_field(
                "type", "a picture (JPEG, PNG, WebP, GIF), PDF, video or audio (MP4, Ogg)"
            ),
        )


def _media_field(code: str, expected: str) -> list[FieldError]:
    return [FieldError("/media", code, expected)]
