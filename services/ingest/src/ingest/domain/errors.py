"""What ingest refuses, beyond what every service does."""

from lintas.vocabulary.errors import FieldError, Invalid, Malformed


class KeyReused(Invalid):
    """The Idempotency-Key was used with another body before (422)."""

    code = "idempotency-key-reused"

    def __init__(self) -> None:
        super().__init__(
            "This Idempotency-Key stands for another body. Use a fresh key for new content.",
            [FieldError("#/header/Idempotency-Key", "reused", "a key not used with another body")],
        )


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
