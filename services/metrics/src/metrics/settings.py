"""What can be configured."""

from base64 import b64decode
from binascii import Error as NotBase64
from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr
from pydantic_core import PydanticCustomError

from lintas.config import AtLeast, DatabaseSettings, KafkaSettings, KeySettings, ServiceSettings

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


class MetricsSettings(ServiceSettings, KafkaSettings, DatabaseSettings, KeySettings):
    """Everything metrics can be told."""

    quarantine_key: Key = Field(
        description="Seals records that could not be read; 32 bytes in base64."
    )
    fold_batch: int = Field(
        500, ge=1, le=5_000, description="Most records that are folded in one transaction."
    )
    report_timeout_s: float = Field(
        30.0, gt=0, le=300, description="Seconds a report may read from the database."
    )
    board_refresh_s: float = Field(
        2.0, ge=0.5, le=60, description="Seconds between two states of the live page."
    )
    stale_after_s: float = Field(
        30.0, gt=0, le=3_600, description="Seconds behind after which the page calls itself stale."
    )
