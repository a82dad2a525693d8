"""What can be configured."""

from base64 import b64decode
from binascii import Error as NotBase64
from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr
from pydantic_core import PydanticCustomError

from lintas.config import (
    AtLeast,
    DatabaseSettings,
    KafkaSettings,
    KeySettings,
    Names,
    ServiceSettings,
)

_KEY_BYTES = 32


def key_bytes(secret: SecretStr) -> bytes:
    """The 32 bytes of a key that is written in base64; ValueError for anything else."""
    try:
        key = b64decode(secret.get_secret_value(), validate=True)
    except NotBase64:
        key = b""
    if len(key) != _KEY_BYTES:
        raise ValueError("not 32 bytes in base64")
    return key


def _checked(secret: SecretStr) -> SecretStr:
    try:
        key_bytes(secret)
    except ValueError:
        raise PydanticCustomError("key", "must be 32 random bytes in base64") from None
    return secret


#: 32 random bytes in base64
Key = Annotated[SecretStr, AtLeast(44), AfterValidator(_checked)]


class GatewaySettings(ServiceSettings, KafkaSettings, DatabaseSettings, KeySettings):
    """Everything the agency-gateway can be told."""

    quarantine_key: Key = Field(
        description="Seals records that could not be read; 32 bytes in base64."
    )
    agencies: Names = Field(
        (),
        description="Agencies this instance serves over HTTP, all if empty; with a list it runs"
        " neither consumers nor workers.",
    )
    session_hours: int = Field(12, ge=1, le=168, description="How long a person stays signed in.")
    answers_keep_hours: int = Field(
        24, ge=1, le=720, description="How long the answer to an Idempotency-Key is kept."
    )
    outbox_keep_hours: int = Field(
        24, ge=1, le=720, description="How long published events stay in the outbox table."
    )

    @property
    def is_pinned(self) -> bool:
        """Whether it serves some agencies only."""
        return bool(self.agencies)
