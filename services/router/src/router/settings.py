"""What can be configured."""

from base64 import b64decode
from binascii import Error as NotBase64
from datetime import timedelta
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


class RouterSettings(ServiceSettings, KafkaSettings, DatabaseSettings, KeySettings):
    """Everything the router can be told."""

    quarantine_key: Key = Field(
        description="Seals records that could not be read; 32 bytes in base64."
    )
    decide_batch: int = Field(
        500, ge=1, le=2_000, description="Most mentions that are decided and sent together."
    )
    rules_poll_s: float = Field(
        1.0, gt=0, le=60, description="Seconds between two looks at the rules topic."
    )
    rules_notice_s: float = Field(
        5.0,
        gt=0,
        le=3_600,
        description="Seconds ahead a rule set is announced that replaces another; deciding waits"
        " when the rules topic was not read for so long. More than twice the poll.",
    )

    @property
    def rules_notice(self) -> timedelta:
        """How far ahead a rule set is announced."""
        return timedelta(seconds=self.rules_notice_s)
