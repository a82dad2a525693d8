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
    Secret,
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


class IngestSettings(ServiceSettings, KafkaSettings, DatabaseSettings, KeySettings):
    """Everything ingest can be told."""

    vault_key: Key = Field(description="Wraps the reporters' data keys; 32 bytes in base64.")
    vault_key_previous: Key | None = Field(
        None, description="The vault key before the last rotation; what it wrapped still opens."
    )
    complaint_id_key: Secret = Field(
        description="Complaint ids and the reporters' links are derived from it; never rotate it."
    )
    quarantine_key: Key = Field(
        description="Seals records that could not be read; 32 bytes in base64."
    )
    agency_gateway_url: str = Field(
        "http://127.0.0.1:8003",
        pattern=r"^https?://[^/\s]+$",
        description="Address under which people read statements, without a final slash.",
    )
    commit_size: int = Field(
        500, ge=1, le=2_000, description="Most mentions that share one database commit."
    )
    outbox_bound: int = Field(
        200_000,
        ge=1,
        description="Events waiting for Kafka beyond which nothing more is accepted.",
    )
    outbox_keep_hours: int = Field(
        720,
        ge=1,
        description="Hours published events stay, so that a lost topic can be filled again.",
    )
